// How long goloca waits for an HTTP client, and how many it lets in. Each test has a service of its own.

#include "tests/support/http_wire.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;

TEST(http_wire_patience, a_slow_header_or_body_is_408_and_closed_and_an_idle_connection_just_closed) {
  running_goloca service{goloca_binary(),
                         {{"HEADER_TIMEOUT", "300ms"}, {"BODY_TIMEOUT", "300ms"}, {"IDLE_TIMEOUT", "500ms"}}};
  raw_client header{service.port()}, body{service.port()}, chunk{service.port()}, idle{service.port()};
  header.write("POST /add_datapoint HTTP/1.1\r\nHost: a\r\n");
  body.write(posted("Host: a\r\nContent-Length: 1000\r\n", R"({"user_id":"1")"));
  chunk.write(chunked("5\r\n{    "));
  expect_failure_and_close(header, 408, "timeout");
  expect_failure_and_close(body, 408, "timeout");
  expect_failure_and_close(chunk, 408, "timeout");
  EXPECT_EQ(idle.read_to_end(), "");
  EXPECT_EQ(rows_in(service), 0);
  serves_again_over_http(service);
}

TEST(http_wire_patience, a_byte_now_and_then_does_not_win_more_time) {
  running_goloca service{goloca_binary(), {{"HEADER_TIMEOUT", "300ms"}, {"BODY_TIMEOUT", "300ms"}}};
  for (const auto& start :
       {std::string{"GET /healthz HTTP/1.1\r\nX: "}, posted("Host: a\r\nContent-Length: 1000\r\n", "")}) {
    raw_client client{service.port(), 50ms}; // which is the pause between two bytes
    client.write(start);
    raw_response reply;
    for (int i = 0; i < 200 && reply.status == 0; ++i) {
      client.write("x");
      try {
        reply = client.read_response();
      } catch (const std::runtime_error&) { // not yet
      }
    }
    expect_failure(reply, 408, "timeout");
    EXPECT_TRUE(client.closed_within(5s));
  }
  serves_again_over_http(service);
}

TEST(http_wire_patience, a_client_that_never_reads_its_replies_is_stopped_and_stops_nobody_else) {
  running_goloca service{goloca_binary(), {{"WRITE_TIMEOUT", "1s"}}};
  std::string asked;
  for (int i = 0; i < 200; ++i) asked += "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
  raw_client deaf{service.port()};
  expect_given_up(deaf, asked, [&] { serves_again_over_http(service); });
}

TEST(http_wire_patience, a_client_that_never_reads_its_replies_is_reset_though_all_it_sent_was_read) {
  running_goloca service{goloca_binary(), {{"WRITE_TIMEOUT", "1s"}}};
  std::string asked; // its replies are more than the kernel keeps for it
  for (int i = 0; i < 200; ++i) asked += "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
  raw_client deaf{service.port()};
  deaf.write(asked);
  EXPECT_TRUE(deaf.reset_within(usual_patience)) << "else the kernel keeps those replies, and for minutes";
}

TEST(http_wire_patience, at_the_limit_of_connections_a_further_one_gets_503) {
  running_goloca service{goloca_binary(), {{"MAX_CONNECTIONS", "2"}}};
  auto first = let_in(service);
  auto second = let_in(service);
  raw_client third{service.port()};
  third.write(with_length(next_point()));
  auto reply = third.read_response();
  expect_failure(reply, 503, "overloaded");
  EXPECT_EQ(reply.header("retry-after"), "1");
  EXPECT_EQ(third.read_to_end(), "");
  EXPECT_EQ(rows_in(service), 0);
  EXPECT_EQ(first->post("/add_datapoint", next_point()).status, 201U); // those inside notice nothing
  second.reset();
  EXPECT_EQ(let_in(service)->post("/add_datapoint", next_point()).status, 201U);
}

} // namespace
