#include "actors/account.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace goloca::actors {
namespace {

constexpr verdict all_verdicts[] = {verdict::stored,     verdict::duplicate,   verdict::conflict, verdict::invalid,
                                    verdict::overloaded, verdict::unavailable, verdict::timeout};

TEST(account_test, is_conserved_when_every_point_is_answered_or_in_flight) {
  account sum;
  EXPECT_TRUE(sum.conserved());
  sum.received = 10;
  EXPECT_FALSE(sum.conserved());
  for (auto each : all_verdicts) sum.add(each, 1);
  sum.in_flight = 3;
  EXPECT_TRUE(sum.conserved());
}

TEST(account_test, says_how_many_points_are_nowhere) {
  account sum{.received = 5, .stored = 2, .in_flight = 1};
  EXPECT_EQ(sum.unaccounted(), 2);
  sum.stored = 5;
  EXPECT_EQ(sum.unaccounted(), -1) << "answered, and never received";
}

TEST(account_test, has_a_place_of_its_own_for_each_verdict) {
  for (auto each : all_verdicts) {
    account sum;
    sum.add(each, 2);
    EXPECT_EQ(sum.answered(), 2U) << to_string(each);
    account other;
    other.add(each == verdict::stored ? verdict::timeout : verdict::stored, 2);
    EXPECT_NE(sum, other) << to_string(each);
  }
}

TEST(account_test, does_not_count_late_results_in_the_sum) {
  account sum;
  sum.late = 5;
  EXPECT_TRUE(sum.conserved());
  EXPECT_EQ(sum.answered(), 0U);
}

TEST(account_test, adds_up_member_by_member) {
  account one{10, 1, 1, 1, 1, 1, 1, 1, 3, 4};
  account sum = one;
  sum += one;
  EXPECT_EQ(sum, (account{20, 2, 2, 2, 2, 2, 2, 2, 6, 8}));
  EXPECT_TRUE(sum.conserved());
}

TEST(account_test, names_each_verdict) {
  std::set<std::string> names;
  for (auto each : all_verdicts) names.insert(to_string(each));
  EXPECT_EQ(names.size(), std::size(all_verdicts));
}

} // namespace
} // namespace goloca::actors
