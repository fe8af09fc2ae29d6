// Laws of the stores and of what they are made of.

#include "store/point_id.hpp"
#include "store/unsettled_points.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/store_worlds.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

namespace {

using namespace goloca;
using std::chrono::milliseconds;

RC_GTEST_PROP(point_id_laws, ids_only_grow_whatever_the_clock_says, ()) {
  store::point_id_source ids{*rc::gen::arbitrary<std::uint64_t>()};
  auto now = std::chrono::system_clock::time_point{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
  std::int64_t last = 0;
  for (auto steps = *rc::gen::inRange(1, 60); steps > 0; --steps) {
    now += milliseconds{*rc::gen::oneOf(rc::gen::inRange(-100'000, 100'000), rc::gen::inRange(0, 2))};
    auto id = ids.next(now);
    RC_ASSERT(id > last);
    last = id;
  }
}

/// Rows of few ids and few contents, so that there are repeats and conflicts.
store::row_block draw_repeats(std::size_t count) {
  store::row_block rows{store::rides_schema()};
  store::row_block kinds{store::rides_schema()};
  for (int i = 0; i < 3; ++i) test::draw_row(kinds, 1);
  for (std::size_t i = 0; i < count; ++i) {
    store::append_row(rows, kinds[*rc::gen::inRange<std::size_t>(0, 3)]);
    rows.set_integer(rows.of().key(), *rc::gen::inRange<std::int64_t>(1, 6));
  }
  return rows;
}

std::vector<store::row_view> views(const store::row_block& of) {
  std::vector<store::row_view> all;
  for (std::size_t i = 0; i < of.size(); ++i) all.push_back(of[i]);
  return all;
}

RC_GTEST_PROP(unsettled_points_laws, every_point_has_one_leader_in_the_order_of_ids, ()) {
  auto rows = draw_repeats(*rc::gen::inRange<std::size_t>(1, 30));
  auto points = views(rows);
  store::unsettled_points left{points};
  auto leaders = left.leaders();
  RC_ASSERT(std::ranges::is_sorted(leaders, std::less<>{}, &store::row_view::id));
  RC_ASSERT(std::ranges::adjacent_find(leaders, {}, &store::row_view::id) == leaders.end());
  for (auto point : points) RC_ASSERT(leaders[left.leader_of(point.id())].id() == point.id());
}

struct store_laws : test::over_a_store {};

/// What a list of points comes to is what its points come to one by one, also when some are there already.
TEST_P(store_laws, a_list_with_repeats_is_its_points_one_by_one) {
  auto listed = prepared();
  auto other_world = test::make_store_world(GetParam());
  auto single = other_world->prepared(store::rides_schema());
  std::int64_t epoch = 0;
  auto law = [&] {
    epoch += 10; // ids of its own for each case, for both stores live on
    auto rows = draw_repeats(*rc::gen::inRange<std::size_t>(1, 40));
    for (std::size_t part = 0, first = 0; part < 2; ++part) {
      store::row_block some{store::rides_schema()};
      auto count = part == 0 ? *rc::gen::inRange<std::size_t>(0, rows.size() + 1) : rows.size() - first;
      for (std::size_t i = 0; i < count; ++i) {
        store::append_row(some, rows[first + i]);
        some.set_integer(some.of().key(), epoch + rows[first + i].id());
      }
      first += count;
      if (count == 0) continue;
      auto points = views(some);
      auto together = test::value(listed->insert(points)).outcomes;
      std::vector<store::outcome> alone;
      for (auto point : points) alone.push_back(test::value(single->insert(std::span{&point, 1})).outcomes.at(0));
      RC_ASSERT(together == alone);
      for (auto point : points) {
        auto here = test::value(listed->find(point.id()));
        auto there = test::value(single->find(point.id()));
        RC_ASSERT(here && there && store::same_content((*here)[0], (*there)[0]));
      }
    }
  };
  EXPECT_TRUE(rc::check(law));
}

INSTANTIATE_TEST_SUITE_P(stores, store_laws, testing::Values("memory", "sqlite"),
                         [](const auto& one) { return one.param; });

} // namespace
