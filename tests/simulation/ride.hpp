#pragma once
// The points of a simulation: what counts is the id and whether two contents are the same.

#include "store/row.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace goloca::simulation {

/// One point as a client means it.
struct point {
  enum class kind : std::uint8_t { usual, without_id, invalid };
  kind what = kind::usual;
  std::int64_t id = 0;       // usual: its id; else: only a number that makes the content its own
  bool other = false;        // the id's other content, in conflict with the first: differs in one optional member
  std::int64_t assigned = 0; // without_id: the id that the session gives it; may be one that is taken

  [[nodiscard]] std::string content() const; // as content_of its row
  [[nodiscard]] std::int64_t row_id() const { return what == kind::usual ? id : assigned; }
};

void append(store::row_block& to, const point& which);

/// Everything in the row but its id, as text.
[[nodiscard]] std::string content_of(store::row_view row);

/// "7", "7 with other content", "one without id (9, given 3)", "an invalid one"
[[nodiscard]] std::string to_string(const point& which);

} // namespace goloca::simulation
