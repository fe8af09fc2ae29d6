// CBOR and MessagePack: what is special to them, written byte by byte.

#include "net/codec.hpp"

#include "tests/support/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace {

using namespace goloca;
using net::format;
using nlohmann::json;
using test::decode;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using namespace std::string_literals;

std::string to_bytes(const json& from, format as) {
  std::string out;
  as == format::cbor ? json::to_cbor(from, out) : json::to_msgpack(from, out);
  return out;
}

/// "a" as a short text in both formats.
std::string cbor_text(std::string_view text) {
  return static_cast<char>(0x60 + text.size()) + std::string{text};
}
std::string msgpack_text(std::string_view text) {
  return static_cast<char>(0xa0 + text.size()) + std::string{text};
}

/// A valid ride and one more member with these bytes as its value.
std::string cbor_ride(std::string_view member, std::string_view value) {
  return "\xa4" + cbor_text("id") + "\x05" + cbor_text("user_id") + "\x01" + cbor_text("vehicle_model_id") + "\x02" +
         cbor_text(member) + std::string{value};
}
std::string msgpack_ride(std::string_view member, std::string_view value) {
  return "\x84" + msgpack_text("id") + "\x05" + msgpack_text("user_id") + "\x01" + msgpack_text("vehicle_model_id") +
         "\x02" + msgpack_text(member) + std::string{value};
}

test::decoded_text cbor(std::string_view member, std::string_view value) {
  return decode(cbor_ride(member, value), format::cbor);
}
test::decoded_text msgpack(std::string_view member, std::string_view value) {
  return decode(msgpack_ride(member, value), format::msgpack);
}

TEST(binary, reads_what_json_says_in_both_formats) {
  json ride = {{"id", "132516"},
               {"user_id", "ü"},
               {"vehicle_model_id", 12},
               {"package_id", nullptr},
               {"from_lat", 12.5},
               {"to_lat", -13.123},
               {"from_date", 1357032600000},
               {"to_date", -70000},
               {"from_long", 77},
               {"x", {{"a", {1}}}},
               {"online_booking", true},
               {"mobile_site_booking", 0},
               {"from_area_id", 1.0},
               {"to_long", 0.1F},
               {"to_area_id", 18446744073709551615U}};
  auto as_json = decode(ride.dump());
  ASSERT_TRUE(as_json.valid()) << as_json.fault().message;
  for (auto as : {format::cbor, format::msgpack}) {
    auto got = decode(to_bytes(ride, as), as);
    ASSERT_TRUE(got.valid()) << got.fault().message;
    EXPECT_TRUE(store::same_content(got.row(), as_json.row()));
    auto array = decode(to_bytes(json::array({ride, 5, ride}), as), as);
    EXPECT_TRUE(array.result.array);
    ASSERT_EQ(array.result.count, 3U);
    EXPECT_TRUE(array.row(2).valid());
    EXPECT_EQ(array.fault(1).message, "a number is not an object");
  }
}

TEST(binary, refuses_trailing_bytes_and_every_cut) {
  json ride = {
      {"id", "132516"}, {"user_id", "a"}, {"vehicle_model_id", 70000}, {"from_lat", 0.1}, {"x", {1, "b", nullptr}}};
  for (auto as : {format::cbor, format::msgpack}) {
    auto bytes = to_bytes(ride, as);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
      auto got = decode(bytes.substr(0, at), as);
      ASSERT_EQ(got.rows.size(), 1U);
      EXPECT_FALSE(got.valid()) << at;
    }
    EXPECT_THAT(decode(bytes + '\0', as).fault().message, StartsWith("not "));
  }
}

TEST(binary, has_no_place_for_nan_and_infinity) {
  for (auto value :
       {"\xf9\x7e\x00"s, "\xf9\x7c\x00"s, "\xfa\xff\x80\x00\x00"s, "\xfb\x7f\xf8\x00\x00\x00\x00\x00\x00"s}) {
    for (const auto* member : {"from_lat", "package_id", "from_area_id", "online_booking", "from_date"})
      EXPECT_EQ(cbor(member, value).fault().member, member);
    EXPECT_TRUE(cbor("unknown", value).valid());
  }
  for (auto value : {"\xca\x7f\x80\x00\x00"s, "\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"s}) {
    for (const auto* member : {"from_lat", "package_id", "from_area_id", "online_booking"})
      EXPECT_EQ(msgpack(member, value).fault().member, member);
  }
}

TEST(binary, reads_floats_of_every_width) {
  EXPECT_EQ(cbor("from_lat", "\xf9\x3e\x00"s).row().real(14), 1.5);
  EXPECT_EQ(cbor("from_lat", "\xf9\x80\x01"s).row().real(14), -5.960464477539063e-8);
  EXPECT_EQ(cbor("from_lat", "\xfa\x3f\xc0\x00\x00"s).row().real(14), 1.5);
  EXPECT_EQ(cbor("package_id", "\xf9\x40\x00"s).row().integer(3), 2);
  EXPECT_EQ(cbor("package_id", "\xf9\x3e\x00"s).fault().message, "package_id: 1.5 is not an integer");
  EXPECT_EQ(msgpack("from_lat", "\xca\x3f\xc0\x00\x00"s).row().real(14), 1.5);
}

