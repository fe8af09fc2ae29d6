#include "store/schema.hpp"

#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>
#include <string>

namespace {

using namespace goloca::store;
using ::testing::HasSubstr;

using schema_read = std::variant<std::shared_ptr<const schema>, schema_fault>;

std::shared_ptr<const schema> good(const schema_read& read) {
  if (const auto* fault = std::get_if<schema_fault>(&read)) {
    ADD_FAILURE() << fault->message();
    return rides_schema();
  }
  return std::get<std::shared_ptr<const schema>>(read);
}

schema_fault bad(const schema_read& read) {
  if (const auto* fault = std::get_if<schema_fault>(&read)) return *fault;
  ADD_FAILURE() << "the schema was taken";
  return {};
}

constexpr const char* plain_id = R"("id": {"type": ["string", "integer"], "x-sql-type": "BIGINT"})";

/// A schema with id and these further members, and further keywords at the top.
std::string with_members(const std::string& members, const std::string& top = "") {
  return R"({"type": "object", "x-table": "t", )" + top + R"("properties": {)" + plain_id +
         (members.empty() ? "" : ", ") + members + "}}";
}

field only_field(const std::string& keywords) {
  auto read = good(read_schema(with_members("\"m\": {" + keywords + "}"), "test.json"));
  return read->fields().back();
}

// -- what is read ----------------------------------------------------------------------------------

TEST(schema, reads_the_rides_in_the_order_of_the_document) {
  auto rides = rides_schema();
  EXPECT_EQ(rides->table(), "datapoint");
  ASSERT_EQ(rides->size(), 19U);
  EXPECT_EQ(rides->fields().front().member, "id");
  EXPECT_EQ(rides->key(), 0U);
  EXPECT_EQ(rides->fields()[1].member, "user_id");
  EXPECT_EQ(rides->fields().back().member, "Car_Cancellation");
  EXPECT_EQ(rides->fields().back().column, "car_cancellation");
  EXPECT_THAT(rides->document(), HasSubstr("\"x-table\": \"datapoint\""));
}

TEST(schema, gives_each_ride_member_what_the_design_says) {
  auto rides = rides_schema();
  const auto& user = rides->fields()[rides->find("user_id")];
  EXPECT_TRUE(user.required && user.takes_string && user.takes_integer);
  EXPECT_EQ(user.sql_type, "VARCHAR(100)");
  EXPECT_EQ(user.min_length, 1U);
  EXPECT_EQ(user.max_length, 100U);
  const auto& package = rides->fields()[rides->find("package_id")];
  EXPECT_EQ(package.type, column_type::smallint);
  EXPECT_EQ(package.minimum, 1);
  EXPECT_EQ(package.maximum, 7);
  EXPECT_FALSE(package.required);
  const auto& longitude = rides->fields()[rides->find("from_long")];
  EXPECT_EQ(longitude.least, -180);
  EXPECT_EQ(longitude.most, 180);
  EXPECT_EQ(rides->find("no_such_member"), rides->size());
}

TEST(schema, reads_another_schema_from_a_file) {
  auto sensors = good(read_schema_file(GOLOCA_SOURCE_DIR "/tests/support/sensor.schema.json"));
  EXPECT_EQ(sensors->table(), "sensor_reading");
  EXPECT_EQ(sensors->fields()[sensors->key()].member, "id");
  EXPECT_EQ(sensors->key(), 2U);
  const auto& battery = sensors->fields()[sensors->find("battery-level")];
  EXPECT_EQ(battery.column, "battery_level");
  EXPECT_EQ(battery.sql_type, "SMALLINT");
}

TEST(schema, gives_the_key_ids_from_1) {
  auto made = good(read_schema(with_members(""), "test.json"));
  EXPECT_EQ(made->fields()[0].minimum, 1);
  EXPECT_EQ(made->fields()[0].maximum, INT64_MAX);
}

TEST(schema, bounds_integers_by_their_column) {
  EXPECT_EQ(only_field(R"("type": "integer", "x-sql-type": "SMALLINT")").maximum, 32767);
  EXPECT_EQ(only_field(R"("type": "integer", "x-sql-type": "INTEGER")").minimum, -2147483648LL);
  EXPECT_EQ(only_field(R"("type": "integer", "x-sql-type": "BIGINT")").minimum, INT64_MIN);
  EXPECT_EQ(only_field(R"("type": "integer", "x-sql-type": "SMALLINT", "minimum": -5)").minimum, -5);
}

TEST(schema, takes_the_length_of_a_varchar_when_max_length_is_absent) {
  EXPECT_EQ(only_field(R"~("type": "string", "x-sql-type": "varchar(7)")~").max_length, 7U);
  EXPECT_EQ(only_field(R"~("type": "string", "x-sql-type": "VARCHAR(7)", "maxLength": 5)~").max_length, 5U);
  EXPECT_EQ(only_field(R"~("type": "string", "x-sql-type": "TEXT")~").max_length, SIZE_MAX);
  EXPECT_EQ(only_field(R"~("type": "string", "x-sql-type": "varchar(7)")~").sql_type, "VARCHAR(7)");
}

TEST(schema, lets_id_be_required_and_then_narrowed) {
  auto text = R"({"type": "object", "x-table": "t", "required": ["id"],
                  "properties": {"id": {"type": "integer", "x-sql-type": "bigint", "maximum": 1000}}})";
  auto made = good(read_schema(text, "test.json"));
  EXPECT_TRUE(made->fields()[0].required);
  EXPECT_FALSE(made->fields()[0].takes_string);
  EXPECT_EQ(made->fields()[0].maximum, 1000);
}

