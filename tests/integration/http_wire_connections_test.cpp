// HTTP connections: requests behind one another, half closed, left in the middle, kept or not.

#include "tests/integration/http_wire_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;

TEST_F(http_wire, pipelined_requests_are_answered_in_order_around_an_invalid_one) {
  raw_client client{port()};
  std::string many;
  for (std::int64_t id = 3000; id < 3200; ++id) many += with_length(id % 3 == 0 ? "{broken" : point(id).dump());
  client.write(many + "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n" + with_length(point(3200).dump()));
  for (std::int64_t id = 3000; id < 3200; ++id) {
    auto reply = client.read_response();
    ASSERT_EQ(reply.status, id % 3 == 0 ? 400U : 201U) << id << reply.body;
    ASSERT_EQ(reply.json().at("id"), id % 3 == 0 ? json{} : json(std::to_string(id)));
  }
  EXPECT_EQ(client.read_response().json().at("status"), "ok");
  EXPECT_EQ(client.read_response().json().at("id"), "3200");
}

TEST_F(http_wire, what_is_pipelined_before_broken_framing_is_answered_and_what_follows_is_not_taken) {
  raw_client client{port()};
  client.write(with_length(point(3301).dump()) + with_length(point(3302).dump()) +
               posted("Host: a\r\nContent-Length: x\r\n", "") + with_length(point(3303).dump()));
  EXPECT_EQ(client.read_response().status, 201U);
  EXPECT_EQ(client.read_response().status, 201U);
  expect_failure_and_close(client, 400, "invalid");
  EXPECT_EQ(stored_since(), 2);
  EXPECT_EQ(raw_client{port()}.get("/datapoints/3303").status, 404U);
}

TEST_F(http_wire, a_client_that_half_closes_after_its_requests_is_answered) {
  raw_client client{port()};
  client.write(with_length(point(3401).dump()) + with_length(point(3402).dump()));
  client.half_close();
  EXPECT_EQ(client.read_response().status, 201U);
  EXPECT_EQ(client.read_response().status, 201U);
  EXPECT_EQ(client.read_to_end(), "");
}

TEST_F(http_wire, a_client_that_leaves_in_the_middle_of_a_body_leaves_nothing_behind) {
  for (auto half : {false, true}) {
    raw_client client{port()};
    client.write(with_length(next_point()).substr(0, 100));
    if (half) {
      client.half_close();
      EXPECT_TRUE(client.closed_within(5s));
    } else {
      client.reset();
    }
  }
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(http_wire, connections_are_kept_as_the_version_and_the_client_want) {
  auto body = next_point();
  auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  raw_client old{port()};
  for (int i = 0; i < 2; ++i) {
    old.write("POST /add_datapoint HTTP/1.0\r\nConnection: keep-alive\r\n" + length + "\r\n" + body);
    auto reply = old.read_response();
    EXPECT_EQ(reply.status, i == 0 ? 201U : 200U) << reply.body;
    EXPECT_TRUE(reply.keeps_alive);
  }
  old.write("POST /add_datapoint HTTP/1.0\r\n" + length + "\r\n" + body);
  EXPECT_FALSE(old.read_response().keeps_alive);
  EXPECT_EQ(old.read_to_end(), "");
  raw_client modern{port()};
  auto last = modern.request("POST", "/add_datapoint", body, {{"Connection", "close"}});
  EXPECT_EQ(last.status, 200U);
  EXPECT_FALSE(last.keeps_alive);
  EXPECT_EQ(modern.read_to_end(), "");
}

} // namespace
