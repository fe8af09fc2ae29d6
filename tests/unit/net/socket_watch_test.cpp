#include "net/socket_watch.hpp"

#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>

namespace {

using namespace goloca;
using store::socket_event;

/// Two ends of a line, and the loop of an I/O thread, which runs what is ready and never waits.
struct a_socket_watch : testing::Test {
  std::array<int, 2> ends{-1, -1};
  net::asio::io_context loop{1};
  net::answer_bell bell;
  int told = 0;

  void SetUp() override { ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()), 0); }
  void TearDown() override {
    for (auto end : ends) ::close(end);
  }
  [[nodiscard]] actors::socket_watch watch() { return net::watch_socket(loop.get_executor(), bell, ends[0]); }
  [[nodiscard]] std::function<void()> count() {
    return [this] { ++told; };
  }
  void run() {
    loop.restart();
    loop.poll();
  }
  void say(char what) const { ASSERT_EQ(::send(ends[1], &what, 1, 0), 1); }
  void hear() const {
    char byte = 0;
    ASSERT_EQ(::recv(ends[0], &byte, 1, 0), 1);
  }
};

TEST_F(a_socket_watch, tells_once_that_there_is_something_to_read) {
  auto watched = watch();
  watched(socket_event::readable, count());
  run();
  EXPECT_EQ(told, 0);
  say('a');
  run();
  EXPECT_EQ(told, 1);
  say('b');
  run();
  EXPECT_EQ(told, 1) << "once for each wait";
}

TEST_F(a_socket_watch, tells_of_what_came_before_it_was_asked) {
  auto watched = watch();
  say('a');
  watched(socket_event::readable, count());
  run();
  EXPECT_EQ(told, 1);
  watched(socket_event::readable, count());
  run();
  EXPECT_EQ(told, 2) << "it is still unread";
  hear();
  watched(socket_event::readable, count());
  run();
  EXPECT_EQ(told, 2);
}

TEST_F(a_socket_watch, ends_its_threads_wait_for_answers_while_one_is_owed) {
  auto rings = [this](std::chrono::milliseconds at_most) {
    auto began = std::chrono::steady_clock::now();
    bell.wait(at_most);
    return std::chrono::steady_clock::now() - began < at_most;
  };
  auto watched = watch();
  say('a');
  EXPECT_FALSE(rings(std::chrono::milliseconds{20})) << "nobody waits for it";
  watched(socket_event::readable, count());
  EXPECT_TRUE(rings(std::chrono::minutes{1}));
  run();
  EXPECT_EQ(told, 1);
  EXPECT_FALSE(rings(std::chrono::milliseconds{20})) << "it is not read, but it was told";
}

TEST_F(a_socket_watch, tells_when_there_is_room_to_write) {
  std::array<char, 4096> much{};
  while (::send(ends[0], much.data(), much.size(), 0) > 0) continue;
  auto watched = watch();
  watched(socket_event::writable, count());
  run();
  EXPECT_EQ(told, 0);
  while (::recv(ends[1], much.data(), much.size(), 0) > 0) continue;
  run();
  EXPECT_EQ(told, 1);
}

TEST_F(a_socket_watch, tells_of_an_end_which_is_how_a_calls_clock_strikes) {
  auto watched = watch();
  watched(socket_event::readable, count());
  ::shutdown(ends[0], SHUT_RDWR);
  run();
  EXPECT_EQ(told, 1);
}

TEST_F(a_socket_watch, tells_nothing_once_it_is_gone_and_leaves_the_socket_open) {
  auto watched = watch();
  watched(socket_event::readable, count());
  watched = nullptr;
  say('a');
  run();
  EXPECT_EQ(told, 0);
  hear();
}

TEST_F(a_socket_watch, cannot_be_had_where_no_descriptor_is_left) {
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  auto none = before;
  none.rlim_cur = 0;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
  auto watched = watch();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_EQ(watched, nullptr);
}

} // namespace
