#include "store/faulty_store.hpp"

#include "store/fault.hpp"
#include "store/memory_store.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>

#include <new>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using faults::named;
using store::outcome;
using test::error;
using test::rides;
using test::value;
using testing::ElementsAre;
using testing::HasSubstr;

struct faulty_store : testing::Test {
  std::shared_ptr<store::memory_table> table = std::make_shared<store::memory_table>(store::rides_schema());
  store::faulty_store store{value(store::memory_opener(table)()), 30ms};

  ~faulty_store() override { faults::switch_all_off(); }
};

TEST_F(faulty_store, is_its_store_while_nothing_is_switched_on) {
  EXPECT_TRUE(value(store.prepare()).full);
  EXPECT_THAT(value(store.insert(rides(1, 2).views())).outcomes, ElementsAre(outcome::stored, outcome::stored));
  EXPECT_NE(value(store.find(1)), nullptr);
  EXPECT_EQ(store.probe(), std::nullopt);
  EXPECT_EQ(store::fault_at_connect(), std::nullopt);
}

TEST_F(faulty_store, stores_nothing_where_the_fault_comes_before_the_commit) {
  for (auto each :
       {named::store_before_commit, named::store_serialization_failure, named::disk_full, named::store_hang}) {
    faults::switch_on(each, {.count = 1});
    auto lost = error(store.insert(rides(1, 2).views()));
    EXPECT_EQ(lost.kind, store::error_kind::unavailable) << name_of(each);
    EXPECT_THAT(lost.message, HasSubstr(std::string{name_of(each)}));
    EXPECT_EQ(table->size(), 0u) << name_of(each);
  }
  EXPECT_THAT(value(store.insert(rides(1, 2).views())).outcomes, ElementsAre(outcome::stored, outcome::stored));
}

TEST_F(faulty_store, has_stored_all_where_the_fault_comes_after_the_commit) {
  faults::switch_on(named::store_after_commit, {.count = 1});
  EXPECT_EQ(error(store.insert(rides(1, 2).views())).kind, store::error_kind::unavailable);
  EXPECT_EQ(table->size(), 2u);
}

TEST_F(faulty_store, takes_its_time) {
  faults::switch_on(named::store_slow, {.count = 1, .delay = 20ms});
  auto began = std::chrono::steady_clock::now();
  value(store.insert(rides(1, 1).views()));
  EXPECT_GE(std::chrono::steady_clock::now() - began, 20ms);
}

TEST_F(faulty_store, refuses_one_new_point_with_all_its_repeats) {
  auto three = rides(1, 3);
  auto points = three.views();
  points.push_back(points.front());
  faults::switch_on(named::store_bad_row, {.count = 1});
  auto done = value(store.insert(points));
  EXPECT_THAT(done.outcomes, ElementsAre(outcome::invalid, outcome::stored, outcome::stored, outcome::invalid));
  ASSERT_EQ(done.refusals.size(), 2u);
  EXPECT_EQ(done.refusals[0].index, 0u);
  EXPECT_EQ(done.refusals[1].index, 3u);
  EXPECT_EQ(table->row(1), nullptr);
  EXPECT_EQ(table->size(), 2u);
}

TEST_F(faulty_store, keeps_the_databases_own_refusals_beside_that) {
  table->refuse(3, "23514", "no");
  faults::switch_on(named::store_bad_row, {.count = 1});
  auto done = value(store.insert(rides(1, 4).views()));
  EXPECT_THAT(done.outcomes, ElementsAre(outcome::invalid, outcome::stored, outcome::invalid, outcome::stored));
  ASSERT_EQ(done.refusals.size(), 2u);
  EXPECT_EQ(done.refusals[1].index, 2u);
  EXPECT_EQ(done.refusals[1].sqlstate, "23514");
}

TEST_F(faulty_store, never_refuses_what_is_stored_already) {
  value(store.insert(rides(1, 1).views()));
  faults::switch_on(named::store_bad_row, {});
  EXPECT_THAT(value(store.insert(rides(1, 1).views())).outcomes, ElementsAre(outcome::duplicate));
}

TEST_F(faulty_store, has_no_memory_for_a_batch) {
  faults::switch_on(named::memory_alloc, {.count = 1});
  EXPECT_THROW(static_cast<void>(store.insert(rides(1, 1).views())), std::bad_alloc);
  EXPECT_EQ(table->size(), 0u);
}

TEST_F(faulty_store, cannot_be_opened) {
  faults::switch_on(named::store_connect, {.count = 1});
  EXPECT_EQ(store::fault_at_connect()->kind, store::error_kind::unavailable);
  faults::switch_on(named::store_wrong_password, {.count = 1});
  EXPECT_EQ(store::fault_at_connect()->kind, store::error_kind::unfit);
  EXPECT_EQ(store::fault_at_connect(), std::nullopt);
}

} // namespace
