#include "net/read_pause.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using goloca::net::read_pause;

/// Time passes by hand.
struct a_read_pause : testing::Test {
  read_pause pause;
  read_pause::clock::time_point now{1h};

  void SetUp() override { pause.note(0, now); }
  void read(std::size_t often, read_pause::duration in) {
    now += in;
    pause.note(often, now);
  }
};

TEST_F(a_read_pause, is_a_part_of_a_commit_while_one_is_under_way_and_websockets_are_read_often) {
  read(100, 10ms);
  EXPECT_EQ(pause.length(), 0ns) << "nothing is being committed";
  pause.committing(1, 1ms);
  EXPECT_EQ(pause.length(), 400us);
  pause.committing(2, 2ms);
  EXPECT_EQ(pause.length(), 800us);
  pause.committing(0, 2ms);
  EXPECT_EQ(pause.length(), 0ns) << "what comes can be written at once";
}

TEST_F(a_read_pause, is_never_long) {
  read(100, 10ms);
  pause.committing(1, 30s);
  EXPECT_EQ(pause.length(), 2ms);
}

TEST_F(a_read_pause, needs_a_commit_to_go_by) {
  read(100, 10ms);
  pause.committing(1, 0ns);
  EXPECT_EQ(pause.length(), 0ns);
}

TEST_F(a_read_pause, is_not_where_it_would_spare_less_than_four_reads) {
  pause.committing(1, 1ms);
  read(99, 10ms);
  EXPECT_EQ(pause.length(), 0ns) << "3.96 in 400 us";
  read(100, 10ms);
  EXPECT_EQ(pause.length(), 400us) << "4 of them";
  pause.committing(1, 990us);
  EXPECT_EQ(pause.length(), 0ns);
}

TEST_F(a_read_pause, goes_by_the_last_millisecond) {
  pause.committing(1, 2ms);
  read(400, 1ms);
  for (int i = 0; i < 10; ++i) read(1, 5us);
  EXPECT_EQ(pause.length(), 800us) << "a moment alone says little";
  read(0, 1ms);
  EXPECT_EQ(pause.length(), 0ns) << "and then they were silent";
}

} // namespace
