#include "store/unsettled_points.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using store::outcome;
using store::unsettled_points;
using test::rows;
using testing::ElementsAre;

std::vector<std::int64_t> ids(const unsettled_points& of) {
  std::vector<std::int64_t> all;
  for (auto leader : of.leaders()) all.push_back(leader.id());
  return all;
}

TEST(unsettled_points, leads_with_the_first_of_each_id_in_order_of_ids) {
  rows points{store::rides_schema()};
  points.ride(9, "first").ride(3).ride(9, "second").ride(5);
  auto views = points.views();
  unsettled_points left{views};
  EXPECT_THAT(ids(left), ElementsAre(3, 5, 9));
  EXPECT_EQ(left.leaders()[2].text(1), "first");
  EXPECT_EQ(left.leader_of(5), 1u);
}

TEST(unsettled_points, settles_repeats_of_a_new_row_by_their_content) {
  rows points{store::rides_schema()};
  points.ride(9, "a").ride(9, "b").ride(9, "a");
  auto views = points.views();
  unsettled_points left{views};
  left.stored(0);
  EXPECT_FALSE(left.next_round());
  EXPECT_THAT(left.take().outcomes, ElementsAre(outcome::stored, outcome::conflict, outcome::duplicate));
}

TEST(unsettled_points, settles_repeats_of_a_taken_id_by_the_row_that_has_it) {
  rows points{store::rides_schema()};
  points.ride(9, "a").ride(9, "there").ride(9, "a");
  rows stored{store::rides_schema()};
  stored.ride(9, "there");
  auto views = points.views();
  unsettled_points left{views};
  left.taken(0, stored[0]);
  EXPECT_FALSE(left.next_round());
  EXPECT_THAT(left.take().outcomes, ElementsAre(outcome::conflict, outcome::duplicate, outcome::conflict));
}

TEST(unsettled_points, gives_other_content_of_a_refused_id_a_round_of_its_own) {
  rows points{store::rides_schema()};
  points.ride(9, "bad").ride(8).ride(9, "good").ride(9, "bad").ride(9, "good");
  auto views = points.views();
  unsettled_points left{views};
  left.stored(0);
  left.refused(1, "23514", "no");
  ASSERT_TRUE(left.next_round());
  EXPECT_THAT(ids(left), ElementsAre(9));
  left.stored(0);
  EXPECT_FALSE(left.next_round());
  auto done = left.take();
  EXPECT_THAT(done.outcomes,
              ElementsAre(outcome::invalid, outcome::stored, outcome::stored, outcome::invalid, outcome::duplicate));
  ASSERT_EQ(done.refusals.size(), 2u);
  EXPECT_EQ(done.refusals[0].index, 0u);
  EXPECT_EQ(done.refusals[1].index, 3u);
  EXPECT_EQ(done.refusals[1].sqlstate, "23514");
}

} // namespace
