// The opening handshake of a WebSocket, against RFC 6455, and what comes together with it.

#include "tests/integration/websocket_wire_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca::test;

raw_client::headers handshake(const std::string& version, const std::string& key) {
  raw_client::headers all{{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "WebSocket"}};
  all.emplace_back("Sec-WebSocket-Version", version);
  if (!key.empty()) all.emplace_back("Sec-WebSocket-Key", key);
  return all;
}

const std::string sample_key = "dGhlIHNhbXBsZSBub25jZQ=="; // of RFC 6455, 1.3

TEST_F(websocket_wire, a_correct_handshake_is_answered_as_the_rfc_has_it) {
  auto reply = raw_client{port()}.request("GET", "/ws?from=test", {}, handshake("13", sample_key));
  EXPECT_EQ(reply.status, 101U);
  EXPECT_EQ(reply.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(reply.headers.contains("sec-websocket-protocol"));
}

TEST_F(websocket_wire, a_wrong_version_is_426_and_the_right_one_named) {
  for (const auto* version : {"8", "12", "14", "0", "x"}) {
    SCOPED_TRACE(version);
    auto reply = raw_client{port()}.request("GET", "/ws", {}, handshake(version, sample_key));
    EXPECT_EQ(reply.status, 426U) << reply.body;
    EXPECT_EQ(reply.header("sec-websocket-version"), "13");
    EXPECT_EQ(reply.json().at("code"), "upgrade_required");
  }
}

TEST_F(websocket_wire, a_request_without_upgrade_is_426) {
  raw_client client{port()};
  auto reply = client.get("/ws");
  EXPECT_EQ(reply.status, 426U) << reply.body;
  EXPECT_EQ(reply.json().at("code"), "upgrade_required");
}

TEST_F(websocket_wire, a_bad_key_is_400) {
  for (const auto* key : {"", "x", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZSBub25jZSBsb25nZXI=", "dGhl*HNhbXBsZSBub25jZQ==",
                          "dGhlIHNhbXBsZSBub25jZQ"}) {
    SCOPED_TRACE(key);
    auto reply = raw_client{port()}.request("GET", "/ws", {}, handshake("13", key));
    EXPECT_EQ(reply.status, 400U) << reply.body;
    EXPECT_EQ(reply.json().at("code"), "invalid");
  }
  auto twice = handshake("13", sample_key);
  twice.emplace_back("Sec-WebSocket-Key", sample_key);
  EXPECT_EQ(raw_client{port()}.request("GET", "/ws", {}, twice).status, 400U);
}

TEST_F(websocket_wire, frames_that_come_together_with_the_handshake_are_read) {
  raw_client client{port()};
  std::string bytes = "GET /ws HTTP/1.1\r\nHost: a\r\n";
  for (const auto& [name, value] : handshake("13", sample_key)) bytes += name + ": " + value + "\r\n";
  bytes += "\r\n" + frame(text, point(101).dump()) + frame(text, point(102).dump());
  client.write(bytes);
  EXPECT_EQ(client.read_response().status, 101U);
  EXPECT_EQ(client.read_frame().payload, success(101));
  EXPECT_EQ(client.read_frame().payload, success(102));
}

TEST_F(websocket_wire, a_request_before_the_handshake_is_answered_before_it) {
  raw_client client{port()};
  auto body = point(111).dump();
  client.write("POST /add_datapoint HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  EXPECT_EQ(client.upgrade().status, 201U); // the POST's; the handshake's comes next
  EXPECT_EQ(client.read_response().status, 101U);
  client.write(frame(text, point(112).dump()));
  EXPECT_EQ(client.read_frame().payload, success(112));
}

} // namespace
