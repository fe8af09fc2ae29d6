// What a text of points becomes: the rules of DESIGN 2, one by one, mostly as JSON. codec_json_test and
// codec_binary_test have what is special to a format.

#include "net/codec.hpp"

#include "tests/support/rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace goloca;
using net::format;
using net::shape;
using test::decode;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A valid ride with these further members.
std::string ride(const std::string& members = "") {
  return R"({"id":"132516","user_id":"17712","vehicle_model_id":"12")" + (members.empty() ? "" : "," + members) + "}";
}

std::shared_ptr<const store::schema> sensors() {
  static const auto read = store::read_schema_file(GOLOCA_SOURCE_DIR "/tests/support/sensor.schema.json");
  return std::get<std::shared_ptr<const store::schema>>(read);
}

std::string sensor(const std::string& members) {
  return R"({"sensor":"roof","measured_at":1,"value":2.5,)" + members + "}";
}

// -- values ----------------------------------------------------------------------------------------

TEST(decode, reads_every_member_of_a_ride) {
  auto got = decode(R"({"id":"132516","user_id":"22179","vehicle_model_id":12,"package_id":1,"travel_type_id":2,
    "from_area_id":"1096","to_area_id":393,"from_city_id":null,"to_city_id":"15","from_date":1357032600000,
    "to_date":null,"online_booking":true,"mobile_site_booking":0,"booking_created":1357026660000,
    "from_lat":12.96519,"from_long":77.71932,"to_lat":-13.5,"to_long":77,"Car_Cancellation":1})");
  ASSERT_TRUE(got.valid()) << got.fault().message;
  auto row = got.row();
  EXPECT_EQ(row.id(), 132516);
  EXPECT_FALSE(row.id_assigned());
  EXPECT_EQ(row.text(got.field("user_id")), "22179");
  EXPECT_EQ(row.text(got.field("vehicle_model_id")), "12");
  EXPECT_EQ(row.integer(got.field("package_id")), 1);
  EXPECT_EQ(row.text(got.field("to_area_id")), "393");
  EXPECT_TRUE(row.is_null(got.field("from_city_id")));
  EXPECT_EQ(row.integer(got.field("from_date")), 1357032600000);
  EXPECT_TRUE(row.is_null(got.field("to_date")));
  EXPECT_TRUE(row.boolean(got.field("online_booking")));
  EXPECT_FALSE(row.is_null(got.field("mobile_site_booking")));
  EXPECT_FALSE(row.boolean(got.field("mobile_site_booking")));
  EXPECT_EQ(row.real(got.field("from_lat")), 12.96519);
  EXPECT_EQ(row.real(got.field("to_lat")), -13.5);
  EXPECT_EQ(row.real(got.field("to_long")), 77);
  EXPECT_TRUE(row.boolean(got.field("Car_Cancellation")));
  EXPECT_EQ(got.result.count, 1U);
  EXPECT_FALSE(got.result.array);
}

TEST(decode, reads_members_in_any_order) {
  auto got = decode(R"({"Car_Cancellation":0,"vehicle_model_id":"b","id":7,"user_id":"a"})");
  ASSERT_TRUE(got.valid());
  EXPECT_EQ(got.row().id(), 7);
  EXPECT_EQ(got.row().text(got.field("user_id")), "a");
  EXPECT_EQ(got.row().text(got.field("vehicle_model_id")), "b");
}

struct value_case {
  std::string member;
  std::string json;
  std::string expected; // what the row holds, printed; or the start of the fault's message
};

std::string print(const test::decoded_text& got, const std::string& member) {
  auto field = got.field(member);
  if (got.row().is_null(field)) return "null";
  switch (got.rows.of().fields()[field].type) {
  case store::column_type::text:
    return std::string{got.row().text(field)};
  case store::column_type::boolean:
    return got.row().boolean(field) ? "true" : "false";
  case store::column_type::double_precision:
    return std::to_string(got.row().real(field));
  default:
    return std::to_string(got.row().integer(field));
  }
}

