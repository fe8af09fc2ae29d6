#pragma once
// Frames byte by byte, and the replies to them, for the tests of WebSocket on the wire.

#include "tests/support/wire.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace goloca::test {

constexpr unsigned continuation = 0, text = 1, binary = 2, close_it = 8, ping = 9, pong = 10; // opcodes, RFC 6455, 5.2

[[nodiscard]] std::string frame(unsigned opcode, std::string_view payload, bool final = true);

/// The reply to a point of that id, byte by byte.
[[nodiscard]] std::string success(std::int64_t id);
void expect_invalid(const nlohmann::json& reply);

/// Reads to the other side's Close, answers it, and expects the end of the connection. \return the code.
unsigned closed_with(raw_client& client);

/// A new client's good point is stored.
void serves_again_over_websocket(const running_goloca& service);

} // namespace goloca::test
