#pragma once
// Bursts of rides for the actors' tests, in few words: what counts there is each point's id, whether it is valid, and
// who gave it its id.

#include "store/row.hpp"

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

namespace goloca::test {

/// A burst being written down, row after row.
class rows_of {
public:
  rows_of();

  rows_of& point(std::int64_t id, const std::string& user = "user"); // a valid ride
  rows_of& points(std::int64_t first_id, std::uint32_t count);       // valid rides with consecutive ids
  rows_of& assigned(std::int64_t id);                                // one whose id was given by the node
  rows_of& invalid(const std::string& why = "wrong");                // the place of an item that could not be read

  [[nodiscard]] store::row_range range() const;         // all of them
  operator store::row_range() const { return range(); } // NOLINT(google-explicit-constructor): it is how one is written

private:
  store::row_block& valid(const std::string& user);

  std::shared_ptr<store::row_block> block_;
};

[[nodiscard]] store::row_range ride_range(std::initializer_list<std::int64_t> ids);
[[nodiscard]] store::row_range ride_range(std::int64_t first_id, std::uint32_t count);

[[nodiscard]] std::vector<std::int64_t> ids_of(const store::row_range& rows);

} // namespace goloca::test
