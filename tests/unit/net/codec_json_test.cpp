// JSON itself: what is JSON and what is not, told by the grammar and by a second reader.

#include "net/codec.hpp"

#include "tests/support/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace goloca;
using test::decode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A ride whose unknown member `x` holds that text.
std::string around(const std::string& value) {
  return R"({"user_id":1,"x":)" + value + R"(,"vehicle_model_id":2})";
}

bool is_json(const std::string& text) {
  auto got = decode(text);
  return got.rows.empty() || got.row().valid() || !got.fault().message.starts_with("not JSON");
}

const std::vector<std::string> good_values = {
    "0",
    "-0",
    "1",
    "-1",
    "10",
    "0.0",
    "-0.5",
    "1e1",
    "1E1",
    "1e+1",
    "1e-1",
    "1.5e10",
    "1e400",
    "-1e400",
    "1e-400",
    "0e0",
    "123456789012345678901234567890123456789",
    "true",
    "false",
    "null",
    "\"\"",
    "\"a\"",
    "\"\\\"\"",
    "\"\\\\\"",
    "\"\\/\"",
    "\"\\b\\f\\n\\r\\t\"",
    "\"\\u0041\"",
    "\"\\u00E9\\u00e9\"",
    "\"\\ud83d\\ude00\"",
    "\"\\uD83D\\uDE00\"",
    "\"\\u0000\"",
    "\"\\uffff\"",
    "\"\\udbff\\udfff\"",
    "\"\x7f\"",
    "\"é\"",
    "\"\xf4\x8f\xbf\xbf\"",
    "\"\xee\x80\x80\"",
    "[]",
    "{}",
    "[[]]",
    "[1,2]",
    "[ 1 , 2 ]",
    "{\"a\":{}}",
    "{\"a\":1,\"a\":2}",
    "{\"\":0}",
    " \t\n\r1 \t\n\r",
    "{ \"a\" : [ { } ] }",
    "\"\\\\u0000\"",
    "[\"]\",\"}\"]",
    "\"/* no comment */\"",
};

const std::vector<std::string> bad_values = {
    "",
    "+1",
    "01",
    "-01",
    "00",
    "-",
    "1.",
    ".5",
    "1.e1",
    "1e",
    "1e+",
    "1E-",
    "0x1",
    "1_000",
    "1,000",
    "NaN",
    "Infinity",
    "-Infinity",
    "nan",
    "True",
    "TRUE",
    "tru",
    "truee",
    "nul",
    "undefined",
    "'a'",
    "a",
    "\"",
    "\"a",
    "\"\\\"",
    "\"\\a\"",
    "\"\\x41\"",
    "\"\\u\"",
    "\"\\u004\"",
    "\"\\u004g\"",
    "\"\\U0041\"",
    "\"\\ud800\"",
    "\"\\udc00\"",
    "\"\\ud800\\u0041\"",
    "\"\\ud800x\"",
    "\"\\ud800\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud800\\\"",
    "\"\n\"",
    "\"\t\"",
    "\"\x1f\"",
    "\"\x80\"",
    "\"\xc0\xaf\"",
    "\"\xc3\"",
    "\"\xe0\x80\xaf\"",
    "\"\xed\xa0\x80\"",
    "\"\xf4\x90\x80\x80\"",
    "\"\xf5\x80\x80\x80\"",
    "\"\xff\"",
    "\"\xe2\x82\"",
    "[",
    "]",
    "[1",
    "[1,",
    "[1,]",
    "[,1]",
    "[,]",
    "[1 2]",
    "[1,,2]",
    "[}",
    "{",
    "}",
    "{]",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{,}",
    "{\"a\" 1}",
    "{\"a\":1 \"b\":2}",
    "{a:1}",
    "{'a':1}",
    "{1:1}",
    "{null:1}",
    "{\"a\":}",
    "{:1}",
    "{\"a\"::1}",
    "[1]]",
    "{}}",
    "1 2",
    "1 //",
    "/**/1",
    "#1",
    "\f1",
    "\v1",
    "\xc2\xa0"
    "1",
    "[1]x",
    "\xef\xbb\xbf"
    "1",
    "\"\\",
};

