// How a WebSocket ends from goloca's side: a drain, a full house, a client that is silent or reads nothing. Each test
// has a service of its own.

#include "tests/support/websocket_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdint>
#include <string>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;

/// A kilobyte, which has a reply of some forty.
std::string asks_much() {
  std::string zeros = "[0";
  for (int i = 0; i < 500; ++i) zeros += ",0";
  return zeros + "]";
}

TEST(websocket_wire_ending, at_sigterm_what_was_read_is_answered_then_closed_with_1001_and_the_exit_code_is_0) {
  running_goloca service{goloca_binary()};
  raw_client client{service.port()}, silent{service.port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  ASSERT_EQ(silent.upgrade().status, 101U);
  std::string burst;
  for (std::int64_t id = 1; id <= 2'000; ++id) burst += frame(text, point(id).dump());
  client.write(burst);
  auto got = client.read_frame();
  service.terminate();
  std::int64_t id = 0, stored = 0;
  for (; got.opcode == text; got = client.read_frame()) {
    auto reply = json::parse(got.payload);
    ASSERT_EQ(reply.at("id"), std::to_string(++id));
    if (reply.at("status") == "success") {
      ++stored;
    } else { // read when the drain had begun
      EXPECT_EQ(reply.at("code"), "unavailable");
      EXPECT_TRUE(reply.contains("retry_after_ms"));
    }
  }
  EXPECT_EQ(got.opcode, close_it);
  EXPECT_EQ(got.close_code(), 1001U);
  client.write(frame(close_it, got.payload));
  EXPECT_EQ(closed_with(silent), 1001U);
  EXPECT_EQ(service.wait(), 0) << service.log();
  EXPECT_EQ(rows_in(service), stored); // no point is stored without its answer
  service.start();
  serves_again_over_websocket(service);
}

TEST(websocket_wire_ending, an_upgrade_while_draining_is_503) {
  running_goloca service{goloca_binary(), {{"DRAIN_DELAY", "3s"}}};
  service.terminate();
  auto refused = raw_client{service.port()}.upgrade(); // SIGTERM may take a moment to be noticed
  for (auto until = std::chrono::steady_clock::now() + 2s;
       refused.status == 101 && std::chrono::steady_clock::now() < until;) {
    refused = raw_client{service.port()}.upgrade();
  }
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(refused.json().at("code"), "unavailable");
  EXPECT_EQ(service.wait(), 0) << service.log();
}

TEST(websocket_wire_ending, an_upgrade_at_the_limit_of_connections_is_503) {
  running_goloca service{goloca_binary(), {{"MAX_CONNECTIONS", "1"}}};
  auto inside = let_in(service);
  ASSERT_EQ(inside->upgrade().status, 101U);
  raw_client outside{service.port()};
  auto refused = outside.upgrade();
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(refused.json().at("code"), "overloaded");
  EXPECT_EQ(outside.read_to_end(), "");
  inside->write(frame(text, point(1).dump())); // which notices nothing
  EXPECT_EQ(inside->read_frame().payload, success(1));
}

TEST(websocket_wire_ending, a_silent_client_is_pinged_and_closed_when_it_stays_silent) {
  running_goloca service{goloca_binary(), {{"PING_INTERVAL", "300ms"}}};
  raw_client silent{service.port()}, polite{service.port()};
  ASSERT_EQ(silent.upgrade().status, 101U);
  ASSERT_EQ(polite.upgrade().status, 101U);
  for (int i = 0; i < 4; ++i) { // longer than a silent one may stay
    auto asked = polite.read_frame();
    ASSERT_EQ(asked.opcode, ping);
    polite.write(frame(pong, asked.payload));
  }
  EXPECT_EQ(silent.read_frame().opcode, ping);
  EXPECT_TRUE(silent.closed_within(10s));
  polite.write(frame(text, point(1).dump()));
  auto got = polite.read_frame();
  while (got.opcode == ping) got = polite.read_frame();
  EXPECT_EQ(got.payload, success(1));
}

TEST(websocket_wire_ending, a_client_that_sends_points_and_answers_no_ping_is_not_silent) {
  running_goloca service{goloca_binary(), {{"PING_INTERVAL", "300ms"}}};
  raw_client busy{service.port()};
  ASSERT_EQ(busy.upgrade().status, 101U);
  auto longer_than_a_silent_one_may_stay = std::chrono::steady_clock::now() + 1500ms;
  int pings = 0;
  for (std::int64_t id = 1; std::chrono::steady_clock::now() < longer_than_a_silent_one_may_stay; ++id) {
    busy.write(frame(text, point(id).dump()));
    auto got = busy.read_frame();
    for (; got.opcode == ping; got = busy.read_frame()) ++pings;
    ASSERT_EQ(got.payload, success(id));
  }
  EXPECT_LT(pings, 3); // none, on a machine that is never busy for 300 ms
}

TEST(websocket_wire_ending, a_client_that_never_reads_its_replies_is_stopped_and_stops_nobody_else) {
  running_goloca service{goloca_binary(), {{"WRITE_TIMEOUT", "1s"}}};
  raw_client deaf{service.port()};
  ASSERT_EQ(deaf.upgrade().status, 101U);
  expect_given_up(deaf, frame(text, asks_much()), [&] { serves_again_over_websocket(service); });
}

TEST(websocket_wire_ending, a_client_that_never_reads_its_replies_is_reset_though_all_it_sent_was_read) {
  running_goloca service{goloca_binary(), {{"WRITE_TIMEOUT", "1s"}}};
  raw_client deaf{service.port()};
  ASSERT_EQ(deaf.upgrade().status, 101U);
  std::string burst; // its replies are more than the kernel keeps for it, and less than what it is not read on for
  for (int i = 0; i < 150; ++i) burst += frame(text, asks_much());
  deaf.write(burst);
  EXPECT_TRUE(deaf.reset_within(usual_patience)) << "else the kernel keeps those replies, and for minutes";
}

TEST(websocket_wire_ending, a_client_that_pings_and_never_reads_the_pongs_is_not_read_from_any_more) {
  running_goloca service{goloca_binary()};
  raw_client deaf{service.port()};
  ASSERT_EQ(deaf.upgrade().status, 101U);
  std::string pings;
  for (int i = 0; i < 500; ++i) pings += frame(ping, std::string(125, 'p'));
  constexpr auto most = std::size_t{256} << 20; // the kernel keeps some for it
  EXPECT_LT(deaf.write_until_stuck(pings, 100ms, most), most);
  serves_again_over_websocket(service);
}

} // namespace
