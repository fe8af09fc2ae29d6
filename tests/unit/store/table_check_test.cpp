#include "store/sql_text.hpp"
#include "store/table_check.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using testing::HasSubstr;

bool same_type(const std::string& type, const store::field& of) {
  return type == of.sql_type;
}

constexpr store::dialect altering{&same_type, true};
constexpr store::dialect not_altering{&same_type, false};

store::existing_table fitting() {
  store::existing_table table;
  auto of = test::sensor_schema();
  for (const auto& each : of->fields()) {
    table.columns.push_back({each.column, each.sql_type, each.required, false, false});
  }
  table.uniques.push_back({"reading_pkey", true, true, {"id"}});
  return table;
}

std::string complaint(const store::existing_table& about, const store::dialect& how = altering) {
  return misfit(*test::sensor_schema(), about, how).value_or("");
}

TEST(table_check, is_content_with_the_schemas_own_table) {
  EXPECT_EQ(complaint(fitting()), "");
}

TEST(table_check, is_content_with_nullable_columns_for_required_members_and_further_columns) {
  auto table = fitting();
  for (auto& column : table.columns) column.not_null = false;
  table.columns.push_back({"remark", "TEXT", false, false, false});
  table.columns.push_back({"made", "DATE", true, true, false});
  table.columns.push_back({"sum", "INTEGER", true, false, true});
  EXPECT_EQ(complaint(table), "");
}

TEST(table_check, prints_one_alter_for_all_that_is_wrong) {
  auto table = fitting();
  table.columns.erase(table.columns.begin()); // sensor
  table.columns[0].type = "REAL";             // value
  table.columns.push_back({"extra", "DATE", true, false, false});
  EXPECT_EQ(complaint(table), "table Reading does not fit the schema: column sensor is missing; column value is REAL, "
                              "which does not hold every DOUBLE "
                              "PRECISION; column extra is not the schema's, NOT NULL and without default. goloca "
                              "alters no existing table; this would "
                              "mend it: ALTER TABLE \"Reading\" ADD COLUMN \"sensor\" VARCHAR(20), ALTER COLUMN "
                              "\"value\" TYPE DOUBLE PRECISION USING "
                              "\"value\"::DOUBLE PRECISION, ALTER COLUMN \"extra\" DROP NOT NULL;");
}

TEST(table_check, wants_columns_that_take_our_values) {
  auto table = fitting();
  table.columns[0].computed = true;
  EXPECT_THAT(complaint(table), HasSubstr("column sensor is computed by the database"));
}

TEST(table_check, wants_the_key_unique_over_every_row) {
  auto table = fitting();
  table.uniques[0].whole = false;
  EXPECT_THAT(complaint(table), HasSubstr("column id is not unique"));
  table.uniques[0] = {"both", true, true, {"id", "sensor"}};
  EXPECT_THAT(complaint(table), HasSubstr("CREATE UNIQUE INDEX ON \"Reading\" (\"id\");"));
}

TEST(table_check, refuses_further_unique_constraints_and_indexes_by_name) {
  auto table = fitting();
  table.uniques.push_back({"reading_sensor_key", true, true, {"sensor"}});
  table.uniques.push_back({"by \"note\"", false, false, {"note"}});
  auto said = complaint(table);
  EXPECT_THAT(said, HasSubstr("ALTER TABLE \"Reading\" DROP CONSTRAINT \"reading_sensor_key\";"));
  EXPECT_THAT(said, HasSubstr("DROP INDEX \"by \"\"note\"\"\";"));
}

TEST(table_check, advises_a_new_table_where_the_database_cannot_alter_its_columns) {
  auto table = fitting();
  table.columns.erase(table.columns.begin());
  EXPECT_THAT(complaint(table, not_altering), HasSubstr("ALTER TABLE \"Reading\" ADD COLUMN \"sensor\" VARCHAR(20);"));
  table.columns[0].type = "TEXT";
  EXPECT_THAT(complaint(table, not_altering), HasSubstr("ALTER TABLE \"Reading\" RENAME TO \"Reading_old\";"));
}

TEST(sql_text, quotes_names_and_makes_the_schemas_table) {
  EXPECT_EQ(store::quote_name("a\"b"), "\"a\"\"b\"");
  EXPECT_EQ(store::create_table(*test::sensor_schema(), "BIGINT PRIMARY KEY"),
            "CREATE TABLE IF NOT EXISTS \"Reading\" (\"sensor\" VARCHAR(20) NOT NULL, \"value\" DOUBLE PRECISION NOT "
            "NULL, \"id\" BIGINT "
            "PRIMARY KEY, \"taken_at\" BIGINT NOT NULL, \"quality\" SMALLINT, \"count\" INTEGER, \"note\" TEXT, "
            "\"select\" BOOLEAN)");
}

TEST(sql_text, makes_one_line_of_a_message) {
  EXPECT_EQ(store::one_line("ERROR:  no\nDETAIL:\tthis\n\n"), "ERROR: no DETAIL: this");
}

} // namespace