TEST(json, takes_what_the_grammar_takes) {
  for (const auto& value : good_values) {
    EXPECT_TRUE(decode(around(value)).valid()) << value;
    EXPECT_TRUE(is_json(value)) << value;
    EXPECT_TRUE(is_json("[" + value + "]")) << value;
  }
}

TEST(json, refuses_what_the_grammar_refuses) {
  for (const auto& value : bad_values) {
    auto got = decode(around(value));
    ASSERT_FALSE(got.valid()) << value;
    EXPECT_THAT(got.fault().message, StartsWith("not JSON: ")) << value;
    EXPECT_EQ(got.fault().id, "");
    EXPECT_EQ(got.fault().member, "");
  }
}

TEST(json, refuses_a_nul_byte_anywhere) {
  auto text = around("[1,\"a\"]");
  for (std::size_t at = 0; at <= text.size(); ++at) {
    auto cut = text.substr(0, at) + '\0' + text.substr(at);
    EXPECT_FALSE(is_json(cut)) << at;
    cut = text.substr(0, at) + '\0';
    EXPECT_FALSE(is_json(cut)) << at;
  }
}

TEST(json, refuses_every_cut_and_every_byte_that_follows) {
  auto text = around("[1,{\"a\":\"\\u00e9é\"},true]");
  for (std::size_t at = 1; at < text.size(); ++at) EXPECT_FALSE(is_json(text.substr(0, at))) << at;
  for (int byte = 0; byte < 256; ++byte) {
    bool blank = byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
    EXPECT_EQ(is_json(text + static_cast<char>(byte)), blank) << byte;
  }
}

TEST(json, says_where_it_went_wrong) {
  EXPECT_EQ(decode("{\"id\":}").fault().message, "not JSON: unexpected character where a value should be, at byte 7");
  EXPECT_EQ(decode("{\"id\"").fault().message, "not JSON: the text ends where a colon should be, at byte 6");
  EXPECT_EQ(decode("{\"id\":\"\\ud800\"}").fault().message, "not JSON: half of a surrogate pair at byte 14");
  EXPECT_EQ(decode("{\"id\":\"a\xff\"}").fault().message, "not JSON: a string is not UTF-8 at byte 9");
}

TEST(json, passes_over_a_byte_order_mark) {
  EXPECT_TRUE(decode("\xef\xbb\xbf" + around("1")).valid());
  EXPECT_FALSE(is_json("\xef\xbb" + around("1")));
  EXPECT_FALSE(is_json(" \xef\xbb\xbf" + around("1")));
}