TEST(schema, holds_a_thousand_members_and_no_more) {
  auto members = [](int count) {
    std::string all;
    for (int i = 0; i < count; ++i)
      all += (i == 0 ? "" : ",") + ("\"m" + std::to_string(i)) + R"(": {"type": "integer", "x-sql-type": "INTEGER"})";
    return all;
  };
  EXPECT_EQ(good(read_schema(with_members(members(999)), "test.json"))->size(), 1000U);
  EXPECT_THAT(bad(read_schema(with_members(members(1000)), "test.json")).why, HasSubstr("1001 members"));
}

// -- what is refused -------------------------------------------------------------------------------

TEST(schema, says_which_file_and_which_member) {
  auto fault = bad(read_schema(with_members(R"("m": {"type": "integer"})"), "test.json"));
  EXPECT_EQ(fault.message(), "test.json: m: x-sql-type is missing");
  EXPECT_EQ(bad(read_schema("[]", "test.json")).message(), "test.json: the schema must be a JSON object");
}

struct refused {
  const char* what; // for the test's name
  std::string text;
  const char* member;
  const char* why;
};

void PrintTo(const refused& of, std::ostream* out) {
  *out << of.what;
}

class refused_schema : public ::testing::TestWithParam<refused> {};

TEST_P(refused_schema, names_the_member_and_why) {
  auto fault = bad(read_schema(GetParam().text, "test.json"));
  EXPECT_EQ(fault.member, GetParam().member);
  EXPECT_THAT(fault.why, HasSubstr(GetParam().why));
}

refused member_case(const char* what, const std::string& keywords, const char* why) {
  return {what, with_members("\"m\": {" + keywords + "}"), "m", why};
}

