#include "actors/restart_rule.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <vector>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;

constexpr restart_rule::time_point start{};

TEST(restart_rule_test, doubles_the_longest_wait_up_to_the_most) {
  restart_rule rule;
  std::vector<restart_rule::duration> waits;
  for (auto i = 0; i < 6; ++i) waits.push_back(rule.after_unavailable(1.0));
  EXPECT_EQ(waits, (std::vector<restart_rule::duration>{100ms, 200ms, 400ms, 800ms, 1s, 1s}));
}

TEST(restart_rule_test, draws_the_wait_between_nothing_and_the_longest) {
  restart_rule rule;
  EXPECT_EQ(rule.after_unavailable(0.0), 0ms);
  EXPECT_EQ(rule.after_unavailable(0.5), 100ms);
  EXPECT_EQ(rule.after_unavailable(0.25), 100ms);
}

TEST(restart_rule_test, starts_again_at_the_least_after_a_success) {
  restart_rule rule;
  for (auto i = 0; i < 5; ++i) (void)rule.after_unavailable(1.0);
  rule.succeeded();
  EXPECT_EQ(rule.after_unavailable(1.0), 100ms);
}

TEST(restart_rule_test, stays_at_the_most_however_often_it_tries) {
  restart_rule rule;
  for (auto i = 0; i < 10'000; ++i) (void)rule.after_unavailable(1.0);
  EXPECT_EQ(rule.after_unavailable(1.0), 1s);
}

TEST(restart_rule_test, gives_up_at_one_crash_more_than_the_intensity_within_the_window) {
  restart_rule rule{.intensity = 3, .window = 10s};
  EXPECT_TRUE(rule.after_crash(start, 1.0));
  EXPECT_TRUE(rule.after_crash(start + 1s, 1.0));
  EXPECT_TRUE(rule.after_crash(start + 2s, 1.0));
  EXPECT_FALSE(rule.after_crash(start + 3s, 1.0));
}

TEST(restart_rule_test, forgets_a_crash_once_it_is_a_window_past) {
  restart_rule rule{.intensity = 2, .window = 10s};
  EXPECT_TRUE(rule.after_crash(start, 1.0));
  EXPECT_TRUE(rule.after_crash(start + 9s, 1.0));
  EXPECT_TRUE(rule.after_crash(start + 10s, 1.0)) << "the first is exactly a window past";
  EXPECT_FALSE(rule.after_crash(start + 18s, 1.0));
}

TEST(restart_rule_test, counts_crashes_over_successes) {
  restart_rule rule{.intensity = 2, .window = 10s};
  for (auto i = 0; i < 2; ++i) {
    EXPECT_EQ(rule.after_crash(start, 1.0), 100ms);
    rule.succeeded();
  }
  EXPECT_FALSE(rule.after_crash(start, 1.0));
}

TEST(restart_rule_test, never_counts_what_is_merely_unavailable) {
  restart_rule rule{.intensity = 1, .window = 10s};
  for (auto i = 0; i < 100; ++i) (void)rule.after_unavailable(1.0);
  EXPECT_TRUE(rule.after_crash(start, 1.0));
}

TEST(restart_rule_test, allows_no_crash_at_an_intensity_of_zero) {
  restart_rule rule{.intensity = 0, .window = 10s};
  EXPECT_FALSE(rule.after_crash(start, 1.0));
}

} // namespace
} // namespace goloca::actors
