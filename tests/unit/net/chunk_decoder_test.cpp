#include "net/chunk_decoder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using goloca::net::chunk_decoder;
using state = goloca::net::chunk_decoder::state;
using namespace std::string_literals;
using ::testing::HasSubstr;

struct read_body {
  state end;
  std::string body;
  std::string rest;
  std::string why;
};

read_body read(const std::string& bytes, std::size_t step = std::string::npos, std::size_t most = 1'000) {
  chunk_decoder decoder{most};
  read_body made{state::need_more, "", "", ""};
  for (std::size_t at = 0; at < bytes.size() && made.end == state::need_more;) {
    auto part = std::string_view{bytes}.substr(at, step);
    auto rest = part;
    made.end = decoder.feed(rest, made.body);
    at += part.size() - rest.size();
    made.rest = bytes.substr(at);
  }
  made.why = decoder.why();
  return made;
}

TEST(chunks, are_joined_however_the_bytes_come) {
  auto bytes = "5\r\nhello\r\n1;a=\"b c\";d\r\n \r\n000A \t;x\r\n0123456789\r\n0\r\nTrailer: x\r\nOther:\r\n\r\nGET /"s;
  for (std::size_t step = 1; step <= bytes.size(); ++step) {
    auto got = read(bytes, step);
    EXPECT_EQ(got.end, state::done) << step << got.why;
    EXPECT_EQ(got.body, "hello 0123456789");
    EXPECT_EQ(got.rest, "GET /");
  }
}

TEST(chunks, may_be_none) {
  EXPECT_EQ(read("0\r\n\r\n").end, state::done);
  EXPECT_EQ(read("000\r\n\r\n").end, state::done);
  EXPECT_EQ(read("0;a\r\n\r\n").end, state::done);
}

TEST(chunks, may_hold_any_bytes) {
  auto got = read("6\r\n\r\n\0\xff\r\n\r\n0\r\n\r\n"s);
  EXPECT_EQ(got.end, state::done);
  EXPECT_EQ(got.body, "\r\n\0\xff\r\n"s);
}

TEST(chunks, wait_for_the_rest) {
  auto whole = "5\r\nhello\r\n0\r\nA: b\r\n\r\n"s;
  for (std::size_t at = 0; at < whole.size(); ++at) EXPECT_EQ(read(whole.substr(0, at)).end, state::need_more) << at;
}

TEST(chunks, are_refused_when_they_are_doubtful) {
  for (const auto& bytes : {"\r\n"s,
                            "x\r\n"s,
                            " 5\r\nhello\r\n"s,
                            "5 \r\nhello\r\n"s,
                            "5\t\r\nhello\r\n"s,
                            "0x5\r\nhello\r\n"s,
                            "+5\r\nhello\r\n"s,
                            "-5\r\nhello\r\n"s,
                            "5\nhello\r\n"s,
                            "5\r\nhello\n"s,
                            "5\r\nhelloX\r\n"s,
                            "5\r\nhello\rX"s,
                            "5\r\r\nhello"s,
                            "5,5\r\n"s,
                            "5.\r\n"s,
                            "5 5\r\n"s,
                            "5\0\r\n"s,
                            "5;a\0\r\n"s,
                            "5;a\rb\r\n"s,
                            "5;a\nb"s,
                            ";a\r\n"s,
                            "g\r\n"s,
                            "00000000000000005\r\nhello\r\n"s,
                            "0\r\n bad\r\n\r\n"s,
                            "0\r\nbad\r\n\r\n"s,
                            "0\r\nA : b\r\n\r\n"s,
                            "0\r\nA: b\0\r\n\r\n"s,
                            "0\r\nA: b\n\r\n"s,
                            "0\r\n\n"s,
                            "0\r\n\rX\r\n"s}) {
    auto got = read(bytes);
    EXPECT_EQ(got.end, state::fault) << bytes;
    EXPECT_FALSE(got.why.empty()) << bytes;
    EXPECT_EQ(read(bytes, 1).end, state::fault) << bytes;
  }
}

TEST(chunks, are_bounded_by_the_body_they_make) {
  EXPECT_EQ(read("A\r\n0123456789\r\n0\r\n\r\n", std::string::npos, 10).end, state::done);
  EXPECT_EQ(read("B\r\n", std::string::npos, 10).end, state::too_large) << "from the size alone";
  EXPECT_EQ(read("A\r\n0123456789\r\n1\r\n", std::string::npos, 10).end, state::too_large);
  EXPECT_EQ(read("FFFFFFFFFFFFFFFF\r\n").end, state::too_large);
  EXPECT_EQ(read("1\r\na\r\nFFFFFFFFFFFFFFFF\r\n").end, state::too_large);
}

TEST(chunks, are_bounded_in_what_is_not_body) {
  EXPECT_EQ(read(std::string(2'000, '0')).end, state::fault);
  EXPECT_EQ(read("1;" + std::string(2'000, 'a')).end, state::fault) << "before its end has come";
  std::string chatty;
  for (int i = 0; i < 100; ++i) chatty += "1;" + std::string(900, 'a') + "\r\nx\r\n";
  EXPECT_EQ(read(chatty).end, state::fault);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 10'000; ++i) trailers += "A: b\r\n";
  EXPECT_THAT(read(trailers).why, HasSubstr("trailers"));
}

} // namespace
