#pragma once
// Rows as bytes, for the links between nodes. Version 1, which never changes: per row a flag byte (bit 0: the id was
// assigned by a node), the present bits (one a field, least significant first, rounded up to bytes), then each present
// field's value: integers and doubles as 8 bytes, booleans as one, text as its length (4 bytes) and its bytes. All
// little-endian. The ends must have the same schema (digest_of).

#include "store/row.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

namespace goloca::store {

/// What tells two schemas apart, for machines: 64 hexadecimal digits (SHA-256 over every field's name, type and rules).
[[nodiscard]] std::string digest_of(const schema& of);

/// Bytes that the rows will take.
[[nodiscard]] std::size_t wire_size(row_view row);

/// Appends rows; each must be valid().
void append_wire(std::string& to, row_view row);

/// Reads exactly `count` rows, which must be all there is.
/// \return the rows as one block, or what is wrong with the bytes. Whatever they are, nothing else happens, and no more
///         memory is taken than a small multiple of their size. Rules of the schema beyond types are the sender's.
[[nodiscard]] std::variant<std::shared_ptr<const row_block>, std::string>
read_wire(std::string_view bytes, std::uint32_t count, const std::shared_ptr<const schema>& of);

} // namespace goloca::store
