#include "actors/db_writer.hpp"
#include "store/memory_store.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"
#include "tests/support/writer_log.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::memory_call;
using store::memory_fault;
using store::outcome;
using test::ride_range;
using testing::ElementsAre;

class db_writer_test : public test::virtual_time {
protected:
  std::shared_ptr<store::memory_table> table = std::make_shared<store::memory_table>(store::rides_schema());
  std::shared_ptr<test::writer_log> log = std::make_shared<test::writer_log>();
  writer_watcher watcher = spawn(test::run_writer_log, log);
  db_writer writer{};
  std::shared_ptr<std::optional<caf::error>> end{};

  void start(store::store_opener open) {
    writer = spawn(run_db_writer, db_writer_settings{std::move(open)}, watcher);
    end = watch(writer);
  }
  void start() { start(store::memory_opener(table)); }

  auto write(const store::row_range& rows) { return ask<batch_result>(writer, insert_batch{{1, 2}, {rows}}); }

  void TearDown() override {
    log->ready.clear();
    virtual_time::TearDown();
  }

  void expect_end(failure why, const std::string& sentence) {
    ASSERT_TRUE(*end) << "it should have ended";
    EXPECT_EQ(**end, caf::make_error(why));
    EXPECT_EQ(reason_of(**end), sentence);
  }
};

memory_fault lost(store::error_kind kind, memory_fault::kind when = memory_fault::kind::before) {
  return {when, {kind, "08006", "the line is dead"}};
}

TEST_F(db_writer_test, tells_its_watcher_once_it_is_connected) {
  table->promise({false, "fsync=off"});
  start();
  ASSERT_EQ(log->ready.size(), 1U);
  EXPECT_EQ(log->ready[0].writer, writer);
  EXPECT_FALSE(log->ready[0].promise.full);
  EXPECT_EQ(table->calls(memory_call::prepare), 1U);
}

TEST_F(db_writer_test, ends_with_the_reason_when_it_cannot_connect) {
  table->script(memory_call::open, lost(store::error_kind::unavailable));
  start();
  expect_end(failure::store_unavailable, "the line is dead");
  EXPECT_TRUE(log->ready.empty());
}

TEST_F(db_writer_test, ends_as_unfit_when_the_table_does_not_fit) {
  table->script(memory_call::prepare, lost(store::error_kind::unfit));
  start();
  expect_end(failure::store_unfit, "the line is dead");
}

TEST_F(db_writer_test, ends_as_crashed_when_the_opener_throws) {
  table->script(memory_call::open, lost({}, memory_fault::kind::exception));
  start();
  expect_end(failure::crashed, "the line is dead");
}

TEST_F(db_writer_test, ends_as_crashed_when_something_strange_is_thrown) {
  start([]() -> store::result<std::unique_ptr<store::data_point_store>> { throw 7; });
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::make_error(failure::crashed));
}

TEST_F(db_writer_test, answers_a_batch_with_one_outcome_a_row) {
  start();
  auto slip = write(ride_range({1, 2, 1}));
  ASSERT_TRUE(slip->answer);
  EXPECT_EQ(slip->answer->id, (batch_id{1, 2}));
  EXPECT_THAT(slip->answer->result.outcomes, ElementsAre(outcome::stored, outcome::stored, outcome::duplicate));
}

TEST_F(db_writer_test, writes_all_the_ranges_of_a_batch_in_their_order) {
  start();
  auto rows = ride_range(1, 10);
  auto slip =
      ask<batch_result>(writer, insert_batch{{1, 2}, {ride_range({7}), {rows.block, 6, 2}, {rows.block, 0, 1}}});
  ASSERT_TRUE(slip->answer);
  EXPECT_THAT(slip->answer->result.outcomes,
              ElementsAre(outcome::stored, outcome::duplicate, outcome::stored, outcome::stored));
}

