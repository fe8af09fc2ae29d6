// Bodies and headers over the limit, and what a client learns before it sends its body.

#include "tests/integration/http_wire_fixture.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca::test;

TEST_F(http_wire, a_body_over_the_limit_is_413_from_its_header_alone) {
  for (const auto* target : {"/add_datapoint", "/datapoints"}) {
    expect_refused(posted("Host: a\r\nContent-Length: " + std::to_string(body_limit + 1) + "\r\n", "", target), 413,
                   "too_large");
  }
  expect_refused(posted("Host: a\r\nExpect: 100-continue\r\nContent-Length: 999999999999\r\n", ""), 413, "too_large");
}

TEST_F(http_wire, a_chunked_body_over_the_limit_is_413_once_it_is_over) {
  std::string chunks;
  while (chunks.size() <= body_limit) chunks += as_chunk(std::string(8'000, ' '));
  expect_refused(chunked(chunks), 413, "too_large");
  expect_refused(chunked("fffffff\r\n"), 413, "too_large"); // announced is enough
}

TEST_F(http_wire, a_header_over_the_limit_is_431) {
  expect_refused(posted("Host: a\r\nX: " + std::string(5'000, 'x') + "\r\n", ""), 431, "too_large");
  expect_refused("GET /" + std::string(5'000, 'x'), 431, "too_large"); // without an end, too
}

TEST_F(http_wire, a_client_that_expects_100_continue_gets_it_before_it_sends_the_body) {
  raw_client client{port()};
  auto body = next_point();
  auto length = "Content-Length: " + std::to_string(body.size()) + "\r\n";
  client.write(posted("Host: a\r\nExpect: 100-continue\r\n" + length, ""));
  std::string go_on = "HTTP/1.1 100 Continue\r\n\r\n";
  EXPECT_EQ(client.read(go_on.size()), go_on);
  client.write(body);
  EXPECT_EQ(client.read_response().status, 201U);
  client.write(posted("Host: a\r\nExpect: 100-continue\r\n" + length, "", "/nothing"));
  expect_failure(client.read_response(), 404, "not_found"); // at once: it need not send it
}

} // namespace