TEST(decode, takes_these_values) {
  const std::vector<value_case> cases = {
      {"from_area_id", "1.0", "1"},
      {"from_area_id", "-0", "0"},
      {"from_area_id", "-0.0", "0"},
      {"from_area_id", "1e3", "1000"},
      {"from_area_id", "-12", "-12"},
      {"from_area_id", "123456789012345678901234567890", "123456789012345678901234567890"},
      {"from_area_id", "-9223372036854775809", "-9223372036854775809"},
      {"from_area_id", "\"\"", ""},
      {"from_area_id", "\"\\u00e9\\n\\ud83d\\ude00\"", "é\n😀"},
      {"from_area_id", "\"" + std::string(100, 'x') + "\"", std::string(100, 'x')},
      {"from_area_id", "null", "null"},
      {"package_id", "1.0", "1"},
      {"package_id", "70e-1", "7"},
      {"package_id", "7", "7"},
      {"from_date", "9223372036854775807", "9223372036854775807"},
      {"from_date", "-9223372036854775808", "-9223372036854775808"},
      {"from_date", "1e3", "1000"},
      {"from_date", "9007199254740991.0", "9007199254740991"},
      {"from_date", "-0.0", "0"},
      {"online_booking", "1.0", "true"},
      {"online_booking", "0", "false"},
      {"from_lat", "90", "90.000000"},
      {"from_lat", "-90.0", "-90.000000"},
      {"from_lat", "1e-400", "0.000000"},
      {"from_lat", "9e1", "90.000000"},
  };
  for (const auto& [member, json, expected] : cases) {
    auto got = decode(ride("\"" + member + "\":" + json));
    ASSERT_TRUE(got.valid()) << member << " " << json << ": " << got.fault().message;
    EXPECT_EQ(print(got, member), expected) << member << " " << json;
  }
}

TEST(decode, refuses_these_values_and_says_why) {
  const std::vector<value_case> cases = {
      {"from_lat", "91", "91 is not between -90 and 90"},
      {"from_lat", "-90.00000000000002", "-90.00000000000001 is not between"},
      {"from_lat", "1e400", "1e400 is beyond what a DOUBLE PRECISION holds"},
      {"from_lat", "-1e400", "-1e400 is beyond"},
      {"from_lat", std::string(400, '9'), "9999999999"},
      {"from_lat", "\"12\"", "\"12\" is not a number"},
      {"from_lat", "true", "true is not a number"},
      {"from_lat", "{}", "an object is not a number"},
      {"package_id", "0", "0 is not between 1 and 7"},
      {"package_id", "8", "8 is not between 1 and 7"},
      {"package_id", "1.5", "1.5 is not an integer"},
      {"package_id", "1e400", "1e400 is not an integer"},
      {"package_id", "\"1\"", "\"1\" is not an integer"},
      {"package_id", "true", "true is not an integer"},
      {"package_id", "[1]", "an array is not an integer"},
      {"from_date", "9223372036854775808", "9223372036854775808 is not between -9223372036854775808 and"},
      {"from_date", "-9223372036854775809", "-9223372036854775809 is not between"},
      {"from_date", "18446744073709551616", "18446744073709551616 is not between"},
      {"from_date", "9007199254740993.0", "9007199254740993.0 is not an integer"},
      {"from_date", "1e19", "1e19 is not an integer"},
      {"online_booking", "2", "2 is not true, false, 0 or 1"},
      {"online_booking", "-1", "-1 is not true, false, 0 or 1"},
      {"online_booking", "0.5", "0.5 is not true"},
      {"online_booking", "\"true\"", "\"true\" is not true"},
      {"online_booking", "18446744073709551616", "18446744073709551616 is not true"},
      {"from_area_id", "1.5", "1.5 is not a string or an integer"},
      {"from_area_id", "1e20", "1e20 is not a string or an integer"},
      {"from_area_id", "false", "false is not a string or an integer"},
      {"from_area_id", "{\"a\":[1]}", "an object is not a string or an integer"},
      {"from_area_id", "\"a\\u0000b\"", "holds a NUL character"},
      {"from_area_id", "\"" + std::string(101, 'x') + "\"", "has 101 characters, at most 100 are allowed"},
      {"from_area_id", std::string(101, '1'), "has 101 characters"},
  };
  for (const auto& [member, json, expected] : cases) {
    auto got = decode(ride("\"" + member + "\":" + json));
    ASSERT_FALSE(got.valid()) << member << " " << json;
    EXPECT_THAT(got.fault().message, StartsWith(member + ": " + expected)) << json;
    EXPECT_EQ(got.fault().member, member);
    EXPECT_EQ(got.fault().id, "132516");
    EXPECT_LT(got.fault().message.size(), 200U);
  }
}

TEST(decode, counts_characters_not_bytes) {
  std::string hundred;
  for (int i = 0; i < 100; ++i) hundred += "😀";
  EXPECT_TRUE(decode(ride("\"from_area_id\":\"" + hundred + "\"")).valid());
  EXPECT_FALSE(decode(ride("\"from_area_id\":\"" + hundred + "é\"")).valid());
}