INSTANTIATE_TEST_SUITE_P(
    document, refused_schema,
    ::testing::Values(
        refused{"empty", "", "", "not JSON"}, refused{"cut_off", "{\"type\":", "", "not JSON"},
        refused{"trailing_bytes", with_members("") + "x", "", "not JSON"},
        refused{"nul_byte", with_members("") + std::string(1, '\0'), "", "NUL"},
        refused{"a_member_twice", with_members(plain_id), "id", "twice"},
        refused{"a_keyword_twice", with_members(R"("m": {"type": "integer", "type": "string"})"), "type", "twice"},
        refused{"no_type", R"({"x-table": "t", "properties": {}})", "", "type must be"},
        refused{"other_type", R"({"type": "array", "x-table": "t"})", "", "type must be"},
        refused{"no_properties", R"({"type": "object", "x-table": "t"})", "", "properties"},
        refused{"empty_properties", R"({"type": "object", "x-table": "t", "properties": {}})", "", "properties"},
        refused{
            "no_id",
            R"({"type": "object", "x-table": "t", "properties": {"a": {"type": "integer", "x-sql-type": "INTEGER"}}})",
            "id", "missing"},
        refused{"no_table", std::string{R"({"type": "object", "properties": {)"} + plain_id + "}}", "",
                "x-table is missing"},
        refused{"bad_table", std::string{R"({"type": "object", "x-table": "a b", "properties": {)"} + plain_id + "}}",
                "", "x-table must be"},
        refused{"sqlite_table",
                std::string{R"({"type": "object", "x-table": "SQLite_x", "properties": {)"} + plain_id + "}}", "",
                "sqlite_"},
        refused{"unknown_keyword", with_members("", R"("requird": ["id"], )"), "", "unknown keyword requird"},
        refused{"additional_properties", with_members("", R"("additionalProperties": false, )"), "", "UNKNOWN_MEMBERS"},
        refused{"other_dialect", with_members("", R"("$schema": "http://json-schema.org/draft-07/schema#", )"), "",
                "2020-12"},
        refused{"required_names_nothing", with_members("", R"("required": ["x"], )"), "x", "not in properties"},
        refused{"required_twice", with_members("", R"("required": ["id", "id"], )"), "id", "twice"},
        refused{"required_is_no_list", with_members("", R"("required": "id", )"), "", "array of names"},
        refused{"column_twice", with_members(R"("m": {"type": "integer", "x-sql-type": "INTEGER", "x-column": "ID"})"),
                "m", "another member"},
        refused{
            "required_and_null",
            with_members(R"("m": {"type": ["integer", "null"], "x-sql-type": "INTEGER"})", R"("required": ["m"], )"),
            "m", "null"}),
    [](const auto& instance) { return std::string{instance.param.what}; });

INSTANTIATE_TEST_SUITE_P(
    member, refused_schema,
    ::testing::Values(
        refused{"no_object", with_members(R"("m": 1)"), "m", "JSON object"},
        member_case("typo", R"("type": "integer", "x-sql-type": "INTEGER", "minimun": 1)", "unknown keyword minimun"),
        member_case("other_extension", R"("type": "integer", "x-sql-type": "INTEGER", "x-colum": "n")",
                    "unknown keyword x-colum"),
        member_case("pattern", R"("type": "string", "x-sql-type": "TEXT", "pattern": "a")", "pattern"),
        member_case("unknown_sql_type", R"("type": "integer", "x-sql-type": "INT8")", "INT8"),
        member_case("varchar_without_length", R"("type": "string", "x-sql-type": "VARCHAR")", "VARCHAR"),
        member_case("varchar_0", R"~("type": "string", "x-sql-type": "VARCHAR(0)")~", "length"),
        member_case("varchar_junk", R"~("type": "string", "x-sql-type": "VARCHAR(1x)")~", "length"),
        member_case("no_type", R"("x-sql-type": "TEXT")", "type is missing"),
        member_case("unknown_type", R"("type": "text", "x-sql-type": "TEXT")", "type must be"),
        member_case("type_twice", R"("type": ["string", "string"], "x-sql-type": "TEXT")", "twice"),
        member_case("only_null", R"("type": "null", "x-sql-type": "TEXT")", "must name string"),
        member_case("string_on_bigint", R"("type": ["integer", "string"], "x-sql-type": "BIGINT")", "does not fit"),
        member_case("number_on_integer", R"("type": "number", "x-sql-type": "INTEGER")", "does not fit"),
        member_case("boolean_on_text", R"("type": ["string", "boolean"], "x-sql-type": "TEXT")", "does not fit"),
        member_case("integer_alone_on_double", R"("type": "integer", "x-sql-type": "DOUBLE PRECISION")",
                    "must name number"),
        member_case("minimum_above_maximum",
                    R"("type": "integer", "x-sql-type": "INTEGER", "minimum": 2, "maximum": 1)", "above"),
        member_case("real_minimum_above",
                    R"("type": "number", "x-sql-type": "DOUBLE PRECISION", "minimum": 2, "maximum": 1)", "above"),
        member_case("outside_smallint", R"("type": "integer", "x-sql-type": "SMALLINT", "maximum": 32768)", "outside"),
        member_case("beyond_bigint", R"("type": "integer", "x-sql-type": "BIGINT", "maximum": 9223372036854775808)",
                    "more than"),
        member_case("broken_minimum", R"("type": "integer", "x-sql-type": "INTEGER", "minimum": 1.5)",
                    "must be an integer"),
        member_case("minimum_of_text", R"("type": "string", "x-sql-type": "TEXT", "minimum": 1)", "minLength"),
        member_case("length_of_integer", R"("type": "integer", "x-sql-type": "INTEGER", "maxLength": 1)", "VARCHAR"),
        member_case("too_long_for_varchar", R"~("type": "string", "x-sql-type": "VARCHAR(5)", "maxLength": 6)~",
                    "more than"),
        member_case("min_length_above_max", R"~("type": "string", "x-sql-type": "VARCHAR(5)", "minLength": 6)~",
                    "above"),
        member_case("negative_length", R"("type": "string", "x-sql-type": "TEXT", "minLength": -1)", "negative"),
        member_case("boolean_range", R"("type": ["boolean", "integer"], "x-sql-type": "BOOLEAN", "maximum": 0)",
                    "0 and 1"),
        member_case("column_is_no_name", R"("type": "integer", "x-sql-type": "INTEGER", "x-column": "1a")", "column"),
        member_case(
            "column_is_too_long",
            R"("type": "integer", "x-sql-type": "INTEGER", "x-column": "a234567890123456789012345678901234567890123456789012345678901234")",
            "column"),
        member_case("column_of_the_system", R"("type": "integer", "x-sql-type": "INTEGER", "x-column": "xmin")",
                    "PostgreSQL"),
        member_case("description_is_no_text", R"("type": "integer", "x-sql-type": "INTEGER", "description": 1)",
                    "string"),
        refused{"member_is_no_column", with_members(R"("a-b": {"type": "integer", "x-sql-type": "INTEGER"})"), "a-b",
                "x-column"},
        refused{"empty_name", with_members(R"("": {"type": "integer", "x-sql-type": "INTEGER", "x-column": "a"})"), "",
                "name"}),
    [](const auto& instance) { return std::string{instance.param.what}; });

refused key_case(const char* what, const std::string& keywords, const char* why) {
  return {what, R"({"type": "object", "x-table": "t", "properties": {"id": {)" + keywords + "}}}", "id", why};
}

INSTANTIATE_TEST_SUITE_P(
    key, refused_schema,
    ::testing::Values(key_case("no_bigint", R"("type": "integer", "x-sql-type": "INTEGER")", "must be BIGINT"),
                      key_case("a_number", R"("type": "number", "x-sql-type": "BIGINT")", "does not fit"),
                      key_case("from_0", R"("type": "integer", "x-sql-type": "BIGINT", "minimum": 0)", "outside"),
                      key_case("narrowed", R"("type": "integer", "x-sql-type": "BIGINT", "maximum": 9)", "assigns"),
                      key_case("renamed", R"("type": "integer", "x-sql-type": "BIGINT", "x-column": "k")", "x-column")),
    [](const auto& instance) { return std::string{instance.param.what}; });

TEST(schema, refuses_a_file_that_it_cannot_read) {
  goloca::test::scratch_folder folder;
  EXPECT_THAT(bad(read_schema_file((folder.path() / "none.json").string())).why, HasSubstr("No such file"));
  EXPECT_THAT(bad(read_schema_file(folder.path().string())).why, HasSubstr("read"));
  EXPECT_THAT(bad(read_schema_file(folder.write("large.json", std::string(5 * 1024 * 1024, ' ')))).why,
              HasSubstr("4 MiB"));
}

} // namespace
