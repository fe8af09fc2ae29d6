#include "tests/support/http_wire.hpp"

#include <cstdio>

namespace goloca::test {

std::string posted(const std::string& lines, const std::string& body, const std::string& target) {
  return "POST " + target + " HTTP/1.1\r\n" + lines + "\r\n" + body;
}

std::string with_length(const std::string& body) {
  return posted("Host: a\r\nContent-Length: " + std::to_string(body.size()) + "\r\n", body);
}

std::string chunked(const std::string& chunks) {
  return posted("Host: a\r\nTransfer-Encoding: chunked\r\n", chunks);
}

std::string as_chunk(const std::string& data) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", data.size());
  return size + data + "\r\n";
}

void expect_failure(const raw_response& reply, unsigned status, const std::string& code) {
  ASSERT_EQ(reply.status, status) << reply.body;
  EXPECT_EQ(reply.header("content-type"), "application/json");
  auto said = reply.json();
  EXPECT_EQ(said.at("status"), "failed");
  EXPECT_EQ(said.at("code"), code) << reply.body;
  EXPECT_TRUE(said.at("error").is_string() && !said.at("error").empty()) << reply.body;
  EXPECT_TRUE(said.contains("id")) << reply.body;
  auto may_resend = code == "timeout" || code == "overloaded" || code == "unavailable";
  EXPECT_EQ(said.contains("retry_after_ms"), may_resend) << reply.body;
  EXPECT_EQ(reply.headers.contains("retry-after"), status == 503);
}

void expect_failure_and_close(raw_client& client, unsigned status, const std::string& code) {
  auto reply = client.read_response();
  expect_failure(reply, status, code);
  EXPECT_FALSE(reply.keeps_alive);
  EXPECT_EQ(client.read_to_end(), "");
}

void serves_again_over_http(const running_goloca& service) {
  auto reply = raw_client{service.port()}.post("/add_datapoint", next_point());
  EXPECT_EQ(reply.status, 201U) << reply.body;
}

} // namespace goloca::test