TEST(decode, asks_for_the_least_length) {
  auto with_user = [](const std::string& user) { return R"({"vehicle_model_id":1,"user_id":")" + user + "\"}"; };
  EXPECT_THAT(decode(with_user("")).fault().message, StartsWith("user_id: is empty"));
  EXPECT_TRUE(decode(with_user("é")).valid());
  auto of = sensors();
  auto named = [&](const std::string& name) {
    return decode(R"({"measured_at":1,"value":2,"sensor":")" + name + "\"}", format::json, shape::either, of);
  };
  EXPECT_THAT(named("éé").fault().message, StartsWith("sensor: has 2 characters, at least 3 are needed"));
  EXPECT_TRUE(named("ééé").valid());
}

TEST(decode, cuts_what_it_quotes) {
  auto got = decode(ride(R"("package_id":")" + std::string(5000, 'x') + '"'));
  EXPECT_THAT(got.fault().message, StartsWith("package_id: \"" + std::string(40, 'x') + "…\" is not"));
}

// -- ids -------------------------------------------------------------------------------------------

TEST(decode, takes_ids_as_digits_or_integers) {
  for (const auto& [json, id] :
       std::vector<std::pair<std::string, std::int64_t>>{{"1", 1},
                                                         {"\"1\"", 1},
                                                         {"7.0", 7},
                                                         {"9223372036854775807", INT64_MAX},
                                                         {"\"9223372036854775807\"", INT64_MAX}}) {
    auto got = decode(R"({"user_id":1,"vehicle_model_id":2,"id":)" + json + "}");
    ASSERT_TRUE(got.valid()) << json << got.fault().message;
    EXPECT_EQ(got.row().id(), id);
    EXPECT_FALSE(got.row().id_assigned());
  }
}

TEST(decode, refuses_other_ids) {
  for (const auto* json : {"0",
                           "-1",
                           "\"0\"",
                           "\"\"",
                           "\"007\"",
                           "\"-1\"",
                           "\"+1\"",
                           "\" 1\"",
                           "\"1 \"",
                           "\"1.0\"",
                           "\"1e3\"",
                           "9223372036854775808",
                           "\"9223372036854775808\"",
                           "1.5",
                           "true",
                           "[]",
                           "\"abc\"",
                           "\"1\\u0000\"",
                           "\"99999999999999999999999999\"",
                           "\"١\""}) {
    auto got = decode(std::string{R"({"user_id":1,"vehicle_model_id":2,"id":)"} + json + "}");
    ASSERT_FALSE(got.valid()) << json;
    EXPECT_EQ(got.fault().member, "id") << json;
    EXPECT_EQ(got.fault().id, "") << json;
  }
}

TEST(decode, assigns_an_id_where_there_is_none) {
  auto before = std::chrono::system_clock::now();
  std::set<std::int64_t> ids;
  auto got = decode(R"([{"user_id":1,"vehicle_model_id":2},{"user_id":1,"vehicle_model_id":2,"id":null}])");
  ASSERT_TRUE(got.valid());
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_TRUE(got.row(i).id_assigned());
    EXPECT_GT(got.row(i).id(), 0);
    ids.insert(got.row(i).id());
  }
  EXPECT_EQ(ids.size(), 2U);
  auto since_2020 = std::chrono::duration_cast<std::chrono::milliseconds>(
      before - std::chrono::sys_days{std::chrono::year{2020} / 1 / 1});
  EXPECT_GE(*ids.begin() >> 22, since_2020.count());
}

TEST(decode, tells_the_id_of_an_invalid_item_wherever_it_stands) {
  EXPECT_EQ(decode(R"({"package_id":9,"user_id":1,"vehicle_model_id":2,"id":5})").fault().id, "5");
  EXPECT_EQ(decode(R"({"id":"5"})").fault().id, "5");
  EXPECT_EQ(decode(R"({"id":"5","id":"6","user_id":1,"vehicle_model_id":2})").fault().id, "") << "which of the two?";
}

// -- members ---------------------------------------------------------------------------------------

TEST(decode, names_the_first_fault_of_an_item) {
  auto got = decode(R"({"id":1,"to_lat":100,"from_lat":100,"package_id":"x"})");
  EXPECT_EQ(got.fault().member, "to_lat");
}

TEST(decode, asks_for_required_members) {
  EXPECT_EQ(decode(R"({"user_id":1})").fault().message, "vehicle_model_id: is required");
  EXPECT_EQ(decode(R"({"user_id":null,"vehicle_model_id":1})").fault().message, "user_id: is required");
  EXPECT_EQ(decode("{}").fault().member, "user_id");
}