TEST_F(db_writer_test, ends_when_the_store_fails_and_the_asker_hears_of_it) {
  start();
  table->script(memory_call::insert, lost(store::error_kind::unknown));
  auto slip = write(ride_range({1}));
  expect_end(failure::store_unknown, "the line is dead");
  EXPECT_FALSE(slip->answer);
  ASSERT_TRUE(slip->error);
  EXPECT_EQ(*slip->error, caf::make_error(failure::store_unknown));
}

TEST_F(db_writer_test, ends_as_crashed_when_the_store_throws_and_the_asker_hears_of_it) {
  start();
  table->script(memory_call::insert, lost({}, memory_fault::kind::exception));
  auto slip = write(ride_range({1}));
  expect_end(failure::crashed, "the line is dead");
  EXPECT_TRUE(slip->error);
  table->script(memory_call::find, lost({}, memory_fault::kind::exception));
  start();
  auto found = ask<find_result>(writer, find_request{1});
  expect_end(failure::crashed, "the line is dead");
  EXPECT_TRUE(found->error);
}

TEST_F(db_writer_test, a_batch_sent_to_a_dead_writer_comes_back_as_an_error) {
  start();
  kill(writer);
  auto slip = write(ride_range({1}));
  EXPECT_TRUE(slip->error);
}

TEST_F(db_writer_test, finds_what_is_stored) {
  start();
  (void)write(ride_range({5}));
  auto found = ask<find_result>(writer, find_request{5});
  ASSERT_TRUE(found->answer);
  EXPECT_EQ(found->answer->what, find_result::state::found);
  ASSERT_TRUE(found->answer->row);
  EXPECT_EQ((*found->answer->row)[0].id(), 5);
  auto missing = ask<find_result>(writer, find_request{6});
  ASSERT_TRUE(missing->answer);
  EXPECT_EQ(missing->answer->what, find_result::state::missing);
}

TEST_F(db_writer_test, asks_an_idle_connection_each_second) {
  start();
  pass(999ms);
  EXPECT_EQ(table->calls(memory_call::probe), 0U);
  pass(1ms);
  EXPECT_EQ(table->calls(memory_call::probe), 1U);
  pass(2s);
  EXPECT_EQ(table->calls(memory_call::probe), 3U);
}

TEST_F(db_writer_test, does_not_ask_a_connection_that_just_worked) {
  start();
  (void)write(ride_range({1}));
  pass(1s);
  EXPECT_EQ(table->calls(memory_call::probe), 0U);
  pass(1s);
  EXPECT_EQ(table->calls(memory_call::probe), 1U);
}

TEST_F(db_writer_test, ends_when_an_idle_connection_turns_out_to_be_dead) {
  start();
  table->script(memory_call::probe, lost(store::error_kind::unavailable));
  pass(1s);
  expect_end(failure::store_unavailable, "the line is dead");
}

TEST_F(db_writer_test, is_told_to_end_when_its_watcher_dies) {
  start();
  kill(watcher);
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::exit_reason::user_shutdown) << "so the pool does not suspect what it held";
}

/// A store with a bug: it forgets the outcome of the last point.
struct forgetful_store : store::data_point_store {
  store::result<store::durability> prepare() override { return store::durability{}; }
  store::result<store::insert_result> insert(std::span<const store::row_view> points) override {
    return store::insert_result{std::vector<outcome>(points.size() - 1, outcome::stored), {}};
  }
  store::result<std::shared_ptr<const store::row_block>> find(std::int64_t) override { return nullptr; }
  std::optional<store::store_error> probe() override { return std::nullopt; }
};

TEST_F(db_writer_test, ends_as_crashed_when_the_store_does_not_answer_for_each_point) {
  start([] { return std::make_unique<forgetful_store>(); });
  auto slip = write(ride_range({1, 2}));
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::make_error(failure::crashed));
  EXPECT_TRUE(slip->error);
}

} // namespace
} // namespace goloca::actors
