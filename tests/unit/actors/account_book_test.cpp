#include "actors/account_book.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace goloca::actors {
namespace {

account_report report(transport by, account change) {
  return {by, {change, {}}};
}

TEST(account_book_test, keeps_each_transport_by_itself) {
  account_book book;
  book.add(report(transport::http, {.received = 3, .stored = 2, .in_flight = 1}));
  book.add(report(transport::websocket, {.received = 1, .invalid = 1}));
  EXPECT_EQ(book.points[0].points, (account{.received = 3, .stored = 2, .in_flight = 1}));
  EXPECT_EQ(book.points[1].points, (account{.received = 1, .invalid = 1}));
  EXPECT_EQ(book.sum(), (account{.received = 4, .stored = 2, .invalid = 1, .in_flight = 1}));
}

TEST(account_book_test, a_change_may_take_points_out_of_flight) {
  account_book book;
  book.add(report(transport::http, {.received = 3, .in_flight = 3}));
  book.add(report(transport::http, {.timeout = 2, .in_flight = std::uint64_t{0} - 2}));
  EXPECT_EQ(book.sum(), (account{.received = 3, .timeout = 2, .in_flight = 1}));
  EXPECT_TRUE(book.sum().conserved());
}

TEST(account_book_test, what_a_pool_counted_stays_when_the_next_begins) {
  account_book book;
  pool_counts first, second;
  first.batch_points.observe(10);
  second.batch_points.observe(1);
  auto batches = [&] {
    node_status found;
    book.copy_to(found);
    return found.of_pools.batch_points.count();
  };
  book.pools.know(first);
  EXPECT_EQ(batches(), 1U);
  book.pools.know(first);
  EXPECT_EQ(batches(), 1U) << "asked twice";
  first.batch_points.observe(10);
  book.pools.end(first);
  EXPECT_EQ(batches(), 2U);
  book.pools.know(second);
  EXPECT_EQ(batches(), 3U);
}

TEST(account_book_test, names_each_part_and_transport) {
  std::set<std::string> names{to_string(transport::http), to_string(transport::websocket)};
  for (std::size_t i = 0; i < node_parts; ++i) names.insert(to_string(static_cast<node_part>(i)));
  EXPECT_EQ(names.size(), transports + node_parts);
}

} // namespace
} // namespace goloca::actors
