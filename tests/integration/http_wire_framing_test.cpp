// Where a request begins and ends, byte by byte: what is in doubt is refused, and the connection closed.

#include "tests/integration/http_wire_fixture.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace goloca::test;

TEST_F(http_wire, a_header_in_doubt_is_refused_and_the_connection_closed) {
  auto body = next_point();
  auto length = "Content-Length: " + std::to_string(body.size());
  for (const auto& lines : std::vector<std::string>{"Host: a\r\n" + length + "\r\nTransfer-Encoding: chunked\r\n",
                                                    "Host: a\r\nTransfer-Encoding: chunked\r\n" + length + "\r\n",
                                                    "Host: a\r\n" + length + "\r\nContent-Length: 5\r\n",
                                                    "Host: a\r\nContent-Length: +5\r\n",
                                                    "Host: a\r\nContent-Length: -5\r\n",
                                                    "Host: a\r\nContent-Length: 5, 5\r\n",
                                                    "Host: a\r\nContent-Length: 0x5\r\n",
                                                    "Host: a\r\nContent-Length:\r\n",
                                                    "Host: a\r\nContent-Length: 99999999999999999999999\r\n",
                                                    length + "\r\n",
                                                    "Host: a\r\nHost: a\r\n" + length + "\r\n",
                                                    "Host: a b\r\n" + length + "\r\n",
                                                    "Host: a/b\r\n" + length + "\r\n",
                                                    "Host: a\r\nX-Long: one\r\n two\r\n" + length + "\r\n",
                                                    "Host: a\r\n\tX: folded\r\n" + length + "\r\n",
                                                    "Host: a\n" + length + "\r\n",
                                                    "Host: a\r\n" + length + "\n",
                                                    "Host: a\r\nX: one\rtwo\r\n" + length + "\r\n",
                                                    "Host: a\r\nContent-Length : 5\r\n",
                                                    "Host : a\r\n" + length + "\r\n",
                                                    "Host: a\r\nno colon\r\n" + length + "\r\n",
                                                    "Host: a\r\n: nameless\r\n" + length + "\r\n",
                                                    std::string{"Host: a\r\nX: nul\0!\r\n", 20} + length + "\r\n",
                                                    "Host: a\r\nTransfer-Encoding: chunked, chunked\r\n",
                                                    "Host: a\r\nTransfer-Encoding:\r\n"}) {
    expect_refused(posted(lines, body));
  }
}

TEST_F(http_wire, a_request_line_in_doubt_is_refused_and_the_connection_closed) {
  for (const auto* bytes :
       {"GET\r\n\r\n", "GET /healthz\r\nHost: a\r\n\r\n", "GET  /healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /health z HTTP/1.1\r\nHost: a\r\n\r\n", "GET /healthz HTTP/1.1 \r\nHost: a\r\n\r\n",
        "G@T /healthz HTTP/1.1\r\nHost: a\r\n\r\n", "GET healthz HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /healthz HTTP/1.1\nHost: a\n\n", "\x16\x03\x01\x02 not for us", " GET /healthz HTTP/1.1\r\n\r\n"}) {
    expect_refused(bytes);
  }
}

TEST_F(http_wire, an_unknown_transfer_coding_is_501) {
  for (const auto* coding : {"gzip", "identity", "gzip, chunked", "chunked, gzip"}) {
    expect_refused(
        posted("Host: a\r\nTransfer-Encoding: " + std::string{coding} + "\r\n", as_chunk(next_point()) + "0\r\n\r\n"),
        501, "not_implemented");
  }
}

TEST_F(http_wire, a_chunked_body_is_read_and_a_bad_chunk_line_refused) {
  raw_client client{port()};
  auto body = next_point();
  client.write(chunked(as_chunk(body.substr(0, 10)) + "1;name=\"value\"\r\n" + body[10] + "\r\n" +
                       as_chunk(body.substr(11)) + "0\r\nX-Trailer: one\r\n\r\n"));
  auto reply = client.read_response();
  EXPECT_EQ(reply.status, 201U) << reply.body;
  ASSERT_TRUE(reply.keeps_alive);
  EXPECT_EQ(client.get("/healthz").status, 200U); // the end of the body was found
  EXPECT_EQ(stored_since(), 1);
  auto chunk = as_chunk(next_point());
  for (const auto& bad : std::vector<std::string>{
           "zz\r\n" + chunk, "\r\n" + chunk, "0x5\r\nhello\r\n", "-1\r\n", "+5\r\nhello\r\n", "5\nhello\r\n0\r\n\r\n",
           "5\rhello\r\n", "5\r\nhelloworld\r\n", "5\r\nhello\n0\r\n\r\n", "ffffffffffffffffff\r\n", " 5\r\nhello\r\n",
           "5;" + std::string(20'000, 'x') + "\r\nhello\r\n", chunk + "0\r\nbad trailer\r\n\r\n", chunk + "0\n\n"}) {
    expect_refused(chunked(bad));
  }
}

} // namespace
