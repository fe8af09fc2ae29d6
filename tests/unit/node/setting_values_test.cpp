#include "setting_values.hpp"

#include <gtest/gtest.h>

namespace {

using namespace goloca;
using namespace std::chrono_literals;

TEST(duration, takes_each_unit_and_a_bare_number_as_seconds) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("2h"), 2h);
  EXPECT_EQ(parse_duration("7"), 7s);
  EXPECT_EQ(parse_duration("0"), 0ms);
  EXPECT_EQ(parse_duration("0ms"), 0ms);
  EXPECT_EQ(parse_duration("010"), 10s);
}

TEST(duration, refuses_all_else) {
  for (auto text : {"", "s", "ms", "-1s", "+1s", "1.5s", "10 s", " 10s", "10s ", "10S", "10sec", "1d", "1h30m", "0x10",
                    "1e3", "ten"})
    EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(duration, refuses_what_overflows_instead_of_wrapping) {
  EXPECT_TRUE(parse_duration("9223372036854775807ms"));
  EXPECT_FALSE(parse_duration("9223372036854775808ms"));
  EXPECT_FALSE(parse_duration("9223372036854775807s"));
  EXPECT_FALSE(parse_duration("2562047788016h"));
  EXPECT_FALSE(parse_duration("99999999999999999999999999"));
}

TEST(duration, shows_what_parses_to_the_same) {
  for (auto text : {"0", "1ms", "250ms", "1500ms", "1s", "60s", "90s", "75s", "2m", "5m", "1h", "24h"})
    EXPECT_EQ(show_duration(*parse_duration(text)), text);
}

TEST(size, takes_binary_units_and_a_bare_number_as_bytes) {
  EXPECT_EQ(parse_size("512"), 512);
  EXPECT_EQ(parse_size("512B"), 512);
  EXPECT_EQ(parse_size("16KiB"), 16'384);
  EXPECT_EQ(parse_size("8MiB"), 8'388'608);
  EXPECT_EQ(parse_size("1GiB"), 1'073'741'824);
}

TEST(size, refuses_units_that_mean_two_things_and_all_else) {
  for (auto text :
       {"", "KiB", "1k", "1K", "1m", "1M", "1g", "1KB", "1MB", "1GB", "1kib", "1 MiB", "-1", "1.5MiB", "1TiB"})
    EXPECT_FALSE(parse_size(text)) << text;
}

TEST(size, refuses_what_overflows) {
  EXPECT_FALSE(parse_size("8589934592GiB"));
  EXPECT_FALSE(parse_size("9223372036854775808"));
  EXPECT_TRUE(parse_size("8589934591GiB"));
}

TEST(size, shows_what_parses_to_the_same) {
  for (auto text : {"0", "1B", "1000B", "1KiB", "1025B", "8MiB", "3GiB"}) EXPECT_EQ(show_size(*parse_size(text)), text);
}

TEST(integer, is_all_digits) {
  EXPECT_EQ(parse_integer("-5"), -5);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  for (auto text : {"", " 1", "1 ", "+1", "1.0", "1e3", "0x1f", "1,000", "9223372036854775808", "--1", "-"})
    EXPECT_FALSE(parse_integer(text)) << text;
}

TEST(boolean, takes_the_usual_words_in_any_case) {
  for (auto text : {"true", "TRUE", "yes", "On", "1"}) EXPECT_EQ(parse_boolean(text), true) << text;
  for (auto text : {"false", "False", "no", "OFF", "0"}) EXPECT_EQ(parse_boolean(text), false) << text;
  for (auto text : {"", "2", "t", "y", "enabled", "tru", "01"}) EXPECT_FALSE(parse_boolean(text)) << text;
}

TEST(address, is_a_literal) {
  EXPECT_EQ(parse_address("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(parse_address("::1"), "::1");
  EXPECT_EQ(parse_address("localhost"), "127.0.0.1");
  for (auto text : {"", "example.com", "1.2.3", "1.2.3.256", "01.2.3.4", "[::1]", "::1::", "1.2.3.4 ", "*"})
    EXPECT_FALSE(parse_address(text)) << text;
  EXPECT_FALSE(parse_address(std::string_view{"1.2.3.4\0x", 9}));
}

TEST(an_endpoint, needs_an_address_and_a_port) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:9180"), (endpoint{"127.0.0.1", 9180}));
  EXPECT_EQ(parse_endpoint("[::1]:0"), (endpoint{"::1", 0}));
  EXPECT_EQ(parse_endpoint("localhost:65535"), (endpoint{"127.0.0.1", 65535}));
  for (auto text : {"", ":", "9180", ":9180", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536", "127.0.0.1:-1",
                    "127.0.0.1:x", "::1:9180", "[::1]", "[::1:80", "[]:80", "[127.0.0.1]:80", "name:80"})
    EXPECT_FALSE(parse_endpoint(text)) << text;
}

TEST(an_endpoint, shows_what_parses_to_the_same) {
  for (auto text : {"127.0.0.1:9180", "[::1]:80", "[::]:0"}) EXPECT_EQ(show_endpoint(*parse_endpoint(text)), text);
}

TEST(printable, lets_nothing_through_that_moves_a_terminal) {
  EXPECT_EQ(printable("a\x1b[31mb\n\r\t\x7f"), R"(a\x1b[31mb\x0a\x0d\x09\x7f)");
  EXPECT_EQ(printable("caf\xc3\xa9"), "caf\xc3\xa9");
  EXPECT_EQ(printable("\xc2\x9b"), R"(\xc2\x9b)"); // a control sequence introducer in UTF-8
  EXPECT_EQ(printable("\xff\xc3"), R"(\xff\xc3)");
}

TEST(printable, cuts_a_long_text_between_characters) {
  std::string long_text;
  for (int i = 0; i < 200; ++i) long_text += "\xc3\xa9";
  auto cut = printable(long_text);
  EXPECT_EQ(cut.size(), 2u * 100 + 3);
  EXPECT_TRUE(is_utf8(cut));
}

TEST(utf8, is_as_rfc_3629_has_it) {
  for (auto good : {"", "a", "\xc2\x80", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(good));
  for (auto bad : {"\x80", "\xc0\xaf", "\xc1\xbf", "\xc3", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf",
                   "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "a\xe2\x82"})
    EXPECT_FALSE(is_utf8(bad));
}

TEST(nearest, finds_the_name_that_was_meant) {
  std::vector<std::string> names{"PORT", "STORE", "MAX_BODY_SIZE", "POSTGRES_PASSWORD"};
  EXPECT_EQ(nearest("PROT", names), "PORT");
  EXPECT_EQ(nearest("port", names), "PORT");
  EXPECT_EQ(nearest("MAX_BODYSIZE", names), "MAX_BODY_SIZE");
  EXPECT_EQ(nearest("POSTGRES_PASWORT", names), "POSTGRES_PASSWORD");
  EXPECT_EQ(nearest("SOMETHING_ELSE", names), "");
  EXPECT_EQ(nearest("", names), "");
}

TEST(edit_distance, counts_a_swap_once) {
  EXPECT_EQ(edit_distance("PROT", "PORT"), 1u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
  EXPECT_EQ(edit_distance("same", "same"), 0u);
}

} // namespace
