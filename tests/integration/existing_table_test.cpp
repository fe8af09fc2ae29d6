// A table that was there before: taken when it fits, refused with what would mend it when not. Over both databases.

#include "tests/support/store_rows.hpp"
#include "tests/support/store_worlds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using store::outcome;
using test::error;
using test::insert;
using test::rides;
using test::rows;
using test::value;
using testing::ElementsAre;
using testing::HasSubstr;

struct existing_table : test::over_a_store {};

TEST_P(existing_table, gives_a_repeat_of_a_refused_id_its_own_turn_when_its_content_differs) {
  where->refuse_user("bad", 0);
  auto store = prepared();
  rows points{store::rides_schema()};
  points.ride(7, "bad").ride(7, "good").ride(7, "bad").ride(7, "good").ride(7, "other");
  auto done = value(store->insert(points.views()));
  EXPECT_THAT(done.outcomes,
              ElementsAre(outcome::invalid, outcome::stored, outcome::invalid, outcome::duplicate, outcome::conflict));
  EXPECT_THAT(done.refusals, testing::SizeIs(2));
}

TEST_P(existing_table, takes_a_table_with_further_nullable_columns_and_wider_types) {
  where->execute(
      "CREATE TABLE \"Reading\" (remark TEXT, id BIGINT PRIMARY KEY, sensor TEXT, value DOUBLE PRECISION NOT NULL, "
      "taken_at BIGINT NOT NULL, quality BIGINT, count BIGINT, note TEXT, \"select\" BOOLEAN, made INTEGER NOT NULL "
      "DEFAULT 1)");
  auto store = prepared(test::sensor_schema());
  rows points{test::sensor_schema()};
  for (std::int64_t id = 1; id <= 3; ++id) {
    points.add(id)
        .text("sensor", "s")
        .real("value", 1.5)
        .integer("taken_at", 1)
        .integer("quality", 3)
        .integer("count", 4);
  }
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::stored));
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::duplicate));
}

/// What would mend the table, as the message prints it.
std::string cure_in(const std::string& message) {
  const std::string before = "this would mend it: ";
  auto at = message.find(before);
  auto end = message.find("; (", at); // a remark in words
  return at == std::string::npos
             ? ""
             : message.substr(at + before.size(), end == std::string::npos ? end : end + 1 - at - before.size());
}

TEST_P(existing_table, refuses_a_table_that_does_not_fit_and_prints_what_mends_it) {
  const std::string key = "id BIGINT PRIMARY KEY, ";
  const std::string rest =
      "value DOUBLE PRECISION, taken_at BIGINT, quality SMALLINT, count INTEGER, note TEXT, \"select\" BOOLEAN";
  const std::vector<std::pair<std::string, std::string>> cases{
      {key + rest, "column sensor is missing"},
      {key + "sensor DOUBLE PRECISION, " + rest, "column sensor is "},
      {key + "sensor VARCHAR(20), extra INTEGER NOT NULL, " + rest, "column extra is not the schema's, NOT NULL"},
      {key + "sensor VARCHAR(20), value DOUBLE PRECISION, taken_at BIGINT, quality SMALLINT NOT NULL, count INTEGER, "
             "note TEXT, "
             "\"select\" BOOLEAN",
       "column quality is NOT NULL but the member is optional"},
      {"id BIGINT, sensor VARCHAR(20), " + rest, "column id is not unique"},
      {key + "sensor VARCHAR(20) UNIQUE, " + rest, "lets no two points share (sensor)"},
      {key + "sensor VARCHAR(20), " + rest + ", UNIQUE (sensor, taken_at)",
       "lets no two points share (sensor, taken_at)"},
  };
  for (const auto& [columns, why] : cases) {
    where->execute("CREATE TABLE \"Reading\" (" + columns + ")");
    auto refused = error(value(where->open(test::sensor_schema()))->prepare());
    EXPECT_EQ(refused.kind, store::error_kind::unfit);
    EXPECT_THAT(refused.message, HasSubstr(why));
    EXPECT_THAT(cure_in(refused.message), HasSubstr("\"Reading\""));
    where->execute(cure_in(refused.message));
    EXPECT_NO_THROW(value(value(where->open(test::sensor_schema()))->prepare())) << refused.message;
    where->execute("DROP TABLE IF EXISTS \"Reading\"");
    where->execute("DROP TABLE IF EXISTS \"Reading_old\"");
  }
}

TEST_P(existing_table, refuses_a_unique_index_besides_the_key_but_not_one_that_has_it) {
  value(value(where->open(store::rides_schema()))->prepare());
  where->execute("CREATE UNIQUE INDEX fine ON datapoint (user_id, id)");
  where->execute("CREATE INDEX fine_too ON datapoint (user_id)");
  value(value(where->open(store::rides_schema()))->prepare());
  where->execute("CREATE UNIQUE INDEX by_user ON datapoint (user_id)");
  auto refused = error(value(where->open(store::rides_schema()))->prepare());
  EXPECT_EQ(refused.kind, store::error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr("DROP INDEX \"by_user\";"));
  where->execute(cure_in(refused.message));
  EXPECT_THAT(insert(*prepared(), rides(1, 2)), testing::Each(outcome::stored));
}

TEST_P(existing_table, refuses_a_view) {
  where->execute("CREATE VIEW datapoint AS SELECT 1 AS id");
  auto refused = error(value(where->open(store::rides_schema()))->prepare());
  EXPECT_EQ(refused.kind, store::error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr("is a view"));
}

INSTANTIATE_TEST_SUITE_P(over, existing_table, testing::Values("sqlite", "postgres"),
                         [](const auto& of) { return of.param; });

} // namespace
