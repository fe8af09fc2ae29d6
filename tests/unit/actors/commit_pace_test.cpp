#include "actors/commit_pace.hpp"

#include <gtest/gtest.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;

constexpr time_point start{};

TEST(commit_pace_test, who_was_never_measured_is_tried_first_and_then_with_one_batch) {
  commit_pace pace;
  EXPECT_EQ(pace.when_idle(start), 0ns);
  EXPECT_EQ(pace.when_busy(1, 0ns), 2s);
}

TEST(commit_pace_test, follows_what_it_is_told) {
  commit_pace pace;
  pace.note(8ms, start);
  EXPECT_EQ(pace.when_idle(start), 8ms);
  pace.note(16ms, start);
  EXPECT_EQ(pace.when_idle(start), 10ms);
  for (auto i = 0; i < 50; ++i) pace.note(4ms, start);
  EXPECT_NEAR(static_cast<double>(pace.when_idle(start).count()), 4e6, 1e4);
}

TEST(commit_pace_test, is_halved_after_each_second_without_a_batch) {
  commit_pace pace;
  pace.note(800ms, start);
  EXPECT_EQ(pace.when_idle(start + 999ms), 800ms);
  EXPECT_EQ(pace.when_idle(start + 1s), 400ms);
  EXPECT_EQ(pace.when_idle(start + 3s), 100ms);
  EXPECT_LT(pace.when_idle(start + 24h), 1ns);
  EXPECT_EQ(pace.when_idle(start - 1s), 800ms);
}

TEST(commit_pace_test, one_batch_after_a_second_without_shows_how_it_is_now) {
  commit_pace pace;
  pace.note(800ms, start);
  pace.note(4ms, start + 1003ms);
  EXPECT_EQ(pace.when_idle(start + 1003ms), 601ms) << "it was idle for 999 ms";
  pace.note(4ms, start + 2007ms);
  EXPECT_EQ(pace.when_idle(start + 2007ms), 4ms);
}

TEST(commit_pace_test, each_batch_waits_for_those_before_it) {
  commit_pace pace;
  pace.note(10ms, start);
  EXPECT_EQ(pace.when_busy(1, 2ms), 20ms);
  EXPECT_EQ(pace.when_busy(3, 2ms), 40ms);
  EXPECT_EQ(pace.when_busy(1, 500ms), 1s) << "it hangs, and that is its time now";
}

} // namespace
} // namespace goloca::actors
