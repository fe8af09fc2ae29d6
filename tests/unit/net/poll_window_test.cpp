#include "net/poll_window.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using goloca::net::poll_window;

TEST(a_poll_window, grows_while_waits_are_short_and_no_further_than_it_may) {
  poll_window window{100us};
  EXPECT_EQ(window.length(), 0us) << "nothing is known yet";
  for (auto expected : {10us, 40us, 100us, 100us}) {
    window.waited(90us);
    EXPECT_EQ(window.length(), expected);
  }
}

TEST(a_poll_window, stays_where_it_is_long_enough) {
  poll_window window{100us};
  window.waited(50us);
  window.waited(50us);
  for (int i = 0; i < 10; ++i) window.waited(35us);
  EXPECT_EQ(window.length(), 40us);
}

TEST(a_poll_window, closes_after_one_long_wait) {
  poll_window window{100us};
  for (int i = 0; i < 10; ++i) window.waited(90us);
  window.waited(101us);
  EXPECT_EQ(window.length(), 0us);
  window.waited(1us);
  EXPECT_EQ(window.length(), 10us) << "and opens again";
}

TEST(a_poll_window, closes_after_a_wait_in_vain) {
  poll_window window{100us};
  for (int i = 0; i < 10; ++i) window.waited(90us);
  window.waited_in_vain();
  EXPECT_EQ(window.length(), 0us);
}

TEST(a_poll_window, of_nothing_never_opens) {
  poll_window window{0us};
  for (auto wait : {0us, 1us, 1'000us}) {
    window.waited(wait);
    EXPECT_EQ(window.length(), 0us);
  }
}

} // namespace
