#include "actors/gather_rule.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using goloca::actors::gather_rule;
using goloca::actors::time_point;

constexpr std::size_t enough = 256;

struct a_gather_rule : testing::Test {
  gather_rule rule;
  time_point now = time_point{} + 1h;
};

TEST_F(a_gather_rule, lets_one_point_alone_go_at_once) {
  rule.finished(1, 1ms, 0, enough, now);
  EXPECT_FALSE(rule.waits(1, now));
}

TEST_F(a_gather_rule, waits_until_those_that_were_answered_are_back) {
  rule.finished(8, 1ms, 8, enough, now);
  EXPECT_TRUE(rule.waits(8, now));
  EXPECT_TRUE(rule.waits(15, now + 100us));
  EXPECT_FALSE(rule.waits(16, now + 101us));
  EXPECT_FALSE(rule.waits(1, now + 102us)) << "once";
}

TEST_F(a_gather_rule, waits_as_long_as_the_commit_took_beyond_its_rows_and_never_long) {
  rule.finished(8, 1ms, 8, enough, now);
  EXPECT_EQ(rule.until(), now + 988us);
  EXPECT_TRUE(rule.waits(9, now + 987us));
  EXPECT_FALSE(rule.waits(9, now + 988us));
  rule = {};
  rule.finished(8, 1s, 8, enough, now);
  EXPECT_EQ(rule.until(), now + 5ms);
}

TEST_F(a_gather_rule, waits_a_quarter_of_a_commit_that_its_rows_account_for) {
  rule.finished(600, 1ms, 8, enough, now);
  EXPECT_EQ(rule.until(), now + 250us);
}

TEST_F(a_gather_rule, waits_as_long_again_for_the_others_where_half_are_quickly_back) {
  rule.finished(8, 1ms, 2, enough, now);
  EXPECT_TRUE(rule.waits(6, now + 988us)) << "4 of 8, and 2 came during the commit";
  EXPECT_EQ(rule.until(), now + 2 * 988us);
  EXPECT_TRUE(rule.waits(9, now + 1975us));
  EXPECT_FALSE(rule.waits(9, now + 1976us)) << "once";
}

TEST_F(a_gather_rule, ends_a_longer_wait_when_all_are_back_and_begins_each_with_a_short_one) {
  for (int i = 0; i < 3; ++i) {
    rule.finished(8, 1ms, 0, enough, now);
    EXPECT_EQ(rule.until(), now + 988us);
    EXPECT_TRUE(rule.waits(7, now + 988us));
    EXPECT_FALSE(rule.waits(8, now + 1ms)) << "all are back";
    now += 2ms;
  }
}

TEST_F(a_gather_rule, waits_no_longer_for_fewer_or_at_a_steady_rate) {
  rule.finished(8, 1ms, 2, enough, now);
  EXPECT_FALSE(rule.waits(5, now + 988us)) << "3 of 8";
  rule = {};
  rule.finished(8, 1ms, 4, enough, now);
  EXPECT_FALSE(rule.waits(9, now + 988us)) << "5 of 8, where 4 came during the commit";
  rule = {};
  rule.finished(8, 1ms, 4, enough, now);
  EXPECT_TRUE(rule.waits(10, now + 988us)) << "6: one and a half times their rate";
}

TEST_F(a_gather_rule, waits_never_more_than_5_ms) {
  rule.finished(8, 4ms, 0, enough, now);
  EXPECT_TRUE(rule.waits(7, rule.until()));
  EXPECT_EQ(rule.until(), now + 5ms);
  rule = {};
  rule.finished(8, 1s, 0, enough, now);
  EXPECT_FALSE(rule.waits(7, now + 5ms));
}

TEST_F(a_gather_rule, makes_no_large_batch_larger) {
  rule.finished(300, 1ms, 300, enough, now);
  EXPECT_FALSE(rule.waits(300, now));
}

TEST_F(a_gather_rule, does_not_take_a_steady_rate_for_clients_that_are_back) {
  constexpr std::size_t rate = 8; // a millisecond, whoever is answered
  std::size_t waits = 0;
  for (int i = 0; i < 1'000; ++i) {
    rule.finished(rate, 1ms, rate, enough, now);
    if (rule.waits(rate, now)) ++waits;
    now = rule.until() == time_point::min() ? now + 1ms : rule.until();
    EXPECT_FALSE(rule.waits(2 * rate, now)) << "as many as were answered";
  }
  EXPECT_LT(waits, 25u);
}

TEST_F(a_gather_rule, goes_on_waiting_for_those_that_are_quickly_back) {
  for (int i = 0; i < 100; ++i) {
    rule.finished(8, 1ms, 8, enough, now);
    EXPECT_TRUE(rule.waits(8, now));
    EXPECT_FALSE(rule.waits(16, now + 490us)) << "in half of the time of a commit";
    now += 2ms;
  }
}

TEST_F(a_gather_rule, tries_ever_fewer_waits_when_nobody_comes_back) {
  std::size_t waits = 0;
  for (int i = 0; i < 1'000; ++i) {
    rule.finished(8, 1ms, 8, enough, now);
    if (rule.waits(8, now)) ++waits;
    now += 1ms;
    EXPECT_FALSE(rule.waits(12, now)) << "half of them: a steady rate";
  }
  EXPECT_LT(waits, 25u);
  rule.finished(8, 1ms, 8, enough, now);
  for (int i = 0; i < 64 && !rule.waits(8, now); ++i) rule.finished(8, 1ms, 8, enough, now);
  EXPECT_FALSE(rule.waits(16, now)) << "all are back";
  rule.finished(8, 1ms, 8, enough, now);
  EXPECT_TRUE(rule.waits(8, now)) << "so they are waited for again";
}

} // namespace