TEST(decode, refuses_a_member_that_comes_twice) {
  for (const auto* twice : {R"("package_id":1,"package_id":1)", R"("package_id":null,"package_id":1)",
                            R"("package_id":1,"package_id":null)", R"("package_id":null,"package_id":null)",
                            R"("package_id":1,"from_lat":1,"package_id":1)", R"("package_id":1,"p\u0061ckage_id":1)"}) {
    auto got = decode(ride(twice));
    ASSERT_FALSE(got.valid()) << twice;
    EXPECT_EQ(got.fault().message, "package_id: comes twice");
  }
}

TEST(decode, does_not_take_a_member_of_another_item_for_a_repeat) {
  EXPECT_TRUE(decode("[" + ride() + "," + ride() + "," + ride() + "]").valid());
}

TEST(decode, ignores_unknown_members_whatever_they_hold) {
  for (const auto* unknown : {R"("x":1e400)", R"("x":"\u0000")", R"("x":{"id":"9","user_id":5,"x":[{"id":7}]})",
                              R"("x":[[],{},null])", R"("x":1,"x":2)", R"("":true)", R"("ID":5)",
                              R"("car_cancellation":"no")", R"("id\u0000":3)", R"("x":[1e999,-1e999])"})
    EXPECT_TRUE(decode(ride(unknown)).valid()) << unknown;
}

TEST(decode, refuses_unknown_members_when_told_to) {
  auto strict = [](const std::string& text) {
    return decode(text, format::json, shape::either, store::rides_schema(), true);
  };
  auto got = strict(ride("\"colour\":1"));
  EXPECT_EQ(got.fault().message, "colour: is not a member of the schema");
  EXPECT_EQ(got.fault().member, "colour");
  EXPECT_EQ(got.fault().id, "132516");
  EXPECT_TRUE(strict(ride("\"package_id\":1")).valid());
}

// -- texts -----------------------------------------------------------------------------------------

TEST(decode, reads_an_array_item_by_item) {
  auto got = decode("[" + ride() + R"(,{"id":"8"},7,null,"a",[{"id":1}],true,1e400,)" + ride() + "]");
  EXPECT_TRUE(got.result.array);
  ASSERT_EQ(got.result.count, 9U);
  EXPECT_TRUE(got.row(0).valid());
  EXPECT_EQ(got.fault(1).id, "8");
  EXPECT_EQ(got.fault(2).message, "a number is not an object");
  EXPECT_EQ(got.fault(3).message, "null is not an object");
  EXPECT_EQ(got.fault(4).message, "a string is not an object");
  EXPECT_EQ(got.fault(5).message, "an array is not an object");
  EXPECT_EQ(got.fault(6).message, "a boolean is not an object");
  EXPECT_FALSE(got.row(7).valid());
  EXPECT_TRUE(got.row(8).valid());
}

TEST(decode, keeps_the_good_items_beside_one_with_a_number_beyond_a_double) {
  auto got = decode("[" + ride() + "," + ride(R"("to_lat":1e400)") + "," + ride() + "]");
  ASSERT_EQ(got.result.count, 3U);
  EXPECT_TRUE(got.row(0).valid());
  EXPECT_EQ(got.fault(1).member, "to_lat");
  EXPECT_TRUE(got.row(2).valid());
}

TEST(decode, reads_an_empty_array) {
  auto got = decode(" [ ] ");
  EXPECT_TRUE(got.result.array);
  EXPECT_EQ(got.result.count, 0U);
  EXPECT_TRUE(got.rows.empty());
}

TEST(decode, takes_back_a_whole_array_for_one_syntax_error) {
  auto got = decode("[" + ride() + "," + ride() + ",{]");
  EXPECT_FALSE(got.result.array);
  ASSERT_EQ(got.result.count, 1U);
  ASSERT_EQ(got.rows.size(), 1U);
  EXPECT_THAT(got.fault().message, StartsWith("not JSON: "));
  EXPECT_EQ(got.fault().id, "");
}

TEST(decode, leaves_earlier_texts_of_the_block_alone) {
  store::point_id_source ids{1};
  net::decoder reader{store::rides_schema(), false, ids};
  store::row_block rows{store::rides_schema()};
  reader.decode(format::json, ride(), shape::either, rows);
  reader.decode(format::json, R"({"id":"8"})", shape::either, rows);
  reader.decode(format::json, "[" + ride() + "," + ride(), shape::either, rows);
  reader.decode(format::json, ride(), shape::either, rows);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_TRUE(rows[0].valid());
  EXPECT_EQ(rows.fault(1).id, "8");
  EXPECT_THAT(rows.fault(2).message, StartsWith("not JSON: the text ends"));
  EXPECT_TRUE(rows[3].valid());
}

