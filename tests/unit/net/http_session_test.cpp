// A session over a socket of its own, in what order it does things: nothing else runs.

#include "tests/support/lone_session.hpp"
#include "tests/support/reply_stream.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca;

struct an_http_session : testing::Test {
  test::session_world world{net::net_settings{}};
  test::lone_session session{world};

  static std::string post(int id) {
    auto body = R"({"id":")" + std::to_string(id) + R"(","user_id":"1","vehicle_model_id":"2"})";
    return "POST /add_datapoint HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           body;
  }
  static std::string ask(int id) { return "GET /datapoints/" + std::to_string(id) + " HTTP/1.1\r\nHost: h\r\n\r\n"; }
  std::vector<unsigned> codes() {
    std::vector<unsigned> seen;
    for (const auto& each : test::read_responses(session.received()).all) seen.push_back(each.code);
    return seen;
  }
};

/// Found by fuzzing: the question went out at once, the points that were read before it only with the burst.
TEST_F(an_http_session, asks_for_a_point_behind_the_burst_that_it_came_in) {
  session.hold();
  session.send(post(7) + ask(7) + ask(8));
  session.release();
  EXPECT_EQ(codes(), (std::vector<unsigned>{201, 202, 404}));
  session.send(ask(7));
  EXPECT_EQ(codes().back(), 200U);
}

TEST_F(an_http_session, answers_what_was_read_whole_before_its_client_half_closed) {
  session.hold();
  session.send(post(1) + post(2) + post(3).substr(0, 30));
  session.send_no_more();
  EXPECT_FALSE(session.ended());
  session.release();
  EXPECT_EQ(codes(), (std::vector<unsigned>{201, 201}));
  EXPECT_TRUE(session.ended());
  EXPECT_EQ(session.open_sessions(), 0U);
}

} // namespace
