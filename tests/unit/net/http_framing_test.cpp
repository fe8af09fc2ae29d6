// Which headers are taken, which refused, and what a session learns from one.

#include "net/http_framing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace goloca::net;
using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Views in a request_head point into the text, so it is kept.
struct read_text {
  explicit read_text(std::string header) : text{std::move(header)}, result{read_head(text)} {}
  std::string text;
  std::variant<request_head, framing_fault> result;
  [[nodiscard]] bool good() const { return std::holds_alternative<request_head>(result); }
  [[nodiscard]] const request_head& head() const { return std::get<request_head>(result); }
  [[nodiscard]] const framing_fault& fault() const { return std::get<framing_fault>(result); }
};

/// A POST with Host and these further lines.
read_text with_fields(const std::string& lines) {
  return read_text{"POST /add_datapoint HTTP/1.1\r\nHost: x\r\n" + lines + "\r\n"};
}

read_text with_request_line(const std::string& line) {
  return read_text{line + "\r\nHost: x\r\n\r\n"};
}

// -- what is read ----------------------------------------------------------------------------------

TEST(head, tells_a_session_what_it_needs) {
  auto read = read_text{
      "POST /datapoints?x=1&y=%20 HTTP/1.1\r\nHost: localhost:8080\r\ncontent-type:\t application/json \t\r\n"
      "CONTENT-LENGTH: 17\r\nContent-Encoding: gzip\r\nAccept: */*\r\nExpect: 100-Continue\r\nX-Other: é\r\n\r\n"};
  ASSERT_TRUE(read.good()) << read.fault().why;
  const auto& head = read.head();
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/datapoints");
  EXPECT_EQ(head.query, "x=1&y=%20");
  EXPECT_EQ(head.minor_version, 1U);
  EXPECT_EQ(head.host, "localhost:8080");
  EXPECT_EQ(head.content_type, "application/json");
  EXPECT_EQ(head.content_length, 17U);
  EXPECT_EQ(head.content_encoding, "gzip");
  EXPECT_EQ(head.accept, "*/*");
  EXPECT_TRUE(head.expect_continue && head.keep_alive && head.has_body());
  EXPECT_FALSE(head.chunked || head.upgrade_websocket);
}

TEST(head, has_defaults_for_what_is_absent) {
  auto read = read_text{"GET / HTTP/1.1\r\nHost: x\r\n\r\n"};
  ASSERT_TRUE(read.good());
  EXPECT_EQ(read.head().content_length, std::nullopt);
  EXPECT_EQ(read.head().content_type, "");
  EXPECT_EQ(read.head().query, "");
  EXPECT_FALSE(read.head().has_body() || read.head().expect_continue);
  EXPECT_TRUE(read.head().keep_alive);
}

TEST(head, reads_a_websocket_upgrade) {
  auto read = read_text{"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: h2c, WebSocket\r\nConnection: keep-alive, Upgrade\r\n"
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
                        "Sec-WebSocket-Protocol: chat, goloca.cbor\r\nSec-WebSocket-Protocol: goloca.msgpack\r\n\r\n"};
  ASSERT_TRUE(read.good());
  EXPECT_TRUE(read.head().upgrade_websocket);
  EXPECT_EQ(read.head().websocket_key, "dGhlIHNhbXBsZSBub25jZQ==");
  EXPECT_EQ(read.head().websocket_version, "13");
  EXPECT_THAT(read.head().websocket_protocols, ElementsAre("chat", "goloca.cbor", "goloca.msgpack"));
}

TEST(head, needs_both_connection_and_upgrade_for_an_upgrade) {
  EXPECT_FALSE(with_fields("Upgrade: websocket\r\n").head().upgrade_websocket);
  EXPECT_FALSE(with_fields("Connection: upgrade\r\n").head().upgrade_websocket);
  EXPECT_FALSE(with_fields("Upgrade: websockets\r\nConnection: upgrade\r\n").head().upgrade_websocket);
  EXPECT_FALSE(
      read_text{"GET /ws HTTP/1.0\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n"}.head().upgrade_websocket);
}

