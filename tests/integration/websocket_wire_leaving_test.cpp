// A client that closes, or just leaves.

#include "tests/integration/websocket_wire_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;

TEST_F(websocket_wire, a_clients_close_is_answered_and_what_follows_it_not_taken) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  client.write(frame(close_it, "\x03\xe8goodbye") + frame(text, next_point()));
  EXPECT_EQ(closed_with(client), 1000U);
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(websocket_wire, a_client_that_leaves_in_the_middle_of_a_message_leaves_nothing_behind) {
  for (auto resets : {true, false}) {
    raw_client client{port()};
    ASSERT_EQ(client.upgrade().status, 101U);
    client.write(frame(text, next_point()).substr(0, 20));
    if (resets) {
      client.reset();
    } else {
      client.half_close();
      EXPECT_TRUE(client.closed_within(10s));
    }
  }
  EXPECT_EQ(stored_since(), 0);
}

} // namespace
