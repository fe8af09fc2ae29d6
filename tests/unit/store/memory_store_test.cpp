#include "store/memory_store.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace {

using namespace goloca;
using store::memory_call;
using store::memory_fault;
using store::outcome;
using test::error;
using test::rides;
using test::value;
using testing::ElementsAre;

struct memory_store : testing::Test {
  std::shared_ptr<store::memory_table> table = std::make_shared<store::memory_table>(store::rides_schema());
  std::unique_ptr<store::data_point_store> store = value(store::memory_opener(table)());
};

TEST_F(memory_store, stores_nothing_when_it_fails_before) {
  table->script(memory_call::insert, {memory_fault::kind::before, {store::error_kind::unknown, "XX000", "scripted"}});
  auto lost = error(store->insert(rides(1, 2).views()));
  EXPECT_EQ(lost.kind, store::error_kind::unknown);
  EXPECT_EQ(lost.sqlstate, "XX000");
  EXPECT_EQ(table->size(), 0u);
  EXPECT_THAT(value(store->insert(rides(1, 2).views())).outcomes, ElementsAre(outcome::stored, outcome::stored));
}

TEST_F(memory_store, has_stored_all_when_it_fails_after_and_a_new_instance_finds_it) {
  table->script(memory_call::insert, {memory_fault::kind::after, {store::error_kind::unavailable, "", "scripted"}});
  EXPECT_EQ(error(store->insert(rides(1, 2).views())).kind, store::error_kind::unavailable);
  EXPECT_EQ(table->size(), 2u);
  auto next = value(store::memory_opener(table)());
  EXPECT_THAT(value(next->insert(rides(1, 2).views())).outcomes, ElementsAre(outcome::duplicate, outcome::duplicate));
}

TEST_F(memory_store, throws_when_told_to) {
  table->script(memory_call::insert, {memory_fault::kind::exception, {store::error_kind::unknown, "", "a bug"}});
  EXPECT_THROW(static_cast<void>(store->insert(rides(1, 1).views())), std::runtime_error);
  EXPECT_EQ(table->size(), 0u);
}

TEST_F(memory_store, plays_its_script_in_order_and_then_what_is_always_so) {
  table->always(memory_call::probe, {.what = memory_fault::kind::before});
  table->script(memory_call::probe, {});
  EXPECT_FALSE(store->probe());
  EXPECT_TRUE(store->probe());
  EXPECT_TRUE(store->probe());
  table->always(memory_call::probe, {});
  EXPECT_FALSE(store->probe());
  EXPECT_EQ(table->calls(memory_call::probe), 4u);
}

TEST_F(memory_store, fails_to_open_and_to_prepare_by_script) {
  table->script(memory_call::open, {.what = memory_fault::kind::before});
  table->script(memory_call::prepare, {memory_fault::kind::before, {store::error_kind::unfit, "", "weak"}});
  EXPECT_EQ(error(store::memory_opener(table)()).kind, store::error_kind::unavailable);
  EXPECT_EQ(error(store->prepare()).kind, store::error_kind::unfit);
  table->promise({false, "weak"});
  EXPECT_FALSE(value(store->prepare()).full);
}

TEST_F(memory_store, refuses_an_id_for_its_data) {
  table->refuse(2, "22003", "too large");
  auto done = value(store->insert(rides(1, 3).views()));
  EXPECT_THAT(done.outcomes, ElementsAre(outcome::stored, outcome::invalid, outcome::stored));
  ASSERT_EQ(done.refusals.size(), 1u);
  EXPECT_EQ(done.refusals[0].index, 1u);
  EXPECT_EQ(done.refusals[0].sqlstate, "22003");
}

TEST_F(memory_store, tells_its_hook_of_every_call_and_holds_no_lock_meanwhile) {
  std::vector<memory_call> seen;
  table->on_call([&](memory_call call) {
    seen.push_back(call);
    static_cast<void>(table->size()); // would hang under a lock
  });
  value(store->insert(rides(1, 1).views()));
  value(store->find(1));
  EXPECT_THAT(seen, ElementsAre(memory_call::insert, memory_call::find));
}

TEST_F(memory_store, shows_its_rows_to_the_test_and_lets_them_vanish) {
  auto points = rides(7, 1);
  value(store->insert(points.views()));
  ASSERT_TRUE(table->row(7));
  EXPECT_TRUE(same_content((*table->row(7))[0], points[0]));
  table->erase(7);
  EXPECT_FALSE(value(store->find(7)));
}

} // namespace