TEST(decode, holds_a_text_to_the_expected_shape) {
  auto array = decode("[" + ride() + "]", format::json, shape::object);
  EXPECT_EQ(array.result.count, 1U);
  EXPECT_FALSE(array.result.array);
  EXPECT_EQ(array.fault().message, "one object is expected, not an array");
  auto object = decode(ride(), format::json, shape::array);
  EXPECT_EQ(object.result.count, 1U);
  EXPECT_EQ(object.fault().message, "an array of objects is expected");
  EXPECT_EQ(decode("5", format::json, shape::array).fault().message, "an array of objects is expected");
  EXPECT_EQ(decode("5", format::json, shape::object).fault().message, "a number is not an object");
}

TEST(decode, refuses_empty_and_blank_texts) {
  for (auto as : {format::json, format::cbor, format::msgpack}) {
    auto got = decode("", as);
    ASSERT_EQ(got.result.count, 1U);
    EXPECT_THAT(got.fault().message, StartsWith("empty"));
  }
  EXPECT_THAT(decode(" \r\n\t").fault().message, StartsWith("empty"));
}

TEST(decode, bounds_the_items_of_a_text) {
  std::string many = "[0";
  for (std::uint32_t i = 1; i < net::most_items; ++i) many += ",0";
  EXPECT_EQ(decode(many + "]").result.count, net::most_items);
  for (const auto* one_more : {",0]", ",{}]", ",[]]"}) {
    auto got = decode(many + one_more);
    EXPECT_EQ(got.result.count, 1U);
    EXPECT_THAT(got.fault().message, HasSubstr("more than 100000 items"));
  }
  std::string lines;
  for (std::uint32_t i = 0; i <= net::most_items; ++i) lines += "0\n";
  EXPECT_THAT(decode(lines, format::ndjson).fault().message, HasSubstr("more than 100000 lines"));
}

// -- lines -----------------------------------------------------------------------------------------

TEST(decode, reads_one_object_a_line) {
  auto got = decode(ride() + "\n\r\n  \n" + ride() + "\r\n" + ride(), format::ndjson);
  EXPECT_TRUE(got.result.array);
  EXPECT_EQ(got.result.count, 3U);
  EXPECT_TRUE(got.valid());
}

TEST(decode, keeps_a_bad_line_to_itself) {
  auto got = decode(ride() + "\n{\"id\":\n" + "[" + ride() + "]\n" + ride() + "\n" + ride() + " x\n", format::ndjson);
  EXPECT_TRUE(got.result.array);
  ASSERT_EQ(got.result.count, 5U);
  EXPECT_TRUE(got.row(0).valid());
  EXPECT_THAT(got.fault(1).message, StartsWith("not JSON: the text ends where a value should be, at byte 7"));
  EXPECT_EQ(got.fault(2).message, "one object is expected, not an array");
  EXPECT_TRUE(got.row(3).valid());
  EXPECT_THAT(got.fault(4).message, StartsWith("not JSON: something follows"));
}

TEST(decode, finds_nothing_in_blank_lines) {
  for (const auto* text : {"", "\n", "\r\n \n\n"}) {
    auto got = decode(text, format::ndjson);
    EXPECT_TRUE(got.result.array);
    EXPECT_EQ(got.result.count, 0U);
  }
}

// -- another schema --------------------------------------------------------------------------------

TEST(decode, follows_another_schema) {
  auto read = [&](const std::string& members) {
    return decode(sensor(members), format::json, shape::either, sensors());
  };
  auto got = read(R"("battery-level":99,"order":-5,"faulty":true,"note":")" + std::string(5000, 'n') + "\"");
  ASSERT_TRUE(got.valid()) << got.fault().message;
  EXPECT_EQ(print(got, "battery-level"), "99");
  EXPECT_EQ(print(got, "order"), "-5");
  EXPECT_EQ(print(got, "note").size(), 5000U);
  EXPECT_TRUE(got.row().id_assigned());
  EXPECT_EQ(read(R"("faulty":1)").fault().message, "faulty: 1 is not true or false");
  EXPECT_EQ(read(R"("note":5)").fault().message, "note: 5 is not a string");
  EXPECT_EQ(read(R"("note":123456789012345678901)").fault().message, "note: 123456789012345678901 is not a string");
  EXPECT_EQ(read(R"("order":2147483648)").fault().message,
            "order: 2147483648 is not between -2147483648 and 2147483647");
  EXPECT_EQ(decode(R"({"sensor":"roof","value":1})", format::json, shape::either, sensors()).fault().message,
            "measured_at: is required");
}

} // namespace
