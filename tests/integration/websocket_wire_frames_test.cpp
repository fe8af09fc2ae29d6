// Frames as RFC 6455 allows them, and those that end the connection, each with its code.

#include "tests/integration/websocket_wire_fixture.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using nlohmann::json;

TEST_F(websocket_wire, a_fragmented_text_is_one_message) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  std::string whole = R"({"id":"401","vehicle_model_id":"2","user_id":"caf)"
                      "\xc3\xa9\"}";
  auto inside = whole.size() - 3; // between the two bytes of a character
  client.write(frame(text, whole.substr(0, 10), false) + frame(ping, "now") + frame(continuation, "", false) +
               frame(continuation, whole.substr(10, inside - 10), false) + frame(continuation, whole.substr(inside)));
  auto answer = client.read_frame();
  EXPECT_EQ(answer.opcode, pong);
  answer = client.read_frame();
  EXPECT_EQ(answer.payload, success(401));
  EXPECT_EQ(raw_client{port()}.get("/datapoints/401").json().at("user_id"), "caf\xc3\xa9");
}

TEST_F(websocket_wire, a_protocol_error_closes_with_1002) {
  auto with_bits = [](int bits) {
    auto made = frame(text, next_point());
    made[0] = static_cast<char>(made[0] | bits);
    return made;
  };
  auto body = next_point(); // below 126 bytes: they stand in the second byte
  std::string in_two = {'\x81', '\xfe', '\0', static_cast<char>(body.size()), '\0', '\0', '\0', '\0'};
  std::string in_eight = {'\x81', '\xff', '\0', '\0', '\0', '\0', '\0', '\0', '\0', static_cast<char>(body.size())};
  for (const auto& bytes : std::vector<std::string>{
           in_two + body, in_eight + std::string(4, '\0') + body, raw_client::frame(text, next_point(), true, false),
           raw_client::frame(ping, "", true, false), with_bits(0x40), with_bits(0x20), with_bits(0x10), frame(3, "x"),
           frame(11, ""), frame(ping, "x", false), frame(ping, std::string(126, 'x')),
           frame(continuation, next_point()), frame(text, "{", false) + frame(text, "}"), frame(close_it, "x"),
           frame(close_it, "\x03\xed"), // 1005
           frame(close_it, std::string{"\0\0", 2})}) {
    expect_close(bytes, 1002);
  }
}

TEST_F(websocket_wire, a_message_over_the_limit_closes_with_1009) {
  auto part = std::string(message_limit / 2, ' ');
  expect_close(frame(text, std::string(message_limit + 1, ' ')), 1009);
  expect_close(frame(text, part, false) + frame(continuation, part, false) + frame(continuation, " "), 1009);
  expect_close(std::string{"\x81\xff\x00\x00\x01\x00\x00\x00\x00\x00", 10}, 1009); // 2^40 bytes announced
}

TEST_F(websocket_wire, a_message_of_just_the_limit_is_read) {
  raw_websocket client{port()};
  auto body = point(501).dump();
  EXPECT_EQ(client.ask(body + std::string(message_limit - body.size(), ' ')), json::parse(success(501)));
}

TEST_F(websocket_wire, text_that_is_not_utf_8_closes_with_1007) {
  std::string start = R"({"vehicle_model_id":"2","user_id":")";
  for (const std::string wrong : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80"}) {
    expect_close(frame(text, start + wrong + "\"}"), 1007);
  }
  expect_close(frame(text, start + "\xc3", false) + frame(continuation, "x\"}"), 1007);
  for (const std::string end : {"\xc3", "\xe2\x82", "\xf0\x9f\x9a"}) { // ends within a character
    expect_close(frame(text, end), 1007);
    expect_close(frame(text, end, false) + frame(continuation, ""), 1007);
  }
}

TEST_F(websocket_wire, a_binary_message_without_subprotocol_closes_with_1003) {
  expect_close(frame(binary, next_point()), 1003);
  expect_close(frame(binary, bytes_of(json::to_cbor(point(601)))), 1003);
}

TEST_F(websocket_wire, points_sent_before_a_frame_that_is_refused_are_answered_before_the_close) {
  struct refusal {
    std::string bytes;
    unsigned code;
  };
  std::int64_t id = 30'000, answered = id;
  for (const auto& each : std::vector<refusal>{{frame(binary, "x"), 1003},
                                               {frame(3, "x"), 1002},
                                               {frame(text, "\xff"), 1007},
                                               {frame(text, std::string(message_limit + 1, ' ')), 1009}}) {
    SCOPED_TRACE(each.code);
    raw_client client{port()};
    ASSERT_EQ(client.upgrade().status, 101U);
    std::string bytes;
    for (int i = 0; i < 50; ++i) bytes += frame(text, point(id++).dump());
    client.write(bytes + each.bytes);
    auto got = client.read_frame();
    for (; got.opcode == text; got = client.read_frame()) EXPECT_EQ(got.payload, success(answered++));
    EXPECT_EQ(answered, id);
    answered = id;
    EXPECT_EQ(got.opcode, close_it);
    EXPECT_EQ(got.close_code(), each.code);
  }
}

} // namespace
