#pragma once
// Texts decoded in one line, for tests that look at what came out.

#include "net/codec.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace goloca::test {

/// What became of one text.
struct decoded_text {
  net::decoded result;
  store::row_block rows;

  [[nodiscard]] store::row_view row(std::size_t i = 0) const { return rows[i]; }
  [[nodiscard]] const store::row_fault& fault(std::size_t i = 0) const { return rows.fault(i); }
  [[nodiscard]] bool valid() const { return !rows.empty() && rows.all_valid(); }
  [[nodiscard]] std::size_t field(std::string_view member) const { return rows.of().find(member); }
};

inline decoded_text decode(std::string_view text, net::format as = net::format::json,
                           net::shape expected = net::shape::either,
                           std::shared_ptr<const store::schema> of = store::rides_schema(),
                           bool reject_unknown = false) {
  static store::point_id_source ids{7};
  decoded_text made{{}, store::row_block{of}};
  made.result = net::decoder{of, reject_unknown, ids}.decode(as, text, expected, made.rows);
  return made;
}

} // namespace goloca::test
