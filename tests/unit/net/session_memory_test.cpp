// What sessions hold of MAX_BUFFERED_BYTES, and what they do when others hold all of it.

#include "tests/support/eventually.hpp"
#include "tests/support/lone_session.hpp"
#include "tests/support/reply_stream.hpp"
#include "tests/support/websocket_wire.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca;
using namespace std::chrono_literals;

const std::string handshake =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::string ride(int id) {
  return R"({"id":")" + std::to_string(id) + R"(","user_id":"1","vehicle_model_id":"2"})";
}

std::string rides(int first, int count) {
  std::string array = "[";
  for (int id = first; id < first + count; ++id) array += (id == first ? "" : ",") + ride(id);
  return array + "]";
}

std::string post(const std::string& path, const std::string& body) {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

std::string chunked(const std::string& body) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  return "POST /datapoints HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{size} + body +
         "\r\n0\r\n\r\n";
}

struct session_memory : testing::Test {
  static constexpr int several = 20; // points, of more than a kilobyte

  static net::net_settings bounds(std::chrono::milliseconds patience = 20s) {
    net::net_settings made;
    made.request_timeout = patience;
    return made;
  }

  test::session_world world{bounds()};
  test::lone_session session{world};
  net::byte_lease others{world.service.budget};

  /// Replies that the client of `session` does not read.
  void owe_it_much() {
    session.be_deaf();
    std::string questions;
    for (int i = 0; i < 50; ++i) questions += "GET /openapi.json HTTP/1.1\r\nHost: h\r\n\r\n";
    session.send(questions);
    EXPECT_GT(held(), 200'000U);
  }
  void others_hold_all() { others.set(world.service.budget.bound() + 1); }
  void others_give_back() { others.set(0); }
  std::size_t held() const { return world.service.budget.taken(); }

  static std::vector<unsigned> codes(const test::lone_session& of) {
    std::vector<unsigned> seen;
    for (const auto& each : test::read_responses(of.received()).all) seen.push_back(each.code);
    return seen;
  }
  static std::vector<std::string> messages(const test::lone_session& of) {
    std::vector<std::string> seen;
    for (const auto& each : test::read_frames(test::read_responses(of.received()).rest).all) {
      seen.push_back(std::to_string(each.opcode) + ' ' + each.payload);
    }
    return seen;
  }
  template <class Condition>
  static bool comes(test::lone_session& in, Condition holds) {
    return test::eventually([&] {
      in.settle();
      return holds();
    });
  }
};

TEST_F(session_memory, holds_what_waits_for_the_store_and_nothing_once_it_is_answered) {
  session.hold();
  session.send(post("/datapoints", rides(1, several)));
  EXPECT_GT(held(), 1'000U);
  session.release();
  EXPECT_EQ(codes(session), std::vector<unsigned>{200});
  EXPECT_EQ(held(), 0U);
}

TEST_F(session_memory, of_a_websocket_holds_what_waits_for_the_store_and_nothing_once_it_is_answered) {
  session.send(handshake);
  session.hold();
  session.send(test::frame(test::text, rides(1, several)));
  EXPECT_GT(held(), 1'000U);
  session.release();
  EXPECT_EQ(messages(session).size(), 1U);
  EXPECT_EQ(held(), 0U);
}

TEST_F(session_memory, of_a_websocket_holds_what_its_client_does_not_read) {
  session.send(handshake);
  session.be_deaf();
  std::string zeros = "[0";
  for (int i = 0; i < 20'000; ++i) zeros += ",0";
  session.send(test::frame(test::text, zeros + "]"));
  EXPECT_GT(held(), 1'000'000U);
  session.hear_again();
  EXPECT_EQ(messages(session).size(), 1U);
  EXPECT_EQ(held(), 0U);
  EXPECT_LT(world.scratch.body.capacity(), 1'000'000U) << "what a large reply took is kept by nobody";
}

TEST_F(session_memory, gives_back_what_a_client_did_not_read_that_hangs_up) {
  owe_it_much();
  session.hang_up();
  EXPECT_EQ(held(), 0U);
}

TEST_F(session_memory, holds_nothing_of_what_its_client_has_read_in_the_end) {
  owe_it_much();
  session.hear_again();
  EXPECT_EQ(codes(session).size(), 50U);
  EXPECT_EQ(held(), 0U);
}

const std::string announces_much = "POST /datapoints HTTP/1.1\r\nHost: h\r\nContent-Length: 8000000\r\n\r\n";

TEST_F(session_memory, holds_what_has_come_of_a_long_body_and_not_what_was_announced) {
  session.send(announces_much + std::string(10'000, ' '));
  EXPECT_EQ(held(), 0U);
  session.send(std::string(10'000, ' '));
  EXPECT_EQ(held(), 20'000U);
  session.hang_up();
  EXPECT_EQ(held(), 0U);
}

TEST_F(session_memory, of_a_websocket_holds_what_has_come_of_a_long_message) {
  session.send(handshake + test::frame(test::text, std::string(10'000, ' '), false));
  EXPECT_EQ(held(), 0U);
  session.send(test::frame(test::continuation, std::string(10'000, ' '), false));
  EXPECT_EQ(held(), 20'000U);
  session.hang_up();
  EXPECT_EQ(held(), 0U);
}

/// Who waits for room does not see that its client has left: it must not be what the others wait for.
TEST_F(session_memory, refuses_a_body_at_once_that_is_long_already_when_others_come_to_hold_all) {
  session.send(announces_much + std::string(20'000, ' '));
  others_hold_all();
  session.send(" ");
  EXPECT_EQ(codes(session), std::vector<unsigned>{503});
}

TEST_F(session_memory, closes_a_websocket_at_once_whose_message_is_long_already_when_others_come_to_hold_all) {
  session.send(handshake + test::frame(test::text, std::string(20'000, ' '), false));
  others_hold_all();
  session.send(test::frame(test::continuation, " "));
  EXPECT_EQ(messages(session), std::vector<std::string>{"8 \x03\xf5"});
}

TEST_F(session_memory, lets_bodies_wait_that_are_not_in_each_others_way) {
  test::lone_session second{world};
  others_hold_all();
  for (auto* each : {&session, &second}) each->send(announces_much + std::string(10'000, ' '));
  EXPECT_EQ(held(), world.service.budget.bound() + 1) << "the others' alone";
}

TEST_F(session_memory, lets_a_large_body_wait_while_others_hold_all) {
  others_hold_all();
  session.send(post("/datapoints", rides(1, several)));
  EXPECT_TRUE(codes(session).empty());
  others_give_back();
  EXPECT_TRUE(comes(session, [&] { return codes(session) == std::vector<unsigned>{200}; }));
}

TEST_F(session_memory, lets_a_large_body_in_chunks_wait_while_others_hold_all) {
  others_hold_all();
  session.send(chunked(rides(1, several)));
  EXPECT_TRUE(codes(session).empty());
  others_give_back();
  EXPECT_TRUE(comes(session, [&] { return codes(session) == std::vector<unsigned>{200}; }));
}

TEST_F(session_memory, lets_a_large_message_wait_while_others_hold_all) {
  session.send(handshake);
  others_hold_all();
  session.send(test::frame(test::text, rides(1, several)));
  EXPECT_TRUE(messages(session).empty());
  others_give_back();
  EXPECT_TRUE(comes(session, [&] { return messages(session).size() == 1; }));
}

TEST_F(session_memory, lets_a_large_message_in_fragments_wait_while_others_hold_all) {
  session.send(handshake);
  others_hold_all();
  auto text = rides(1, several);
  session.send(test::frame(test::text, text.substr(0, 900), false) + test::frame(test::continuation, text.substr(900)));
  EXPECT_TRUE(messages(session).empty());
  others_give_back();
  EXPECT_TRUE(comes(session, [&] { return messages(session).size() == 1; }));
}

TEST_F(session_memory, lets_a_very_large_message_wait_while_others_hold_all) {
  session.send(handshake);
  session.send(test::frame(test::text, rides(1, 5'000))); // from then on much is read at once
  others_hold_all();
  session.send(test::frame(test::text, rides(5'001, 5'000)));
  EXPECT_EQ(messages(session).size(), 1U);
  others_give_back();
  EXPECT_TRUE(comes(session, [&] { return messages(session).size() == 2; }));
  EXPECT_EQ(messages(session).back().substr(0, 2), "1 ") << "it is closed instead";
}

TEST_F(session_memory, answers_small_requests_whatever_others_hold) {
  others_hold_all();
  session.send(post("/add_datapoint", ride(1)));
  session.send("GET /healthz HTTP/1.1\r\nHost: h\r\n\r\n");
  session.send(post("/add_datapoint", ride(2)));
  EXPECT_EQ(codes(session), (std::vector<unsigned>{201, 200, 201}));
}

TEST_F(session_memory, answers_small_messages_whatever_others_hold) {
  session.send(handshake);
  others_hold_all();
  for (int id = 1; id <= 3; ++id) session.send(test::frame(test::text, ride(id)));
  EXPECT_EQ(messages(session).size(), 3U);
}

/// Each is small, but not all of them.
TEST_F(session_memory, takes_of_many_small_requests_a_few_at_a_time_while_others_hold_all) {
  others_hold_all();
  session.hold();
  std::string many;
  for (int id = 1; id <= 200; ++id) many += post("/add_datapoint", ride(id));
  session.send(many);
  EXPECT_LT(session.account().received, 100U);
  session.release();
  EXPECT_TRUE(comes(session, [&] { return codes(session).size() == 200; }));
}

TEST_F(session_memory, takes_of_many_small_messages_a_few_at_a_time_while_others_hold_all) {
  session.send(handshake);
  others_hold_all();
  session.hold();
  std::string many;
  for (int id = 1; id <= 200; ++id) many += test::frame(test::text, ride(id));
  session.send(many);
  EXPECT_LT(session.account().received, 100U);
  session.release();
  EXPECT_TRUE(comes(session, [&] { return messages(session).size() == 200; }));
}

struct impatient_session_memory : session_memory {
  test::session_world impatient{bounds(1ms)};
  test::lone_session asks{impatient};
  net::byte_lease hoard{impatient.service.budget};

  void SetUp() override { hoard.set(impatient.service.budget.bound() + 1); }
};

TEST_F(impatient_session_memory, refuses_a_large_body_with_503_after_a_while) {
  asks.send(post("/datapoints", rides(1, several)));
  EXPECT_TRUE(comes(asks, [&] { return codes(asks) == std::vector<unsigned>{503}; }));
  EXPECT_NE(asks.received().find("overloaded"), std::string::npos);
  EXPECT_TRUE(comes(asks, [&] { return asks.ended(); }));
}

TEST_F(impatient_session_memory, closes_a_websocket_with_1013_after_a_while) {
  asks.send(handshake);
  asks.send(test::frame(test::text, rides(1, several)));
  EXPECT_TRUE(comes(asks, [&] { return messages(asks) == std::vector<std::string>{"8 \x03\xf5"}; }));
}

} // namespace
