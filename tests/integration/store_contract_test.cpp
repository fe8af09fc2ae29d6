// One contract, every store: what DESIGN's promises 1 and 3 ask of a data_point_store.

#include "tests/support/store_rows.hpp"
#include "tests/support/store_worlds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <random>

namespace {

using namespace goloca;
using store::outcome;
using test::error;
using test::insert;
using test::rides;
using test::rows;
using test::value;
using testing::ElementsAre;

struct store_contract : test::over_a_store {};

TEST_P(store_contract, stores_a_new_point_and_finds_it_with_every_member) {
  auto store = prepared();
  auto points = rides(132'516, 1);
  EXPECT_THAT(insert(*store, points), ElementsAre(outcome::stored));
  auto found = value(store->find(132'516));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_TRUE(same_content((*found)[0], points[0]));
  EXPECT_FALSE(value(store->find(1)));
}

TEST_P(store_contract, promises_full_durability_and_answers_a_probe) {
  auto store = value(where->open(store::rides_schema()));
  auto promise = value(store->prepare());
  EXPECT_TRUE(promise.full);
  EXPECT_FALSE(promise.statement.empty());
  EXPECT_FALSE(store->probe());
}

TEST_P(store_contract, answers_duplicate_for_the_same_content_also_to_another_instance) {
  auto points = rides(1, 3);
  EXPECT_THAT(insert(*prepared(), points), ElementsAre(outcome::stored, outcome::stored, outcome::stored));
  EXPECT_THAT(insert(*prepared(), points), ElementsAre(outcome::duplicate, outcome::duplicate, outcome::duplicate));
}

TEST_P(store_contract, answers_conflict_for_other_content_and_keeps_the_first) {
  auto store = prepared();
  rows first{store::rides_schema()};
  rows second{store::rides_schema()};
  first.ride(7, "first");
  second.ride(7, "second");
  insert(*store, first);
  EXPECT_THAT(insert(*store, second), ElementsAre(outcome::conflict));
  EXPECT_TRUE(same_content((*value(store->find(7)))[0], first[0]));
}

TEST_P(store_contract, lets_the_first_of_several_in_one_batch_decide) {
  auto store = prepared();
  rows points{store::rides_schema()};
  points.ride(9, "nine").ride(7, "seven").ride(9, "nine").ride(9, "other").ride(8, "eight").ride(7, "seven");
  EXPECT_THAT(insert(*store, points), ElementsAre(outcome::stored, outcome::stored, outcome::duplicate,
                                                  outcome::conflict, outcome::stored, outcome::duplicate));
  rows again{store::rides_schema()};
  again.ride(9, "other").ride(9, "nine").ride(9, "third").ride(9, "other");
  EXPECT_THAT(insert(*store, again),
              ElementsAre(outcome::conflict, outcome::duplicate, outcome::conflict, outcome::conflict));
}

/// A ride with every member set, but that one: null, or another value.
void add_variant(rows& to, std::size_t changed, bool null) {
  const auto& of = to.block()->of();
  to.block()->begin_row();
  for (std::size_t i = 0; i < of.size(); ++i) {
    bool change = i == changed && i != of.key();
    if (change && null) continue;
    switch (of.fields()[i].type) {
    case store::column_type::text:
      to.block()->set_text(i, change ? "b" : "a");
      break;
    case store::column_type::double_precision:
      to.block()->set_real(i, change ? 0.25 : 0.5);
      break;
    case store::column_type::boolean:
      to.block()->set_boolean(i, !change);
      break;
    default:
      to.block()->set_integer(i, change ? 2 : 1);
      break;
    }
  }
}

TEST_P(store_contract, compares_each_member_a_null_and_a_value_apart) {
  auto store = prepared();
  rows all_set{store::rides_schema()};
  add_variant(all_set, all_set.block()->of().size(), false);
  insert(*store, all_set);
  for (std::size_t i = 0; i < all_set.block()->of().size(); ++i) {
    const auto& field = all_set.block()->of().fields()[i];
    if (i == all_set.block()->of().key()) continue;
    rows other{store::rides_schema()};
    add_variant(other, i, false);
    if (!field.required) add_variant(other, i, true);
    EXPECT_THAT(insert(*store, other), testing::Each(outcome::conflict)) << field.member;
  }
  EXPECT_THAT(insert(*store, all_set), ElementsAre(outcome::duplicate));
}

TEST_P(store_contract, tells_a_stored_null_from_a_value_that_looks_empty) {
  auto store = prepared();
  rows nulls{store::rides_schema()};
  nulls.ride(1).ride(2).ride(3).ride(4);
  insert(*store, nulls);
  rows values{store::rides_schema()};
  values.ride(1).text("from_area_id", "");
  values.ride(2).integer("from_date", 0);
  values.ride(3).real("to_lat", 0);
  values.ride(4).boolean("online_booking", false);
  EXPECT_THAT(insert(*store, values), testing::Each(outcome::conflict));
}

TEST_P(store_contract, keeps_text_as_it_came) {
  auto store = prepared();
  const std::vector<std::string> texts{
      "",    " ",        "007",    "1e3",  "NULL",     "null",    "a\"b'c\\d",
      "{,}", "\t\r\n x", "Zürich", "日本", "👍🏽", "e\u0301", std::string(100, 'x')};
  rows points{store::rides_schema()};
  for (std::size_t i = 0; i < texts.size(); ++i)
    points.ride(static_cast<std::int64_t>(i) + 1).text("to_area_id", texts[i]);
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::stored));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    auto found = value(store->find(static_cast<std::int64_t>(i) + 1));
    EXPECT_EQ((*found)[0].text(found->of().find("to_area_id")), texts[i]);
  }
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::duplicate));
}

