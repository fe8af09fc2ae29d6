// Points over a WebSocket, in text and in binary messages, and the replies to them in their order.

#include "tests/integration/websocket_wire_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using nlohmann::json;

TEST_F(websocket_wire, a_message_gets_the_seeds_reply_byte_by_byte) {
  raw_websocket client{port()};
  client.send(point(132516).dump());
  EXPECT_EQ(client.receive(), R"({"status":"success","error":null,"id":"132516"})");
  EXPECT_FALSE(client.got_binary());
  EXPECT_EQ(client.ask(point(132516).dump()),
            json::parse(R"({"status":"success","error":null,"id":"132516","duplicate":true})"));
  auto other = point(132516);
  other["user_id"] = "other";
  auto reply = client.ask(other.dump());
  EXPECT_EQ(reply.at("status"), "failed");
  EXPECT_EQ(reply.at("code"), "conflict");
  EXPECT_EQ(reply.at("id"), "132516");
  EXPECT_EQ(raw_client{port()}.get("/datapoints/132516").json(), point(132516));
  EXPECT_EQ(stored_since(), 1);
}

TEST_F(websocket_wire, an_array_gets_an_array_and_an_empty_one_an_empty_one) {
  raw_websocket client{port()};
  auto reply = client.ask(json{point(201), 7, point(201), json{{"id", 5}}, point(202)}.dump());
  ASSERT_EQ(reply.size(), 5U) << reply;
  EXPECT_EQ(reply.at(0), json::parse(success(201)));
  expect_invalid(reply.at(1));
  EXPECT_EQ(reply.at(2).at("duplicate"), true);
  expect_invalid(reply.at(3));
  EXPECT_EQ(reply.at(3).at("id"), "5");
  EXPECT_EQ(reply.at(3).at("member"), "user_id");
  EXPECT_EQ(reply.at(4), json::parse(success(202)));
  client.send("[]");
  EXPECT_EQ(client.receive(), "[]");
  EXPECT_EQ(stored_since(), 2);
}

TEST_F(websocket_wire, an_array_of_more_points_than_may_be_in_flight_is_answered_whole) {
  raw_websocket client{port()};
  auto all = json::array();
  for (std::int64_t id = 1001; id <= 1450; ++id) all.push_back(point(id));
  auto reply = client.ask(all.dump());
  ASSERT_EQ(reply.size(), 450U);
  for (std::size_t i = 0; i < reply.size(); ++i) {
    ASSERT_EQ(reply.at(i), json::parse(success(1001 + static_cast<std::int64_t>(i))));
  }
  EXPECT_EQ(stored_since(), 450);
}

TEST_F(websocket_wire, what_is_not_a_good_point_gets_a_failed_reply_and_the_connection_stays) {
  std::string good = R"("user_id":"1","vehicle_model_id":"2")";
  raw_websocket client{port()};
  for (const auto& bad :
       std::vector<std::string>{"",
                                " ",
                                "hello",
                                "null",
                                "7",
                                "{",
                                "{}",
                                "[",
                                "{" + good,
                                "{" + good + "} x",
                                "[{" + good + "},]",
                                "{" + good + ",\"from_lat\":NaN}",
                                "{" + good + ",\"from_lat\":1e400}",
                                "{" + good + ",\"from_lat\":\"1\"}",
                                "{" + good + ",\"package_id\":99999999999999999999}",
                                "{" + good + ",\"user_id\":\"1\"}",
                                "{" + good + ",\"id\":0}",
                                "{" + good + ",\"id\":-1}",
                                "{" + good + ",\"id\":9223372036854775808}",
                                "{" + good + ",\"to_area_id\":\"" + std::string(101, 'x') + "\"}",
                                R"({"user_id":"1"})",
                                R"({"vehicle_model_id":"2","user_id":"a\u0000b"})",
                                R"({"vehicle_model_id":"2","user_id":"\ud800"})",
                                "{" + good + "}" + '\0',
                                "{" + good + ",\"x\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}",
                                std::string(10'000, '[')}) {
    SCOPED_TRACE(bad.substr(0, 80));
    expect_invalid(client.ask(bad));
  }
  EXPECT_EQ(client.ask(point(301).dump()), json::parse(success(301)));
  EXPECT_EQ(stored_since(), 1);
}

TEST_F(websocket_wire, a_burst_is_answered_in_its_order) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  constexpr std::int64_t first = 10'000, last = 15'000;
  std::string burst;
  for (auto id = first; id < last; ++id) burst += frame(text, id % 100 == 7 ? "broken" : point(id).dump());
  client.write(burst);
  for (auto id = first; id < last; ++id) {
    auto reply = client.read_frame();
    ASSERT_EQ(reply.opcode, text);
    if (id % 100 == 7) {
      expect_invalid(json::parse(reply.payload));
    } else {
      ASSERT_EQ(reply.payload, success(id));
    }
  }
  EXPECT_EQ(stored_since(), 4'950);
}

TEST_F(websocket_wire, points_sent_before_a_ping_and_after_it_are_answered_and_so_is_the_ping) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  std::string bytes;
  for (std::int64_t id = 20'000; id < 20'050; ++id) bytes += frame(text, point(id).dump());
  bytes += frame(ping, "are you there?") + frame(pong, "unasked") + frame(text, point(20'050).dump());
  client.write(bytes);
  std::int64_t id = 20'000;
  auto pongs = 0;
  while (id <= 20'050 || pongs == 0) {
    auto got = client.read_frame();
    if (got.opcode == pong) {
      EXPECT_EQ(got.payload, "are you there?");
      ++pongs;
    } else {
      ASSERT_EQ(got.payload, success(id++));
    }
  }
  EXPECT_EQ(pongs, 1);
}

TEST_F(websocket_wire, binary_messages_of_an_agreed_subprotocol_are_answered_in_kind) {
  raw_websocket cbor{port(), "/ws", "goloca.cbor"};
  EXPECT_EQ(cbor.subprotocol(), "goloca.cbor");
  cbor.send_binary(bytes_of(json::to_cbor(point(701))));
  EXPECT_EQ(json::from_cbor(cbor.receive()), json::parse(success(701)));
  EXPECT_TRUE(cbor.got_binary());
  cbor.send_binary(bytes_of(json::to_cbor(json{point(702), 7})));
  EXPECT_EQ(json::from_cbor(cbor.receive()).at(0), json::parse(success(702)));
  cbor.send_binary("\xa1");
  expect_invalid(json::from_cbor(cbor.receive()));
  EXPECT_EQ(cbor.ask(point(703).dump()), json::parse(success(703))); // text is JSON here, too
  EXPECT_FALSE(cbor.got_binary());
  raw_websocket packed{port(), "/ws", "unknown, goloca.msgpack"};
  EXPECT_EQ(packed.subprotocol(), "goloca.msgpack");
  packed.send_binary(bytes_of(json::to_msgpack(point(704))));
  EXPECT_EQ(json::from_msgpack(packed.receive()), json::parse(success(704)));
  EXPECT_TRUE(packed.got_binary());
  EXPECT_EQ(stored_since(), 4);
}

TEST_F(websocket_wire, an_unknown_subprotocol_is_not_agreed_on) {
  raw_websocket client{port(), "/ws", "chat"};
  EXPECT_EQ(client.subprotocol(), "");
  EXPECT_EQ(client.ask(point(711).dump()), json::parse(success(711)));
}

} // namespace
