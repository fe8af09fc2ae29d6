// A session reads its client's messages in two ways: itself, where one has come whole in one frame, and by Beast. What
// it answers does not show which.

#include "tests/support/io_steps.hpp"
#include "tests/support/lone_session.hpp"
#include "tests/support/reply_stream.hpp"
#include "tests/support/websocket_wire.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace {

using namespace goloca;

const std::string handshake =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

std::string ride(int id) {
  return R"({"id":")" + std::to_string(id) + R"(","user_id":"1","vehicle_model_id":"2"})";
}

/// Replies and the Close that a client gets for these bytes; pongs, which overtake them, are left out.
std::vector<std::string> answers_to(test::session_world& world, const std::vector<std::string>& pieces) {
  test::lone_session session{world};
  session.send(handshake);
  for (const auto& each : pieces) session.send(each);
  session.send_no_more();
  auto frames = test::read_frames(test::read_responses(session.received()).rest);
  EXPECT_EQ(frames.fault, "");
  std::vector<std::string> told;
  for (const auto& each : frames.all) {
    if (each.opcode != 10) told.push_back(std::to_string(each.opcode) + ' ' + each.payload);
  }
  return told;
}

std::string draw_text(int id) {
  auto text = *rc::gen::element<std::string>(ride(id), "[" + ride(id) + ",7]", "[]", "", "{", "no point",
                                             R"({"id":"1","user_id":"caf)"
                                             "\xc3\xa9\"}",
                                             "[" + ride(id) + std::string(3'000, ' ') + "]",
                                             "[" + ride(id) + std::string(5'000, ' ') + "]", std::string(9'000, ' '),
                                             "\xc3", ride(id) + "\xff");
  return text;
}

std::string in_fragments(const std::string& text) {
  auto first = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
  std::string between =
      *rc::gen::element<std::string>("", test::frame(test::ping, "there?"), test::frame(test::continuation, "", false));
  return test::frame(test::text, text.substr(0, first), false) + between +
         test::frame(test::continuation, text.substr(first));
}

RC_GTEST_PROP(websocket_session_laws, a_message_in_fragments_is_answered_as_one_that_is_whole, ()) {
  static auto& world = *new test::session_world{[] {
    net::net_settings bounds;
    bounds.max_message = 8'192;
    return bounds;
  }()}; // outlives CAF's own statics
  std::string whole, mixed;
  auto count = *rc::gen::inRange(1, 12);
  for (int id = 1; id <= count; ++id) {
    auto text = draw_text(id);
    whole += test::frame(test::text, text);
    mixed += *rc::gen::arbitrary<bool>() ? in_fragments(text) : test::frame(test::text, text);
  }
  std::vector<std::string> pieces;
  std::minstd_rand random{*rc::gen::arbitrary<std::uint32_t>()};
  for (std::size_t at = 0; at < mixed.size(); at += pieces.back().size()) {
    pieces.push_back(mixed.substr(at, 1 + random() % 4'000));
  }
  auto expected = answers_to(world, {whole});
  RC_ASSERT(!expected.empty());
  RC_ASSERT(answers_to(world, pieces) == expected);
}

struct a_websocket_session : testing::Test {
  test::session_world world{net::net_settings{}};
  test::lone_session session{world};

  std::size_t replies() {
    std::size_t count = 0;
    for (const auto& each : test::read_frames(test::read_responses(session.received()).rest).all) {
      if (each.opcode == 1) ++count;
    }
    return count;
  }
};

TEST_F(a_websocket_session, reads_a_burst_of_messages_in_a_few_turns_of_its_thread) {
  session.send(handshake);
  constexpr int messages = 200;
  std::string burst;
  for (int id = 1; id <= messages; ++id) burst += test::frame(test::text, ride(id));
  auto before = session.turns();
  session.send(burst);
  EXPECT_EQ(replies(), messages);
  EXPECT_LT(session.turns() - before, 40U); // Beast takes one and more a message
}

TEST_F(a_websocket_session, answers_a_flood_of_empty_arrays_at_once) {
  session.send(handshake);
  constexpr int messages = 5'000;
  std::string flood;
  for (int i = 0; i < messages; ++i) flood += test::frame(test::text, "[]");
  test::io_steps steps{session.server_descriptor(), test::io_fault::none, 0};
  session.send(flood);
  EXPECT_EQ(replies(), messages);
  EXPECT_LT(steps.taken(), 100U) << "a system call for each would keep its thread from all others";
}

TEST_F(a_websocket_session, does_not_read_on_while_many_replies_wait_for_a_client_that_reads_none) {
  session.send(handshake);
  session.be_deaf();
  std::string zeros = "[0"; // a long reply to a short message
  for (int i = 0; i < 500; ++i) zeros += ",0";
  std::string flood;
  for (int i = 0; i < 200; ++i) flood += test::frame(test::text, zeros + "]");
  session.send(flood);
  EXPECT_GT(session.unread(), 0U) << "each read fills the buffer: it went on without a look at what waits to be sent";
}

TEST_F(a_websocket_session, reads_what_came_together_with_its_upgrade) {
  session.send(handshake + test::frame(test::text, ride(1)) + test::frame(test::text, "[" + ride(2), false) +
               test::frame(test::continuation, "]") + test::frame(test::text, ride(3)));
  EXPECT_EQ(replies(), 3U);
}

TEST_F(a_websocket_session, counts_its_reads_and_http_does_not) {
  session.send("POST /add_datapoint HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(ride(1).size()) +
               "\r\n\r\n" + ride(1));
  EXPECT_EQ(world.round.take_reads(), 0U);
  session.send(handshake);
  world.round.take_reads();
  session.send(test::frame(test::text, ride(2)) + test::frame(test::text, ride(3)));
  EXPECT_EQ(world.round.take_reads(), 1U) << "that came together";
  session.send(test::frame(test::text, ride(4)));
  session.send(test::frame(test::text, ride(5)));
  EXPECT_EQ(world.round.take_reads(), 2U);
}

} // namespace
