// Frames and responses in the bytes of a connection, cut anywhere; and the messages that are sent.

#include "net/client/load/server_frame.hpp"
#include "net/client/load/server_response.hpp"
#include "net/client/load/wire.hpp"
#include "net/websocket_frame.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace {

using namespace goloca::net::load;
using goloca::net::frame_head;
using goloca::net::frame_kind;
using nlohmann::json;
using frame_state = server_frame::state;
using response_state = server_response::state;

const goloca::net::client::url here{"127.0.0.1", "8080", ""};

std::string bytes_of(std::initializer_list<unsigned> values) {
  std::string made;
  for (auto one : values) made += static_cast<char>(one);
  return made;
}

// -- frames -------------------------------------------------------------------------------------------

TEST(server_frame, is_read_at_every_kind_of_length) {
  for (std::size_t length : {0U, 1U, 125U, 126U, 127U, 65'535U, 65'536U, 200'000U}) {
    auto payload = std::string(length, 'x');
    auto bytes = frame_head(frame_kind::text, length) + payload + "next";
    auto got = read_server_frame(bytes);
    ASSERT_EQ(got.is, frame_state::whole) << length;
    EXPECT_EQ(got.code, opcode::text);
    EXPECT_EQ(got.payload, payload) << length;
    EXPECT_EQ(got.size, bytes.size() - 4) << length;
  }
}

TEST(server_frame, is_partial_until_its_last_byte) {
  for (std::size_t length : {5U, 300U, 65'536U}) {
    auto bytes = frame_head(frame_kind::text, length) + std::string(length, 'x');
    for (std::size_t have = 0; have < bytes.size(); have += have < 20 ? 1 : 997)
      EXPECT_EQ(read_server_frame({bytes.data(), have}).is, frame_state::partial) << length << ' ' << have;
    EXPECT_EQ(read_server_frame({bytes.data(), bytes.size() - 1}).is, frame_state::partial);
  }
}

TEST(server_frame, that_breaks_the_rules_is_wrong) {
  EXPECT_EQ(read_server_frame(bytes_of({0x01, 0x01, 'x'})).is, frame_state::wrong) << "a fragment";
  EXPECT_EQ(read_server_frame(bytes_of({0x80, 0x01, 'x'})).is, frame_state::wrong) << "the end of fragments";
  EXPECT_EQ(read_server_frame(bytes_of({0xc1, 0x01, 'x'})).is, frame_state::wrong) << "a reserved bit";
  EXPECT_EQ(read_server_frame(bytes_of({0x83, 0x00})).is, frame_state::wrong) << "an unknown opcode";
  EXPECT_EQ(read_server_frame(bytes_of({0x81, 0x81, 0, 0, 0, 0, 'x'})).is, frame_state::wrong) << "masked";
  EXPECT_EQ(read_server_frame(bytes_of({0x89, 126, 0, 126})).is, frame_state::wrong) << "a long ping";
  EXPECT_EQ(read_server_frame(bytes_of({0x81, 127, 0xff, 0, 0, 0, 0, 0, 0, 0})).is, frame_state::wrong) << "no length";
}

// -- responses ----------------------------------------------------------------------------------------

TEST(server_response, is_read_by_its_content_length) {
  const std::string bytes =
      "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\ncontent-LENGTH: \t5 \r\n\r\nhello"
      "HTTP/1.1 200 OK\r\n";
  auto got = read_server_response(bytes);
  ASSERT_EQ(got.is, response_state::whole);
  EXPECT_EQ(got.status, 201U);
  EXPECT_EQ(got.body, "hello");
  EXPECT_EQ(bytes.substr(got.size), "HTTP/1.1 200 OK\r\n");
  for (std::size_t have = 0; have < got.size; ++have)
    EXPECT_EQ(read_server_response({bytes.data(), have}).is, response_state::partial) << have;
}

TEST(server_response, without_a_length_is_wrong) {
  for (const std::string head :
       {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "HTTP/1.1 two OK\r\n\r\n",
        "HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1-200 OK\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 020 OK\r\nContent-Length: 0\r\n\r\n", "hello\r\n\r\n",
        "HTTP/1.1 200 OK\r\nX-Content-Length: 5\r\n\r\nhello", "\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"})
    EXPECT_EQ(read_server_response(head).is, response_state::wrong) << head;
  EXPECT_EQ(read_server_response(std::string(100'000, 'x')).is, response_state::wrong) << "a head without end";
}

// -- what is sent -------------------------------------------------------------------------------------

/// The payload of the first client frame of `bytes`, taken off it.
std::string take_client_frame(std::string& bytes) {
  EXPECT_EQ(static_cast<unsigned char>(bytes.at(0)), 0x81U);
  auto short_length = static_cast<unsigned char>(bytes.at(1)) & 0x7fU;
  EXPECT_NE(static_cast<unsigned char>(bytes[1]) & 0x80U, 0U) << "a client must mask";
  std::size_t more = short_length == 126 ? 2 : short_length == 127 ? 8 : 0;
  std::size_t length = more == 0 ? short_length : 0;
  for (std::size_t i = 0; i < more; ++i) length = length << 8 | static_cast<unsigned char>(bytes.at(2 + i));
  EXPECT_EQ(bytes.substr(2 + more, 4), std::string(4, '\0')) << "the key";
  auto payload = bytes.substr(6 + more, length);
  bytes.erase(0, 6 + more + length);
  return payload;
}

TEST(websocket_wire, sends_rides_of_the_ids_in_frames) {
  auto speaks = speak_websocket(here, false);
  std::string out;
  speaks->append({7, 1}, out);
  speaks->append({1'795'516'217'115'608'144, 1}, out);
  auto first = json::parse(take_client_frame(out));
  EXPECT_EQ(first["id"], "7");
  EXPECT_EQ(first["user_id"], "u7");
  EXPECT_EQ(first.size(), 19U);
  EXPECT_EQ(json::parse(take_client_frame(out))["id"], "1795516217115608144");
  EXPECT_EQ(out, "");
}

TEST(websocket_wire, sends_arrays_of_every_length) {
  auto speaks = speak_websocket(here, true);
  for (std::size_t count : {1U, 2U, 11U, 200U}) {
    std::string out;
    speaks->append({95, count}, out);
    auto sent = json::parse(take_client_frame(out));
    ASSERT_EQ(sent.size(), count);
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(sent[i]["id"], std::to_string(95 + i));
    EXPECT_EQ(out, "");
  }
}

TEST(websocket_wire, answers_a_ping_and_minds_no_pong) {
  auto speaks = speak_websocket(here, false);
  std::string out;
  EXPECT_EQ(speaks->next(bytes_of({0x8a, 1, 'x'}), out).what, incoming::kind::nothing_to_us);
  EXPECT_EQ(out, "");
  auto got = speaks->next(bytes_of({0x89, 2, 'h', 'i', 0x81}), out);
  EXPECT_EQ(got.what, incoming::kind::nothing_to_us);
  EXPECT_EQ(got.size, 4U);
  EXPECT_EQ(out, bytes_of({0x8a, 0x82, 0, 0, 0, 0, 'h', 'i'}));
}

TEST(websocket_wire, says_with_which_code_the_service_closed) {
  auto speaks = speak_websocket(here, false);
  std::string out;
  auto got = speaks->next(bytes_of({0x88, 2, 0x03, 0xe9}), out);
  EXPECT_EQ(got.what, incoming::kind::broken);
  EXPECT_NE(got.why.find("1001"), std::string::npos) << got.why;
  EXPECT_NE(speaks->next(bytes_of({0x88, 0}), out).why.find("1005"), std::string::npos);
}

TEST(http_wire, posts_rides_one_by_one_or_in_bulk) {
  for (auto arrays : {false, true}) {
    auto speaks = speak_http(here, arrays);
    std::string out;
    speaks->append({9, 1}, out);
    auto once = out.size();
    speaks->append({9, 1}, out);
    EXPECT_EQ(out.substr(0, once), out.substr(once));
    auto split = out.find("\r\n\r\n");
    EXPECT_TRUE(out.starts_with(arrays ? "POST /datapoints HTTP/1.1\r\n" : "POST /add_datapoint HTTP/1.1\r\n"));
    auto head = out.substr(0, split + 2);
    auto body = out.substr(split + 4, once - split - 4);
    EXPECT_EQ(header_in(head, "content-length"), std::to_string(body.size()));
    EXPECT_EQ(header_in(head, "host"), "127.0.0.1:8080");
    auto sent = json::parse(body);
    EXPECT_EQ((arrays ? sent.at(0) : sent)["id"], "9");
  }
}

} // namespace
