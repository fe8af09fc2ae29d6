#include "net/client/csv_reader.hpp"
#include "net/client/csv_value.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace {

using namespace goloca;
using namespace goloca::net::client;
using strings = std::vector<std::string>;

std::vector<csv_record> read_all(const std::string& text) {
  std::istringstream stream{text};
  csv_reader reader{byte_reader{stream}};
  std::vector<csv_record> all;
  for (csv_record one; reader.read(one);) all.push_back(one);
  return all;
}

TEST(client_csv_reader, splits_records_at_line_ends_of_both_kinds) {
  auto all = read_all("a,b\r\n1,2\n3,4");
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[0].fields, (strings{"a", "b"}));
  EXPECT_EQ(all[1].fields, (strings{"1", "2"}));
  EXPECT_EQ(all[2].fields, (strings{"3", "4"}));
  EXPECT_EQ(all[2].line, 3u);
  EXPECT_EQ(all[0].raw, "a,b");
}

TEST(client_csv_reader, keeps_commas_quotes_and_line_ends_within_quotes) {
  auto all = read_all("\"a,b\",\"say \"\"so\"\"\",\"two\nlines\"\n1,,\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0].fields, (strings{"a,b", "say \"so\"", "two\nlines"}));
  EXPECT_EQ(all[1].fields, (strings{"1", "", ""}));
  EXPECT_EQ(all[1].line, 3u) << "lines within quotes count";
  EXPECT_EQ(all[0].fault, "");
}