TEST(binary, knows_integers_beyond_64_bits_from_small_ones) {
  auto largest = "\xff\xff\xff\xff\xff\xff\xff\xff"s;
  EXPECT_THAT(cbor("from_date", "\x1b" + largest).fault().message,
              StartsWith("from_date: 18446744073709551615 is not"));
  EXPECT_THAT(cbor("from_date", "\x3b" + largest).fault().message,
              StartsWith("from_date: -18446744073709551616 is not"));
  EXPECT_EQ(cbor("from_date", "\x3b\x7f\xff\xff\xff\xff\xff\xff\xff"s).row().integer(9), INT64_MIN);
  EXPECT_THAT(cbor("from_date", "\x3b\x80\x00\x00\x00\x00\x00\x00\x00"s).fault().message,
              StartsWith("from_date: -9223372036854775809 is not"));
  EXPECT_EQ(cbor("from_area_id", "\x3b" + largest).row().text(5), "-18446744073709551616");
  EXPECT_THAT(msgpack("from_date", "\xcf" + largest).fault().message, StartsWith("from_date: 18446744073709551615"));
}

TEST(binary, takes_no_tags_byte_strings_and_simple_values_for_a_member) {
  const std::vector<std::string> strange = {"\xc1\x01", "\xc2\x41\x01", "\x41\x61", "\x5f\x41\x61\xff",
                                            "\xf7",     "\xe0",         "\xf8\x20"};
  for (const auto& value : strange) {
    for (const auto* member : {"from_lat", "package_id", "from_area_id", "online_booking", "to_date"}) {
      auto got = cbor(member, value);
      ASSERT_FALSE(got.valid()) << member;
      EXPECT_EQ(got.fault().member, member);
      EXPECT_EQ(got.fault().id, "5");
    }
    EXPECT_TRUE(cbor("unknown", value).valid());
  }
  for (const auto& value : {"\xc4\x01\x61"s, "\xd4\x05\x61"s, "\xc7\x01\x05\x61"s}) {
    EXPECT_EQ(msgpack("from_area_id", value).fault().message,
              "from_area_id: a binary value is not a string or an integer");
    EXPECT_TRUE(msgpack("unknown", value).valid());
  }
  EXPECT_EQ(decode("\xd9\xd9\xf7" + cbor_ride("x", "\x01"), format::cbor).fault().message,
            "a tagged value is not an object");
}

TEST(binary, refuses_malformed_cbor) {
  const std::vector<std::string> malformed = {"\xff",
                                              "\xfc",
                                              "\x1c",
                                              "\x1f",
                                              "\x3f",
                                              "\xdf\x01",
                                              "\xf8\x1f",
                                              "\xf8\x14",
                                              "\x5f\x61\x61\xff",
                                              "\x7f\x41\x61\xff",
                                              "\x7f\x7f\x61\x61\xff\xff",
                                              "\x7f\x61\x61",
                                              "\x82\x01",
                                              "\x82\x01\xff",
                                              "\xa1\x61\x61\xff",
                                              "\xbf\x61\x61\xff"};
  for (const auto& value : malformed) {
    auto got = cbor("unknown", value);
    ASSERT_FALSE(got.valid()) << testing::PrintToString(value);
    EXPECT_THAT(got.fault().message, StartsWith("not CBOR: "));
  }
}

TEST(binary, reads_items_of_indefinite_length) {
  EXPECT_EQ(cbor("from_area_id", "\x7f\x61\x61\x62\x62\x63\x60\xff"s).row().text(5), "abc");
  EXPECT_TRUE(cbor("unknown", "\x9f\x01\x9f\xff\xbf\x61\x61\x01\xff\xff"s).valid());
  auto map = "\xbf" + cbor_ride("x", "\x01").substr(1) + "\xff";
  EXPECT_TRUE(decode(map, format::cbor).valid());
  EXPECT_EQ(decode("\x9f" + map + map + "\xff", format::cbor).result.count, 2U);
}

TEST(binary, refuses_names_that_are_no_text) {
  for (const auto& map : {"\xa1\x01\x02"s, "\xa1\x41\x61\x02"s, "\xa1\xf6\x02"s, "\xa1\x80\x02"s}) {
    EXPECT_THAT(decode(map, format::cbor).fault().message, StartsWith("not CBOR: a member's name that is not text"));
    EXPECT_THAT(cbor("unknown", map).fault().message, StartsWith("not CBOR"));
  }
  for (const auto& map : {"\x81\x01\x02"s, "\x81\xc4\x01\x61\x02"s, "\x81\xc0\x02"s})
    EXPECT_THAT(decode(map, format::msgpack).fault().message, StartsWith("not MessagePack: "));
}

