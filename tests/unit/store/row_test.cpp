#include "store/row.hpp"
#include "tests/support/store_rows.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using namespace goloca;
using test::rows;

TEST(row_block, gives_back_what_was_set_and_null_for_the_rest) {
  rows points{test::sensor_schema()};
  points.add(INT64_MAX)
      .text("sensor", "Zürich")
      .real("value", -1.5)
      .integer("taken_at", INT64_MIN)
      .boolean("order", true);
  points.add(2).text("sensor", "");
  const auto& of = points.block()->of();
  ASSERT_EQ(points.block()->size(), 2u);
  EXPECT_EQ(points[0].id(), INT64_MAX);
  EXPECT_EQ(points[0].text(of.find("sensor")), "Zürich");
  EXPECT_EQ(points[0].real(of.find("value")), -1.5);
  EXPECT_EQ(points[0].integer(of.find("taken_at")), INT64_MIN);
  EXPECT_TRUE(points[0].boolean(of.find("order")));
  EXPECT_TRUE(points[0].is_null(of.find("note")));
  EXPECT_FALSE(points[1].is_null(of.find("sensor")));
  EXPECT_EQ(points[1].text(of.find("sensor")), "");
  EXPECT_TRUE(points[1].is_null(of.find("value")));
}

TEST(row_block, has_no_id_until_one_is_set_and_remembers_an_assigned_one) {
  rows points{store::rides_schema()};
  points.block()->begin_row();
  EXPECT_EQ(points[0].id(), 0);
  EXPECT_FALSE(points[0].id_assigned());
  points.block()->assign_id(12);
  EXPECT_EQ(points[0].id(), 12);
  EXPECT_TRUE(points[0].id_assigned());
}

TEST(row_block, marks_invalid_rows_with_their_faults_and_takes_rows_back) {
  rows points{store::rides_schema()};
  points.ride(1);
  points.block()->begin_row();
  points.block()->mark_invalid({"first", "user_id", "7"});
  points.ride(3);
  points.block()->begin_row();
  points.block()->mark_invalid({"second", "", ""});
  EXPECT_TRUE(points[0].valid());
  EXPECT_FALSE(points[1].valid());
  EXPECT_EQ(points.block()->fault(1).message, "first");
  EXPECT_EQ(points.block()->fault(3).message, "second");
  points.block()->truncate(3);
  EXPECT_EQ(points.block()->size(), 3u);
  EXPECT_FALSE(points.block()->all_valid());
  points.block()->truncate(1);
  EXPECT_TRUE(points.block()->all_valid());
  EXPECT_EQ(points[0].id(), 1);
}

TEST(row_block, keeps_one_zero) {
  rows points{test::sensor_schema()};
  points.add(1).real("value", -0.0);
  EXPECT_FALSE(std::signbit(points[0].real(points.block()->of().find("value"))));
}

TEST(same_content, looks_at_every_member_and_tells_null_from_empty) {
  rows points{store::rides_schema()};
  points.ride(1, "a").text("from_area_id", "");
  points.ride(1, "a");
  points.ride(1, "b");
  points.ride(2, "a");
  points.ride(1, "a").boolean("online_booking", false);
  for (std::size_t i = 0; i < 5; ++i) {
    for (std::size_t j = 0; j < 5; ++j) EXPECT_EQ(same_content(points[i], points[j]), i == j) << i << ' ' << j;
  }
}

TEST(append_row, copies_values_of_every_type_and_no_flags) {
  rows from{test::sensor_schema()};
  from.add(1)
      .text("sensor", "s")
      .real("value", 0.1)
      .integer("taken_at", 5)
      .integer("quality", -3)
      .boolean("order", false);
  from.block()->assign_id(9);
  rows to{test::sensor_schema()};
  append_row(*to.block(), from[0]);
  EXPECT_TRUE(same_content(from[0], to[0]));
  EXPECT_FALSE(to[0].id_assigned());
}

TEST(row_block, holds_schemas_of_more_than_64_members) {
  std::string members = R"("id": {"type": "integer", "x-sql-type": "BIGINT"})";
  for (int i = 0; i < 130; ++i) {
    members += ", \"m" + std::to_string(i) + R"(": {"type": ["integer", "null"], "x-sql-type": "SMALLINT"})";
  }
  rows points{test::schema_of(R"({"type": "object", "x-table": "wide", "properties": {)" + members + "}}")};
  points.add(1).integer("m0", 1).integer("m64", 2).integer("m129", 3);
  const auto& of = points.block()->of();
  EXPECT_EQ(points[0].integer(of.find("m129")), 3);
  EXPECT_EQ(points[0].integer(of.find("m64")), 2);
  EXPECT_TRUE(points[0].is_null(of.find("m63")));
  EXPECT_TRUE(points[0].is_null(of.find("m128")));
}

TEST(row_block, counts_the_memory_it_holds) {
  rows points{store::rides_schema()};
  auto empty = points.block()->memory();
  points.ride(1, std::string(100, 'x'));
  EXPECT_GT(points.block()->memory(), empty + 100);
}

TEST(row_block, counts_the_memory_of_faults_and_not_of_those_that_were_taken_back) {
  store::row_block block{store::rides_schema()};
  block.begin_row();
  auto without = block.memory();
  block.mark_invalid({std::string(1'000, 'x'), std::string(100, 'y'), std::string(10, 'z')});
  auto with = block.memory();
  EXPECT_GE(with, without + 1'110);
  block.truncate(0);
  EXPECT_LE(block.memory(), with - 1'110);
}

} // namespace
