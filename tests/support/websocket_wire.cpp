#include "tests/support/websocket_wire.hpp"

#include <chrono>
#include <exception>

namespace goloca::test {

std::string frame(unsigned opcode, std::string_view payload, bool final) {
  return raw_client::frame(opcode, payload, final);
}

std::string success(std::int64_t id) {
  return R"({"status":"success","error":null,"id":")" + std::to_string(id) + "\"}";
}

void expect_invalid(const nlohmann::json& reply) {
  EXPECT_EQ(reply.at("status"), "failed") << reply;
  EXPECT_EQ(reply.at("code"), "invalid") << reply;
  EXPECT_TRUE(reply.at("error").is_string() && !reply.at("error").empty()) << reply;
  EXPECT_TRUE(reply.contains("id")) << reply;
}

unsigned closed_with(raw_client& client) {
  auto last = client.read_frame();
  while (last.opcode != close_it) last = client.read_frame();
  try {
    client.write(frame(close_it, last.payload));
    client.half_close();
  } catch (const std::exception&) { // after a protocol error it need not wait for this
  }
  EXPECT_TRUE(client.closed_within(std::chrono::seconds{10}));
  return last.close_code();
}

void serves_again_over_websocket(const running_goloca& service) {
  raw_websocket client{service.port()};
  auto reply = client.ask(next_point());
  EXPECT_EQ(reply.at("status"), "success") << reply;
}

} // namespace goloca::test
