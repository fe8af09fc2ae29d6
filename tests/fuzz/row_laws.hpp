#pragma once
// What holds of every row that any text was decoded to.

#include "net/codec.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace goloca::fuzz {

/// A text decoded into a block of its own.
struct reading {
  net::decoded result{};
  store::row_block rows;

  [[nodiscard]] bool all_valid() const { return rows.all_valid(); }
};

/// By the byte: the rides, or the sensors, of which other members are required.
std::shared_ptr<const store::schema> schema_of(unsigned choice);

reading read(net::format as, std::string_view text, net::shape expected, const std::shared_ptr<const store::schema>& of,
             bool reject_unknown = false);

/// The count is that of the rows; a valid row keeps to its schema; an invalid one has a fault that can be told in every
/// format; what is encoded and decoded again says the same.
void check_rows(const reading& got);

/// Of two readings of the same points: the same rows are valid, with the same content but for the ids that were
/// assigned.
void check_same(const reading& one, const reading& other, std::string_view law);

} // namespace goloca::fuzz
