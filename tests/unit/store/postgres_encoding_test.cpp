#include "store/postgres_encoding.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using namespace std::string_literals;
using store::binary_parameters;
using test::rows;

rows two_readings() {
  rows points{test::sensor_schema()}; // sensor, value, id, taken_at, quality, count, note, order
  points.add(258)
      .text("sensor", "é")
      .real("value", 1.0)
      .integer("taken_at", -1)
      .integer("quality", -2)
      .integer("count", 66'051);
  points.text("note", "").boolean("order", true);
  points.add(2).text("sensor", "ab").real("value", -2.0).integer("taken_at", 0);
  return points;
}

std::string bytes(const binary_parameters& of, int parameter) {
  return {of.values()[parameter], static_cast<std::size_t>(of.lengths()[parameter])};
}

TEST(binary_parameters, put_one_row_in_network_order_a_null_as_no_value) {
  auto points = two_readings();
  binary_parameters parameters;
  parameters.fill_row(points[0]);
  ASSERT_EQ(parameters.count(), 8);
  EXPECT_EQ(bytes(parameters, 0), "\xc3\xa9");
  EXPECT_EQ(bytes(parameters, 1), "\x3f\xf0\0\0\0\0\0\0"s);
  EXPECT_EQ(bytes(parameters, 2), "\0\0\0\0\0\0\1\2"s);
  EXPECT_EQ(bytes(parameters, 3), std::string(8, '\xff'));
  EXPECT_EQ(bytes(parameters, 4), "\xff\xfe");
  EXPECT_EQ(bytes(parameters, 5), "\0\1\2\3"s);
  EXPECT_NE(parameters.values()[6], nullptr); // empty text is no null
  EXPECT_EQ(bytes(parameters, 6), "");
  EXPECT_EQ(bytes(parameters, 7), "\1");
  for (int i = 0; i < 8; ++i) EXPECT_EQ(parameters.formats()[i], 1);

  parameters.fill_row(points[1]);
  EXPECT_EQ(bytes(parameters, 0), "ab");
  EXPECT_EQ(parameters.values()[4], nullptr);
  EXPECT_EQ(parameters.values()[7], nullptr);
}

TEST(binary_parameters, put_columns_as_arrays_with_their_element_types) {
  auto points = two_readings();
  auto views = points.views();
  binary_parameters parameters;
  parameters.fill_arrays(views);
  ASSERT_EQ(parameters.count(), 8);
  // dimensions, has null, element type, size, lower bound; then length and bytes of each
  EXPECT_EQ(bytes(parameters, 0), "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\2\xc3\xa9\0\0\0\2"
                                  "ab"s);
  EXPECT_EQ(bytes(parameters, 4), "\0\0\0\1\0\0\0\1\0\0\0\x15\0\0\0\2\0\0\0\1\0\0\0\2\xff\xfe\xff\xff\xff\xff"s);
  EXPECT_EQ(bytes(parameters, 7), "\0\0\0\1\0\0\0\1\0\0\0\x10\0\0\0\2\0\0\0\1\0\0\0\1\1\xff\xff\xff\xff"s);
}

TEST(binary_parameters, put_ids_as_one_array) {
  binary_parameters parameters;
  parameters.fill_ids(std::vector<std::int64_t>{1, INT64_MAX});
  ASSERT_EQ(parameters.count(), 1);
  EXPECT_EQ(bytes(parameters, 0),
            "\0\0\0\1\0\0\0\0\0\0\0\x14\0\0\0\2\0\0\0\1\0\0\0\x08\0\0\0\0\0\0\0\1\0\0\0\x08\x7f\xff\xff\xff\xff"
            "\xff\xff\xff"s);
}

TEST(encode_copy, makes_the_file_that_a_binary_copy_reads) {
  auto of = test::schema_of(R"schema({"type": "object", "x-table": "t", "properties": {
    "id": {"type": "integer", "x-sql-type": "BIGINT"}, "a": {"type": ["string", "null"], "x-sql-type": "TEXT"}}})schema");
  rows points{of};
  points.add(1).text("a", "xy");
  points.add(258);
  std::string file = "left over";
  encode_copy(points.views(), file);
  EXPECT_EQ(file, "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0"
                  "\0\2\0\0\0\x08\0\0\0\0\0\0\0\1\0\0\0\2xy"
                  "\0\2\0\0\0\x08\0\0\0\0\0\0\1\2\xff\xff\xff\xff\xff\xff"s);
}

/// A result as a server would send it, built by libpq.
store::pg_result result_of(const binary_parameters& values) {
  store::pg_result made{PQmakeEmptyPGresult(nullptr, PGRES_TUPLES_OK)};
  std::vector<PGresAttDesc> columns(static_cast<std::size_t>(values.count()));
  for (auto& column : columns) column = {const_cast<char*>("c"), 0, 0, 1, 0, 0, 0};
  PQsetResultAttrs(made.get(), values.count(), columns.data());
  for (int i = 0; i < values.count(); ++i) {
    PQsetvalue(made.get(), 0, i, const_cast<char*>(values.values()[i]),
               values.values()[i] == nullptr ? -1 : values.lengths()[i]);
  }
  return made;
}

TEST(append_result_row, reads_every_integer_as_eight_bytes_and_keeps_nulls) {
  // Only types whose parameter and result are alike: then what was put can be read back.
  auto of = test::schema_of(R"schema({"type": "object", "x-table": "t", "properties": {
    "id": {"type": "integer", "x-sql-type": "BIGINT"}, "a": {"type": ["number", "null"], "x-sql-type": "DOUBLE PRECISION"},
    "b": {"type": ["boolean", "null"], "x-sql-type": "BOOLEAN"}, "c": {"type": ["string", "null"], "x-sql-type": "TEXT"},
    "d": {"type": ["integer", "null"], "x-sql-type": "BIGINT"}}})schema");
  rows points{of};
  points.add(INT64_MAX).real("a", 0.1).boolean("b", false).text("c", "日本").integer("d", INT64_MIN);
  points.add(2);
  rows back{of};
  binary_parameters parameters;
  for (auto point : points.views()) {
    parameters.fill_row(point);
    append_result_row(*back.block(), result_of(parameters).get(), 0);
  }
  EXPECT_TRUE(same_content(back[0], points[0]));
  EXPECT_TRUE(same_content(back[1], points[1]));
  EXPECT_EQ(store::postgres_result_type(store::column_type::smallint), "int8");
  EXPECT_EQ(store::postgres_result_type(store::column_type::integer), "int8");
}

} // namespace