TEST(binary, refuses_text_that_is_not_utf8) {
  for (const auto& text : {"\x62\xc3\x28"s, "\x63\xed\xa0\x80"s, "\x61\xff"s, "\x7f\x61\xc3\x61\xa9\xff"s}) {
    EXPECT_THAT(cbor("from_area_id", text).fault().message, StartsWith("not CBOR: a text that is not UTF-8"));
    EXPECT_THAT(cbor("unknown", text).fault().message, StartsWith("not CBOR"));
    EXPECT_THAT(cbor("unknown", "\xa1" + text + "\x01").fault().message, StartsWith("not CBOR"));
  }
  for (const auto& text : {"\xa2\xc3\x28"s, "\xd9\x01\xff"s}) {
    EXPECT_EQ(msgpack("from_area_id", text).fault().message, "not MessagePack: a string that is not UTF-8");
    EXPECT_EQ(msgpack("unknown", "\x81" + text + "\x01").fault().message,
              "not MessagePack: a string that is not UTF-8");
  }
}

TEST(binary, refuses_a_nul_character_and_a_member_twice) {
  EXPECT_EQ(cbor("from_area_id", "\x62\x00\x61"s).fault().message, "from_area_id: holds a NUL character");
  EXPECT_EQ(msgpack("from_area_id", "\xa2\x00\x61"s).fault().message, "from_area_id: holds a NUL character");
  EXPECT_EQ(cbor("user_id", "\x01").fault().message, "user_id: comes twice");
  EXPECT_EQ(msgpack("user_id", "\xc0").fault().message, "user_id: comes twice");
}

TEST(binary, believes_no_declared_length) {
  for (const auto& head : {"\x5b"s, "\x7b"s, "\x9b"s, "\xbb"s}) {
    for (const auto& length : {"\xff\xff\xff\xff\xff\xff\xff\xff"s, "\x7f\xff\xff\xff\xff\xff\xff\xff"s,
                               "\x00\x00\x00\x10\x00\x00\x00\x00"s}) {
      EXPECT_THAT(decode(head + length, format::cbor).fault().message, StartsWith("not CBOR: "));
      EXPECT_THAT(cbor("unknown", head + length).fault().message, StartsWith("not CBOR: "));
    }
  }
  for (const auto& head : {"\xc6"s, "\xdb"s, "\xdd"s, "\xdf"s, "\xc9"s})
    EXPECT_THAT(msgpack("unknown", head + "\xff\xff\xff\xff").fault().message, StartsWith("not MessagePack: "));
}

TEST(binary, ends_at_512_levels) {
  auto repeat = [](const std::string& what, std::size_t times) {
    std::string all;
    for (std::size_t i = 0; i < times; ++i) all += what;
    return all;
  };
  for (const auto& open : {"\x81"s, "\xa1\x61\x61"s, "\xc1"s, "\x9f"s}) {
    EXPECT_EQ(cbor("unknown", repeat(open, 512) + "\x01").fault().message, "nested deeper than 512");
    EXPECT_EQ(cbor("unknown", repeat(open, 3'000'000)).fault().message, "nested deeper than 512");
    EXPECT_EQ(decode(repeat(open, 3'000'000), format::cbor).fault().message, "nested deeper than 512");
  }
  EXPECT_TRUE(cbor("unknown", repeat("\x81", 511) + "\x01").valid());
  for (const auto& open : {"\x91"s, "\x81\xa1\x61"s}) {
    EXPECT_EQ(msgpack("unknown", repeat(open, 512) + "\x01").fault().message, "nested deeper than 512");
    EXPECT_EQ(msgpack("unknown", repeat(open, 3'000'000)).fault().message, "nested deeper than 512");
  }
  EXPECT_THAT(cbor("unknown", repeat("\x7f", 3'000'000)).fault().message, StartsWith("not CBOR"));
  EXPECT_THAT(cbor("unknown", repeat("\x5f", 3'000'000)).fault().message, StartsWith("not CBOR"));
}

/// Any bytes: one answer, no crash, and what comes out can be told.
TEST(binary, survives_damage) {
  std::mt19937 random{3};
  json ride = {
      {"id", "132516"}, {"user_id", "ü"}, {"vehicle_model_id", 12}, {"from_lat", 12.5}, {"x", {{"a", {1, -5, "b"}}}}};
  for (int i = 0; i < 20'000; ++i) {
    auto as = i % 2 == 0 ? format::cbor : format::msgpack;
    auto bytes = to_bytes(json::array({ride, ride}), as);
    for (auto edits = 1 + random() % 3; edits > 0; --edits)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    auto got = decode(bytes, as);
    ASSERT_EQ(got.result.count, got.rows.size());
    for (std::size_t row = 0; row < got.rows.size(); ++row) {
      if (got.row(row).valid()) continue;
      EXPECT_FALSE(got.fault(row).message.empty());
      EXPECT_NO_THROW((void)json(got.fault(row).message).dump()) << "not UTF-8";
      EXPECT_NO_THROW((void)json(got.fault(row).member).dump()) << "not UTF-8";
    }
  }
}

} // namespace