TEST(json, ends_at_512_levels) {
  auto nested = [](std::size_t levels, const std::string& open, const std::string& close) {
    std::string value;
    for (std::size_t i = 0; i < levels; ++i) value += open;
    value += "1";
    for (std::size_t i = 0; i < levels; ++i) value += close;
    return around(value);
  };
  for (const auto& [open, close] : {std::pair{"[", "]"}, std::pair{"{\"a\":", "}"}}) {
    EXPECT_TRUE(decode(nested(511, open, close)).valid());
    EXPECT_EQ(decode(nested(512, open, close)).fault().message, "nested deeper than 512");
    EXPECT_EQ(decode(nested(10'000, open, close)).fault().message, "nested deeper than 512");
    EXPECT_EQ(decode(nested(1'000'000, open, "")).fault().message, "nested deeper than 512");
  }
  EXPECT_EQ(decode(std::string(1'000'000, '[')).fault().message, "nested deeper than 512");
}

TEST(json, rounds_numbers_as_the_c_library_does) {
  std::mt19937_64 random{11};
  for (int i = 0; i < 20'000; ++i) {
    auto text = std::to_string(random() % 90) + '.' + std::to_string(random());
    auto got = decode(R"({"user_id":1,"vehicle_model_id":2,"from_lat":)" + text + "}");
    ASSERT_TRUE(got.valid()) << text;
    EXPECT_EQ(got.row().real(got.field("from_lat")), std::strtod(text.c_str(), nullptr)) << text;
  }
}

bool has_number_beyond_a_double(const std::string& text) {
  try {
    auto parsed = nlohmann::json::parse(text);
    return false;
  } catch (const nlohmann::json::out_of_range&) {
    return true;
  } catch (const nlohmann::json::parse_error&) {
    return false;
  }
}

/// Random damage to good texts: ours and nlohmann's reader must say the same, but for the known differences: a NUL
/// byte, which nlohmann takes for the end, and numbers beyond a double, which it refuses.
TEST(json, agrees_with_a_second_reader_on_damaged_texts) {
  std::mt19937 random{42};
  auto below = [&random](std::size_t n) { return random() % n; };
  const std::string bytes = "{}[]:,\"\\/ \n0123456789.eE+-truefalsenull\x80\xc3\xa9\xed\xa0\xf0\x9f\x98u\x1f\x7f";
  std::size_t accepted = 0;
  for (int i = 0; i < 40'000; ++i) {
    auto text = around(good_values[below(good_values.size())]);
    for (auto edits = below(3); edits > 0; --edits) {
      auto at = below(text.size());
      if (below(2) == 0)
        text[at] = bytes[below(bytes.size())];
      else if (below(2) == 0)
        text.insert(at, 1, bytes[below(bytes.size())]);
      else
        text.erase(at, 1 + below(3));
    }
    if (has_number_beyond_a_double(text)) continue;
    auto ours = is_json(text);
    accepted += ours ? 1 : 0;
    ASSERT_EQ(ours, nlohmann::json::accept(text)) << text;
  }
  EXPECT_GT(accepted, 5'000U);
}

TEST(json, reads_strings_as_a_second_reader_does) {
  std::mt19937 random{7};
  for (int i = 0; i < 5'000; ++i) {
    std::string value;
    for (auto length = random() % 20; length > 0; --length) {
      static const std::vector<std::string> pieces = {"a",  "é",  "😀",    "\"",           "\\",  "/",
                                                      "\n", "\t", "\x7f", "\xef\xbf\xbf", "\x01"};
      value += pieces[random() % pieces.size()];
    }
    auto text =
        nlohmann::json{{"user_id", "1"}, {"vehicle_model_id", "2"}, {"from_area_id", value}}.dump(-1, ' ', i % 2 == 0);
    auto got = decode(text);
    ASSERT_TRUE(got.valid()) << text;
    EXPECT_EQ(got.row().text(got.field("from_area_id")), value);
  }
}

// -- the real rides --------------------------------------------------------------------------------

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> cells{""};
  for (auto c : line) {
    if (c == ',')
      cells.emplace_back();
    else if (c != '\r')
      cells.back() += c;
  }
  return cells;
}

TEST(json, reads_the_real_rides) {
  std::ifstream csv{GOLOCA_SOURCE_DIR "/../shared/data/rides.csv"};
  std::string line;
  if (!std::getline(csv, line)) GTEST_SKIP() << "the rides are not here";
  auto names = split(line);
  std::size_t rides = 0;
  while (std::getline(csv, line)) {
    auto cells = split(line);
    nlohmann::json ride;
    for (std::size_t i = 0; i < cells.size() && i < names.size(); ++i) {
      if (names[i].empty() || names[i].find("date") != std::string::npos || names[i] == "booking_created") continue;
      bool text = names[i] == "id" || names[i] == "user_id" || names[i].find("model") != std::string::npos ||
                  names[i].find("area") != std::string::npos || names[i].find("city") != std::string::npos;
      ride[names[i]] = cells[i] == "NULL" ? nlohmann::json{}
                       : text             ? nlohmann::json(cells[i])
                                          : nlohmann::json::parse(cells[i]);
    }
    auto got = decode(ride.dump());
    ASSERT_TRUE(got.valid()) << line << ": " << got.fault().message;
    EXPECT_EQ(std::to_string(got.row().id()), cells[0]);
    EXPECT_EQ(got.row().text(got.field("user_id")), cells[1]);
    std::string again;
    net::encode_row(net::format::json, got.row(), again);
    EXPECT_TRUE(store::same_content(got.row(), decode(again).row())) << again;
    ++rides;
  }
  EXPECT_GT(rides, 900U);
}

} // namespace
