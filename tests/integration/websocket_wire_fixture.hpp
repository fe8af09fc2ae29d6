#pragma once
// The service that the tests of WebSocket on the wire share.

#include "tests/support/websocket_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace goloca::test {

constexpr std::size_t message_limit = std::size_t{64} << 10;

class websocket_wire : public wire_suite<websocket_wire> {
public:
  static environment settings() {
    return {{"MAX_MESSAGE_SIZE", std::to_string(message_limit)}, {"MAX_IN_FLIGHT", "100"}};
  }
  static void serves_again(const running_goloca& service) { serves_again_over_websocket(service); }

protected:
  static void SetUpTestSuite() { start(goloca_binary()); }

  /// Bytes after the handshake that end the connection; a good point behind them is not taken.
  void expect_close(const std::string& bytes, unsigned code) const {
    SCOPED_TRACE(nlohmann::json(bytes.substr(0, 40)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    raw_client client{port()};
    ASSERT_EQ(client.upgrade().status, 101U);
    client.write(bytes + frame(text, next_point()));
    EXPECT_EQ(closed_with(client), code);
    EXPECT_EQ(stored_since(), 0);
  }
};

} // namespace goloca::test