TEST(head, keeps_alive_by_version_and_connection) {
  EXPECT_TRUE(with_fields("Connection: keep-alive\r\n").head().keep_alive);
  EXPECT_FALSE(with_fields("Connection: close\r\n").head().keep_alive);
  EXPECT_FALSE(with_fields("Connection: Keep-Alive, CLOSE\r\n").head().keep_alive);
  EXPECT_FALSE(with_fields("Connection: te\r\nConnection: close\r\n").head().keep_alive);
  EXPECT_FALSE(read_text{"GET / HTTP/1.0\r\n\r\n"}.head().keep_alive);
  EXPECT_TRUE(read_text{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"}.head().keep_alive);
}

TEST(head, answers_no_expectation_of_http_1_0_and_ignores_unknown_ones) {
  EXPECT_FALSE(
      read_text{"POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"}.head().expect_continue);
  EXPECT_FALSE(with_fields("Expect: the-best\r\n").head().expect_continue);
}

TEST(head, splits_the_target) {
  struct target_case {
    std::string target, path, query;
  };
  for (const auto& [target, path, query] : std::vector<target_case>{{"/", "/", ""},
                                                                    {"/a/b", "/a/b", ""},
                                                                    {"/a?", "/a", ""},
                                                                    {"/a?b?c", "/a", "b?c"},
                                                                    {"//a", "//a", ""},
                                                                    {"/a%2fb", "/a%2fb", ""},
                                                                    {"http://h:80/a?b", "/a", "b"},
                                                                    {"HTTPS://h", "/", ""},
                                                                    {"http://h?b", "/", "b"},
                                                                    {"/http://h/", "/http://h/", ""}}) {
    auto read = with_request_line("GET " + target + " HTTP/1.1");
    ASSERT_TRUE(read.good()) << target;
    EXPECT_EQ(read.head().path, path) << target;
    EXPECT_EQ(read.head().query, query) << target;
  }
  EXPECT_EQ(with_request_line("OPTIONS * HTTP/1.1").head().path, "*");
}

TEST(head, passes_over_one_empty_line_before_it) {
  EXPECT_TRUE(read_text{"\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"}.good());
  EXPECT_FALSE(read_text{"\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"}.good());
}

TEST(head, takes_hosts) {
  for (const auto* host :
       {"a", "a.b-c_d~e", "127.0.0.1:80", "[::1]", "[::1]:8080", "[2001:db8::1.2.3.4]", "a:", "x%20y", "a:65535"})
    EXPECT_TRUE(read_text{"GET / HTTP/1.1\r\nHost: "s + host + "\r\n\r\n"}.good()) << host;
  EXPECT_TRUE(read_text{"GET / HTTP/1.0\r\n\r\n"}.good()) << "HTTP/1.0 needs none";
}

TEST(head, takes_plain_lengths) {
  EXPECT_EQ(with_fields("Content-Length: 0\r\n").head().content_length, 0U);
  EXPECT_FALSE(with_fields("Content-Length: 0\r\n").head().has_body());
  EXPECT_EQ(with_fields("Content-Length: 007\r\n").head().content_length, 7U);
  EXPECT_EQ(with_fields("Content-Length: 999999999999999999\r\n").head().content_length, 999999999999999999U);
  EXPECT_EQ(with_fields("Content-Length: 5\r\nContent-Length: 5\r\n").head().content_length, 5U);
  EXPECT_TRUE(with_fields("Transfer-Encoding: Chunked\r\n").head().chunked);
}

// -- what is refused -------------------------------------------------------------------------------

struct refused_fields {
  std::string lines;
  std::string why;
  ending what = ending::bad_request;
};

TEST(head, refuses_doubtful_framing) {
  const std::vector<refused_fields> cases = {
      {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "both"},
      {"Transfer-Encoding: gzip\r\nContent-Length: 5\r\n", "both"},
      {"Content-Length: 5\r\nContent-Length: 6\r\n", "twice with different values"},
      {"Content-Length: 5, 5\r\n", "plain digits"},
      {"Content-Length: +5\r\n", "plain digits"},
      {"Content-Length: -5\r\n", "plain digits"},
      {"Content-Length: 5 5\r\n", "plain digits"},
      {"Content-Length: 0x5\r\n", "plain digits"},
      {"Content-Length: 5.0\r\n", "plain digits"},
      {"Content-Length:\r\n", "plain digits"},
      {"Content-Length: 1000000000000000000\r\n", "at most 18"},
      {"Content-Length: 99999999999999999999999\r\n", "at most 18"},
      {"Transfer-Encoding: chunked, chunked\r\n", "once"},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "once"},
      {"Transfer-Encoding: chunked\r\nTransfer-Encoding:\r\n", "once"}, // others refuse it, or read it otherwise
      {"Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n", "once"},
      {"Transfer-Encoding:\r\n", "once"},
      {"Transfer-Encoding: ,\r\n", "once"},
      {"Transfer-Encoding: identity\r\n", "only chunked", ending::not_implemented},
      {"Transfer-Encoding: gzip, chunked\r\n", "only chunked", ending::not_implemented},
      {"Transfer-Encoding: chunked, gzip\r\n", "only chunked", ending::not_implemented},
      {"Transfer-Encoding: xchunked\r\n", "only chunked", ending::not_implemented},
      {"Transfer-Encoding: \"chunked\"\r\n", "only chunked", ending::not_implemented},
      {"Transfer-Encoding: chunked;a=b\r\n", "only chunked", ending::not_implemented},
      {"Transfer-Encoding: \x0b"
       "chunked\r\n",
       "control"},
      {"Content-Length : 5\r\n", "before a header's colon"},
      {"Transfer-Encoding\t: chunked\r\n", "before a header's colon"},
      {"A: b\r\n folded\r\n", "folding"},
      {"A: b\r\n\tfolded\r\n", "folding"},
      {"A: b\r\n \r\n", "folding"},
      {"no colon\r\n", "no colon"},
      {": value\r\n", "not a word"},
      {"A B: c\r\n", "not a word"},
      {"A(: c\r\n", "not a word"},
      {"A\x01: c\r\n", "not a word"},
      {"\xc3\xa9: c\r\n", "not a word"},
      {"A\0B: c\r\n"s, "not a word"},
      {"A: b\0c\r\n"s, "control"},
      {"A: b\x7f\r\n", "control"},
      {"A: b\rc\r\n", "control"},
      {"A: b\r\r\n", "control"},
      {"A: b\nc: d\r\n", "LF without CR"},
      {"A: b\n", "LF without CR"},
      {"Host: x\r\n", "Host comes twice"},
      {"Content-Type: a/b\r\nContent-Type: a/c\r\n", "Content-Type comes twice"},
      {"Content-Encoding:\r\nContent-Encoding: gzip\r\n", "Content-Encoding comes twice"},
      {"Sec-WebSocket-Key: a\r\nSec-WebSocket-Key: b\r\n", "Sec-WebSocket-Key comes twice"},
  };
  for (const auto& [lines, why, what] : cases) {
    auto read = with_fields(lines);
    ASSERT_FALSE(read.good()) << lines;
    EXPECT_THAT(read.fault().why, HasSubstr(why)) << lines;
    EXPECT_EQ(read.fault().what, what) << lines;
  }
}

TEST(head, refuses_transfer_encoding_in_http_1_0) {
  auto read = read_text{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n"};
  ASSERT_FALSE(read.good());
  EXPECT_THAT(read.fault().why, HasSubstr("HTTP/1.0"));
}

TEST(head, refuses_a_missing_or_invalid_host) {
  EXPECT_FALSE((read_text{"GET / HTTP/1.1\r\n\r\n"}.good()));
  EXPECT_FALSE((read_text{"GET http://x/ HTTP/1.1\r\n\r\n"}.good()));
  EXPECT_FALSE((read_text{"GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n"}.good()));
  for (const auto* host :
       {"",     "a b", "a,b", "a/b", "a@b",   "a?",     "a#",   "a:b", "a:80:80", "a:123456", "a:-1",  ":80",
        "[::1", "::1", "[]",  "[1]", "[::g]", "[::1]x", "a\\b", "a%2", "a%zz",    "<a>",      "\"a\"", "é"})
    EXPECT_FALSE(read_text{"GET / HTTP/1.1\r\nHost: "s + host + "\r\n\r\n"}.good()) << host;
}

TEST(head, refuses_other_request_lines) {
  for (const auto& line : {"GET /"s,
                           "GET"s,
                           ""s,
                           "GET  / HTTP/1.1"s,
                           "GET /  HTTP/1.1"s,
                           " GET / HTTP/1.1"s,
                           "GET / HTTP/1.1 "s,
                           "GET\t/\tHTTP/1.1"s,
                           "GET /a b HTTP/1.1"s,
                           "GET / HTTP/2.0"s,
                           "GET / HTTP/1.2"s,
                           "GET / HTTP/0.9"s,
                           "GET / http/1.1"s,
                           "GET / HTTP/1.10"s,
                           "GET / HTTP/1"s,
                           "GET / HTTPS/1.1"s,
                           "GET / 1.1"s,
                           "G(T / HTTP/1.1"s,
                           "G\0T / HTTP/1.1"s,
                           "GET /\0 HTTP/1.1"s,
                           "GET /\x7f HTTP/1.1"s,
                           "GET /\xc3\xa9 HTTP/1.1"s,
                           "GET /#a HTTP/1.1"s,
                           "GET a HTTP/1.1"s,
                           "GET * HTTP/1.1"s,
                           "GET ftp://h/ HTTP/1.1"s,
                           "GET http:///a HTTP/1.1"s,
                           "GET http://a@b/ HTTP/1.1"s,
                           "CONNECT a:80 HTTP/1.1"s,
                           "GET / HTTP/1.1\rx"s,
                           "GET /\r HTTP/1.1"s,
                           "PRI * HTTP/2.0"s})
    EXPECT_FALSE(with_request_line(line).good()) << line;
}

TEST(head, refuses_a_header_without_its_end_or_with_more_behind) {
  std::string whole = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  for (std::size_t at = 0; at < whole.size(); ++at) EXPECT_FALSE(read_text{whole.substr(0, at)}.good()) << at;
  EXPECT_FALSE(read_text{whole + "x"}.good());
}

// -- where it ends ---------------------------------------------------------------------------------

TEST(header_end, is_found_however_the_bytes_come) {
  std::string whole = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
  auto bytes = whole + "GET /next";
  for (std::size_t step = 1; step < 9; ++step) {
    std::size_t from = 0;
    for (std::size_t have = step;; have += step) {
      auto end = find_header_end(std::string_view{bytes}.substr(0, have), from);
      if (have < whole.size()) {
        ASSERT_EQ(end, std::string_view::npos) << have;
      } else {
        EXPECT_EQ(end, whole.size());
        break;
      }
      from = have;
    }
  }
  EXPECT_EQ(find_header_end("", 0), std::string_view::npos);
  EXPECT_EQ(find_header_end("\r\nGET / HTTP/1.1\r\n\r\n", 0), 20U);
}

TEST(header_end, is_where_something_is_wrong_so_that_nobody_waits) {
  for (const auto* bytes :
       {"GET / HTTP/1.1\nHost", "\x16\x03\x01", "\n", " GET", "\r\n\r\n", "GET / HTTP/1.1\r\nA: b\nC"}) {
    auto end = find_header_end(bytes, 0);
    ASSERT_NE(end, std::string_view::npos) << bytes;
    EXPECT_TRUE(std::holds_alternative<framing_fault>(read_head(std::string_view{bytes}.substr(0, end)))) << bytes;
  }
}

} // namespace