TEST_P(store_contract, keeps_every_bit_of_a_double) {
  auto store = prepared(test::sensor_schema());
  using limits = std::numeric_limits<double>;
  const std::vector<double> doubles{0.0,
                                    -0.0,
                                    1.0,
                                    -1.0,
                                    0.1 + 0.2,
                                    1e15,
                                    9007199254740993.0,
                                    limits::max(),
                                    limits::lowest(),
                                    limits::min(),
                                    limits::denorm_min(),
                                    12.924353,
                                    1e300};
  rows points{test::sensor_schema()};
  for (std::size_t i = 0; i < doubles.size(); ++i) {
    points.add(static_cast<std::int64_t>(i) + 1).text("sensor", "s").real("value", doubles[i]).integer("taken_at", 0);
  }
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::stored));
  for (std::size_t i = 0; i < doubles.size(); ++i) {
    auto found = value(store->find(static_cast<std::int64_t>(i) + 1));
    EXPECT_EQ((*found)[0].real(found->of().find("value")), doubles[i]);
  }
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::duplicate));
}

TEST_P(store_contract, keeps_another_schema_at_the_ends_of_its_types) {
  auto store = prepared(test::sensor_schema());
  rows points{test::sensor_schema()};
  points.add(INT64_MAX).text("sensor", "high").real("value", 1e308).integer("taken_at", INT64_MAX);
  points.integer("quality", INT16_MAX)
      .integer("count", INT32_MAX)
      .text("note", std::string(100'000, 'n'))
      .boolean("order", true);
  points.add(1).text("sensor", "low").real("value", -1e308).integer("taken_at", INT64_MIN);
  points.integer("quality", INT16_MIN).integer("count", INT32_MIN).text("note", "").boolean("order", false);
  points.add(2).text("sensor", "nulls").real("value", 0).integer("taken_at", -1);
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::stored));
  EXPECT_THAT(insert(*store, points), testing::Each(outcome::duplicate));
  for (std::size_t i = 0; i < points.views().size(); ++i) {
    auto found = value(store->find(points[i].id()));
    ASSERT_TRUE(found);
    EXPECT_TRUE(same_content((*found)[0], points[i])) << i;
  }
}

TEST_P(store_contract, takes_two_thousand_points_in_any_order) {
  auto store = prepared();
  auto points = rides(1, 2'000);
  auto views = points.views();
  std::shuffle(views.begin(), views.end(), std::mt19937{2000});
  auto half = std::span{views}.first(1'000);
  EXPECT_THAT(value(store->insert(half)).outcomes, testing::Each(outcome::stored));
  auto all = value(store->insert(views)).outcomes;
  for (std::size_t i = 0; i < all.size(); ++i) {
    ASSERT_EQ(all[i], i < 1'000 ? outcome::duplicate : outcome::stored) << i;
  }
}

TEST_P(store_contract, refuses_a_bad_point_alone_among_good_ones) {
  where->refuse_user("bad", 55);
  auto store = prepared();
  rows points{store::rides_schema()};
  for (std::int64_t id = 1; id <= 100; ++id) points.ride(id, id == 55 ? "bad" : "good");
  auto done = value(store->insert(points.views()));
  for (std::size_t i = 0; i < 100; ++i) EXPECT_EQ(done.outcomes[i], i == 54 ? outcome::invalid : outcome::stored) << i;
  ASSERT_EQ(done.refusals.size(), 1u);
  EXPECT_EQ(done.refusals[0].index, 54u);
  EXPECT_EQ(done.refusals[0].sqlstate, "23514");
  EXPECT_FALSE(done.refusals[0].message.empty());
  EXPECT_FALSE(value(store->find(55)));
  EXPECT_THAT(insert(*store, rides(1'000, 1)), ElementsAre(outcome::stored)); // and it serves again
}

TEST_P(store_contract, refuses_a_bad_point_that_comes_alone) {
  where->refuse_user("bad", 5);
  auto store = prepared();
  rows bad{store::rides_schema()};
  bad.ride(5, "bad");
  auto done = value(store->insert(bad.views()));
  EXPECT_THAT(done.outcomes, ElementsAre(outcome::invalid));
  ASSERT_EQ(done.refusals.size(), 1u);
  EXPECT_EQ(done.refusals[0].sqlstate, "23514");
  EXPECT_THAT(insert(*store, rides(6, 1)), ElementsAre(outcome::stored)); // and it serves again
}

INSTANTIATE_TEST_SUITE_P(over, store_contract, testing::Values("sqlite", "postgres", "postgres_in_steps", "memory"),
                         [](const auto& of) { return of.param; });

} // namespace
