// Sessions whose socket fails at each step in turn, as boost::beast::test::stream's fail counter would have it, but
// below the very sockets that serve: no crash, no leak, no hang, and an account that comes out even.

#include "tests/support/io_steps.hpp"
#include "tests/support/lone_session.hpp"
#include "tests/support/reply_stream.hpp"
#include "tests/support/websocket_wire.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace goloca;
using test::io_fault;

std::string ride(int id) {
  return R"({"id":")" + std::to_string(id) + R"(","user_id":"1","vehicle_model_id":"2"})";
}

std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: h\r\n" + fields + "Content-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

std::string chunked(const std::string& body) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", body.size());
  return "POST /add_datapoint HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string{size} + body +
         "\r\n0\r\n\r\n";
}

/// What a client sends, piece by piece: it waits between them.
using conversation = std::vector<std::string>;

const conversation over_http = {post("/add_datapoint", ride(1)) + post("/add_datapoint", ride(2)),
                                post("/add_datapoint", ride(3)).substr(0, 60),
                                post("/add_datapoint", ride(3)).substr(60),
                                chunked(ride(4)),
                                post("/datapoints", "[" + ride(5) + "," + ride(1) + ",7]"),
                                "GET /datapoints/1 HTTP/1.1\r\nHost: h\r\n\r\n",
                                "POST /add_datapoint HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: " +
                                    std::to_string(ride(6).size()) + "\r\n\r\n",
                                ride(6),
                                post("/add_datapoint", ride(9), "Connection: close\r\n")};

const conversation over_websocket = {
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n" +
        test::frame(test::text, ride(1)),
    test::frame(test::text, ride(2)) + test::frame(test::text, "[" + ride(3) + "," + ride(1) + ",7]"),
    test::frame(test::ping, "there?"), test::frame(test::text, "no point"), test::frame(test::close_it, "\x03\xe8")};

struct session_case {
  const char* name;
  const conversation* talk;
  bool websocket;
};

/// The ids that the client was told are stored, as far as whole replies came.
std::multiset<std::int64_t> told(const std::string& received, bool websocket) {
  std::multiset<std::int64_t> ids;
  auto note = [&ids](const nlohmann::json& reply) {
    for (auto id : test::stored_ids_in(reply)) ids.insert(id);
  };
  auto responses = test::read_responses(received);
  EXPECT_EQ(responses.fault, "");
  for (const auto& each : responses.all) {
    if (auto document = each.cut || each.body.empty() ? std::nullopt : each.document()) note(*document);
  }
  if (!websocket) return ids;
  auto frames = test::read_frames(responses.rest);
  EXPECT_EQ(frames.fault, "");
  for (const auto& each : frames.all) {
    if (each.opcode == 1) note(nlohmann::json::parse(each.payload));
  }
  return ids;
}

class session_at_each_step : public testing::TestWithParam<session_case> {
protected:
  struct outcome {
    std::size_t steps = 0;
    std::multiset<std::int64_t> stored{}; // as the client was told
    actors::account total{};
  };

  /// Holds the conversation with that fault from that step on, and looks at what must hold whatever happens.
  outcome talk(io_fault what, std::size_t from, bool late_answers) {
    outcome made;
    test::lone_session session{world_};
    {
      test::io_steps steps{session.server_descriptor(), what, from};
      for (const auto& piece : *GetParam().talk) {
        if (late_answers) session.hold();
        session.send(piece);
        if (late_answers) session.release();
      }
      EXPECT_TRUE(session.settle()) << "it goes round for ever";
      made.steps = steps.taken();
      session.hang_up();
    }
    EXPECT_EQ(session.open_sessions(), 0U) << "a session outlives its client";
    made.total = session.account();
    EXPECT_TRUE(made.total.conserved());
    EXPECT_EQ(made.total.in_flight, 0U);
    EXPECT_EQ(session.table()->size(), made.total.stored);
    made.stored = told(session.received(), GetParam().websocket);
    EXPECT_LE(made.stored.size(), made.total.stored + made.total.duplicate);
    for (auto id : made.stored) {
      EXPECT_TRUE(session.table()->row(id)) << id;
      EXPECT_LE(made.stored.count(id), id == 1 ? 2U : 1U) << "answered twice: " << id;
    }
    return made;
  }

private:
  test::session_world world_{net::net_settings{}};
};

TEST_P(session_at_each_step, answers_all_when_nothing_fails) {
  auto whole = talk(io_fault::none, 0, false);
  EXPECT_GT(whole.steps, 8U);
  EXPECT_EQ(whole.total.duplicate, 1U);
  EXPECT_EQ(whole.stored.size(), whole.total.stored + 1);
}

TEST_P(session_at_each_step, ends_with_its_socket_wherever_that_breaks) {
  for (bool late : {false, true}) {
    auto steps = talk(io_fault::none, 0, late).steps;
    for (std::size_t from = 0; from <= steps; ++from) {
      SCOPED_TRACE("step " + std::to_string(from) + (late ? ", late answers" : ""));
      auto broken = talk(io_fault::reset, from, late);
      EXPECT_LE(broken.steps, from + 3) << "it goes on with a broken socket";
    }
  }
}

TEST_P(session_at_each_step, answers_the_same_a_byte_at_a_time) {
  for (bool late : {false, true}) {
    auto whole = talk(io_fault::none, 0, late);
    for (std::size_t from = 0; from < whole.steps; ++from) {
      SCOPED_TRACE("step " + std::to_string(from) + (late ? ", late answers" : ""));
      auto slow = talk(io_fault::one_byte, from, late);
      EXPECT_EQ(slow.stored, whole.stored);
      EXPECT_EQ(slow.total, whole.total);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(transports, session_at_each_step,
                         testing::Values(session_case{"http", &over_http, false},
                                         session_case{"websocket", &over_websocket, true}),
                         [](const auto& one) { return std::string{one.param.name}; });

} // namespace
