#include "net/answer_bell.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace {

using namespace std::chrono_literals;
using goloca::net::answer_bell;

/// A wait ends at once, or it lasts as long as it may: a minute where it is to end, 20 ms where it is not.
struct an_answer_bell : testing::Test {
  answer_bell bell;
  std::array<int, 2> ends{-1, -1};

  void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0); }
  void TearDown() override {
    for (auto end : ends) ::close(end);
  }
  void answer() const { ASSERT_EQ(::send(ends[1], "a", 1, 0), 1); }
  [[nodiscard]] bool lasts(std::chrono::nanoseconds at_most) {
    auto began = std::chrono::steady_clock::now();
    bell.wait(at_most);
    return std::chrono::steady_clock::now() - began >= at_most;
  }
};

TEST_F(an_answer_bell, waits_as_long_as_it_may_where_nothing_comes) {
  bell.watch(ends[0]);
  EXPECT_TRUE(lasts(20ms));
}

TEST_F(an_answer_bell, is_heard_when_it_was_rung_before) {
  bell.ring();
  EXPECT_FALSE(lasts(1min));
  bell.clear();
  EXPECT_TRUE(lasts(20ms));
  bell.ring();
  EXPECT_FALSE(lasts(1min)) << "it rings again";
}

TEST_F(an_answer_bell, is_heard_when_another_thread_rings) {
  std::thread other{[this] {
    for (int i = 0; i < 3; ++i) bell.ring();
  }};
  EXPECT_FALSE(lasts(1min));
  other.join();
  bell.clear();
  EXPECT_TRUE(lasts(20ms)) << "once, however often it was rung";
}

TEST_F(an_answer_bell, is_rung_by_an_answer_on_a_socket) {
  bell.watch(ends[0]);
  answer();
  EXPECT_FALSE(lasts(1min));
  bell.forget(ends[0]);
  EXPECT_TRUE(lasts(20ms)) << "nobody waits for it any more";
}

TEST_F(an_answer_bell, is_rung_by_a_database_that_hangs_up) {
  bell.watch(ends[0]);
  ::shutdown(ends[1], SHUT_RDWR);
  EXPECT_FALSE(lasts(1min));
}

} // namespace
