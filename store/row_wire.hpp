#pragma once
// Rows as bytes, for the links between nodes. Version 1, which never changes: per row a byte of flags (bit 0: a node
// assigned the id), the present bits (one a field, lowest first, rounded up to bytes), then the value of each field
// that is present: numbers in 8 bytes, booleans in one, text as its length in 4 and its bytes. All little-endian. Both
// ends have the same schema.

#include "store/row.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>

namespace goloca::store {

/// Bytes that append_wire will add.
[[nodiscard]] std::size_t wire_size(row_view row);

/// \param row  valid()
void append_wire(std::string& to, row_view row);

/// Reads exactly `count` rows, which must be all there is.
/// \return the rows as one block, or what is wrong with the bytes: whatever they are, nothing else happens. Each row
/// has
///         an id of 1 or more and values that fit their types; the schema's narrower rules are the sender's to keep.
[[nodiscard]] std::variant<std::shared_ptr<const row_block>, std::string>
read_wire(std::string_view bytes, std::uint32_t count, const std::shared_ptr<const schema>& of);

} // namespace goloca::store