TEST(client_csv_reader, skips_blank_lines) {
  auto all = read_all("a\n\n\r\nb\n\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].fields, strings{"b"});
  EXPECT_EQ(all[1].line, 4u);
}

TEST(client_csv_reader, reports_a_quote_that_is_never_closed_with_its_line) {
  auto all = read_all("a,b\n1,\"2\n3,4\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[1].fault, "the quote opened in line 2 is never closed");
}

TEST(client_csv_reader, reports_text_after_a_closing_quote_and_goes_on) {
  auto all = read_all("\"a\"b,c\nd,e\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(all[0].fault, "");
  EXPECT_EQ(all[1].fields, (strings{"d", "e"}));
}

TEST(client_csv_reader, skips_an_endless_record_without_keeping_it) {
  auto all = read_all(std::string(longest_record + 1000, 'x') + "\nshort\n");
  ASSERT_EQ(all.size(), 2u);
  EXPECT_NE(all[0].fault, "");
  EXPECT_LE(all[0].raw.size(), longest_record);
  EXPECT_EQ(all[1].fields, strings{"short"});
}

constexpr std::int64_t minute = 60'000;
constexpr std::int64_t day = 24 * 60 * minute;

TEST(client_csv_date, is_milliseconds_in_utc) {
  EXPECT_EQ(read_date("1/1/1970 0:00"), 0);
  EXPECT_EQ(read_date("1/2/1970 0:01"), day + minute);
  EXPECT_EQ(read_date("12/31/1969 23:59"), -minute);
  EXPECT_EQ(read_date("1/1/2013 9:30"), 1'357'032'600'000);
  EXPECT_EQ(read_date("01/01/2013 09:30"), 1'357'032'600'000);
}

TEST(client_csv_date, alone_is_midnight) {
  EXPECT_EQ(read_date("1/1/2013"), 1'356'998'400'000);
  EXPECT_EQ(read_date("1/1/2013"), read_date("1/1/2013 0:00"));
}

TEST(client_csv_date, knows_leap_years) {
  EXPECT_TRUE(read_date("2/29/2012 1:00"));
  EXPECT_TRUE(read_date("2/29/2000"));
  EXPECT_FALSE(read_date("2/29/2013 1:00"));
  EXPECT_FALSE(read_date("2/29/1900"));
  EXPECT_EQ(*read_date("3/1/2012") - *read_date("2/28/2012"), 2 * day);
}

TEST(client_csv_date, refuses_what_is_none) {
  for (const auto* text :
       {"13/45/2013", "13/1/2013", "1/32/2013 1:00", "0/1/2013", "1/0/2013", "1/1/13", "1/1/2013 24:00",
        "1/1/2013 1:60", "1/1/2013 1", "1/1/2013 ", "1/1/2013 1:5", "1/1/2013 1:00:00", "2013-01-01", "1/1", "", "x",
        "1//2013", "-1/1/2013", "1/1/2013 1:00 PM"}) {
    EXPECT_FALSE(read_date(text)) << text;
  }
}

store::field field_of(store::column_type type) {
  store::field made{};
  made.member = made.column = "x";
  made.type = type;
  made.takes_string = type == store::column_type::text;
  return made;
}

/// The JSON value, or "fault: …".
std::string value(store::column_type type, std::string_view text, bool key = false) {
  std::string out;
  auto fault = append_value(field_of(type), key, text, out);
  return fault ? "fault: " + *fault : out;
}

using store::column_type;

TEST(client_csv_value, of_a_bigint_is_an_integer_or_a_date) {
  EXPECT_EQ(value(column_type::bigint, "-42"), "-42");
  EXPECT_EQ(value(column_type::bigint, "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(value(column_type::bigint, "1/1/2013"), "1356998400000");
  EXPECT_EQ(value(column_type::bigint, "1.0"), "1");
  EXPECT_TRUE(value(column_type::bigint, "9223372036854775808").starts_with("fault"));
  EXPECT_EQ(value(column_type::bigint, "13/45/2013"),
            "fault: \"13/45/2013\" is neither an integer nor a date like 1/31/2013 9:30");
}

TEST(client_csv_value, of_a_smallint_is_no_date) {
  EXPECT_EQ(value(column_type::smallint, " 2 "), "2");
  EXPECT_TRUE(value(column_type::smallint, "1/1/2013").starts_with("fault"));
  EXPECT_TRUE(value(column_type::smallint, "two").starts_with("fault"));
  EXPECT_TRUE(value(column_type::smallint, "0x10").starts_with("fault"));
}

TEST(client_csv_value, of_a_double_keeps_every_digit_that_counts) {
  EXPECT_EQ(value(column_type::double_precision, "12.924878"), "12.924878");
  EXPECT_EQ(value(column_type::double_precision, "0.1000"), "0.1");
  EXPECT_EQ(value(column_type::double_precision, ".5"), "0.5");
  EXPECT_EQ(value(column_type::double_precision, "1e3"), "1000");
  for (const auto* text : {"1e400", "-1e400", "nan", "inf", "1,5", "1.2.3", "-", "0x1p3"}) {
    EXPECT_TRUE(value(column_type::double_precision, text).starts_with("fault")) << text;
  }
}

TEST(client_csv_value, of_a_boolean_is_one_of_four_words) {
  EXPECT_EQ(value(column_type::boolean, "0"), "false");
  EXPECT_EQ(value(column_type::boolean, "1"), "true");
  EXPECT_EQ(value(column_type::boolean, "TRUE"), "true");
  EXPECT_EQ(value(column_type::boolean, "false"), "false");
  EXPECT_EQ(value(column_type::boolean, "2"), "fault: \"2\" is none of 0, 1, true and false");
}

TEST(client_csv_value, of_text_is_a_string_word_for_word) {
  EXPECT_EQ(value(column_type::text, "1096"), "\"1096\"");
  EXPECT_EQ(value(column_type::text, " a \"b\"\\\n"), R"(" a \"b\"\\\n")");
  EXPECT_EQ(value(column_type::text, "Süd"), "\"Süd\"");
  EXPECT_EQ(value(column_type::text, "\xff"), "fault: the text is not valid UTF-8");
}

TEST(client_csv_value, of_the_id_is_digits_as_a_string) {
  EXPECT_EQ(value(column_type::bigint, "132516", true), "\"132516\"");
  EXPECT_TRUE(value(column_type::bigint, "1/1/2013", true).starts_with("fault"));
  EXPECT_TRUE(value(column_type::bigint, "-1", true).starts_with("fault"));
}

} // namespace
