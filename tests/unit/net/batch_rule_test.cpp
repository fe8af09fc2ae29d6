#include "net/batch_rule.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using goloca::net::batch_rule;

/// A rule, and a thread that notes something every millisecond.
struct a_batch_rule : testing::Test {
  batch_rule rule;
  batch_rule::clock::time_point now{1h};
  int changes = 0;

  void SetUp() override { pass(100ms, 0); }

  /// \param of_ten  so many of ten times it paused.
  void pass(std::chrono::milliseconds time, int of_ten) {
    for (int i = 0; i < time / 1ms; ++i) {
      now += 1ms;
      if (rule.note(i % 10 < of_ten, now)) ++changes;
    }
  }
};

TEST_F(a_batch_rule, yields_where_it_pauses_often) {
  EXPECT_FALSE(rule.yields());
  pass(200ms, 5);
  EXPECT_TRUE(rule.yields());
  EXPECT_EQ(changes, 1) << "and says so once";
}

TEST_F(a_batch_rule, does_not_for_a_few_pauses) {
  pass(5ms, 10);
  pass(300ms, 0);
  EXPECT_EQ(changes, 0);
}

TEST_F(a_batch_rule, no_longer_yields_when_the_pauses_are_over) {
  pass(200ms, 5);
  pass(200ms, 0);
  EXPECT_FALSE(rule.yields());
  EXPECT_EQ(changes, 2);
}

TEST_F(a_batch_rule, keeps_to_what_it_does_where_pauses_are_about_as_many_as_it_takes) {
  pass(200ms, 5);
  for (int i = 0; i < 70; ++i) {
    pass(9ms, 0);
    pass(1ms, i % 3 > 0 ? 10 : 0); // six or seven in 100 ms
  }
  EXPECT_TRUE(rule.yields());
  EXPECT_EQ(changes, 1);
}

TEST_F(a_batch_rule, does_not_take_pauses_of_a_long_time_for_many) {
  for (int i = 0; i < 20; ++i) {
    now += i == 19 ? 1min : 1ms;
    EXPECT_FALSE(rule.note(true, now)) << "the thread slept before it noted the last one";
  }
  EXPECT_FALSE(rule.yields());
}

} // namespace
