#include "store/copy_rule.hpp"

#include <gtest/gtest.h>

namespace {

using goloca::store::copy_rule;

/// Lets `batches` of 200 go by, every `period`-th point of which is a replay, and says how many went by COPY.
std::size_t copied(copy_rule& rule, std::size_t batches, std::size_t period) {
  std::size_t chosen = 0;
  for (std::size_t batch = 0, points = 0; batch < batches; ++batch) {
    if (rule.worth_it(200)) ++chosen;
    auto before = points / period;
    points += 200;
    rule.learn(200, points / period - before);
  }
  return chosen;
}

TEST(a_copy_rule, copies_while_every_id_is_new) {
  copy_rule rule;
  EXPECT_TRUE(rule.worth_it(1'000));
  EXPECT_TRUE(rule.worth_it(copy_rule::least_rows));
  EXPECT_FALSE(rule.worth_it(copy_rule::least_rows - 1));
  EXPECT_FALSE(rule.worth_it(1));
}

TEST(a_copy_rule, is_not_shaken_by_a_replay_now_and_then) {
  copy_rule rule;
  EXPECT_EQ(copied(rule, 1'000, 10'000), 1'000u);
}

TEST(a_copy_rule, gives_up_where_replays_are_many) {
  copy_rule rule;
  copied(rule, 200, 100); // it takes a while to learn
  EXPECT_EQ(copied(rule, 1'000, 100), 0u);
  copy_rule resent;
  resent.learn(200, 200);
  EXPECT_FALSE(resent.worth_it(200)) << "a whole batch that was sent before says enough";
}

TEST(a_copy_rule, comes_back_once_the_replays_are_over) {
  copy_rule rule;
  rule.learn(20'000, 20'000);
  EXPECT_FALSE(rule.worth_it(200));
  for (int i = 0; i < 1'000; ++i) rule.learn(200, 0);
  EXPECT_TRUE(rule.worth_it(200));
}

TEST(a_copy_rule, lets_small_runs_copy_longer_than_large_ones) {
  copy_rule rule;
  rule.learn(20'000, 40); // 1 in 500
  EXPECT_TRUE(rule.worth_it(50));
  EXPECT_FALSE(rule.worth_it(150)) << "three failures in ten";
  EXPECT_FALSE(rule.worth_it(1'000));
}

} // namespace
