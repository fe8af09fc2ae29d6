#include "store/call_clock.hpp"

#include <gtest/gtest.h>

#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace {

using goloca::store::call_clock;
using namespace std::chrono_literals;
using steady = std::chrono::steady_clock;

struct socket_pair {
  socket_pair() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends.data()), 0); }
  ~socket_pair() {
    for (int end : ends) ::close(end);
  }
  socket_pair(const socket_pair&) = delete;
  socket_pair& operator=(const socket_pair&) = delete;

  /// Blocks until the socket is shut down.
  [[nodiscard]] ssize_t read() const {
    char byte = 0;
    return ::read(ends[0], &byte, 1);
  }
  [[nodiscard]] bool usable() const { return ::send(ends[0], "x", 1, MSG_NOSIGNAL) == 1; }

  std::array<int, 2> ends{};
};

TEST(call_clock, ends_a_blocked_read_at_its_deadline) {
  call_clock clock;
  socket_pair sockets;
  auto started = steady::now();
  clock.arm(sockets.ends[0], started + 50ms);
  EXPECT_EQ(sockets.read(), 0);
  EXPECT_GE(steady::now() - started, 50ms);
  clock.disarm();
  EXPECT_TRUE(clock.struck());
}

TEST(call_clock, leaves_a_call_alone_that_returned_in_time) {
  call_clock clock;
  socket_pair disarmed;
  socket_pair next;
  clock.arm(disarmed.ends[0], steady::now() + 20ms);
  clock.disarm();
  clock.arm(next.ends[0], steady::now() + 100ms);
  EXPECT_EQ(next.read(), 0); // by now the first deadline is long past
  EXPECT_TRUE(disarmed.usable());
}

TEST(call_clock, notices_a_deadline_that_is_sooner_than_the_last) {
  call_clock clock;
  socket_pair slow;
  socket_pair quick;
  clock.arm(slow.ends[0], steady::now() + 1h);
  clock.disarm();
  EXPECT_FALSE(clock.struck());
  clock.arm(quick.ends[0], steady::now() + 20ms);
  EXPECT_EQ(quick.read(), 0);
  EXPECT_TRUE(slow.usable());
}

TEST(call_clock, strikes_at_once_when_the_deadline_is_past) {
  call_clock clock;
  socket_pair sockets;
  clock.arm(sockets.ends[0], steady::now() - 1s);
  EXPECT_EQ(sockets.read(), 0);
}

TEST(call_clock, ends_while_armed) {
  socket_pair sockets;
  {
    call_clock clock;
    clock.arm(sockets.ends[0], steady::now() + 1h);
  }
  EXPECT_TRUE(sockets.usable());
}

TEST(call_clock, survives_many_short_calls) {
  call_clock clock;
  socket_pair sockets;
  for (int i = 0; i < 20'000; ++i) {
    clock.arm(sockets.ends[0], steady::now() + 1min);
    clock.disarm();
  }
  EXPECT_FALSE(clock.struck());
  EXPECT_TRUE(sockets.usable());
}

} // namespace
