#include "actors/stepwise_writer.hpp"
#include "store/fault.hpp"
#include "store/memory_store.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/scripted_steps.hpp"
#include "tests/support/virtual_time.hpp"
#include "tests/support/writer_log.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::memory_call;
using store::outcome;
using store::socket_event;
using test::ride_range;
using testing::Each;
using testing::ElementsAre;

class stepwise_writer_test : public test::virtual_time {
protected:
  std::shared_ptr<store::memory_table> table = std::make_shared<store::memory_table>(store::rides_schema());
  std::shared_ptr<test::steps_script> steps = std::make_shared<test::steps_script>();
  std::shared_ptr<test::writer_log> log = std::make_shared<test::writer_log>();
  writer_watcher watcher = spawn(test::run_writer_log, log);
  db_writer threaded{};
  db_writer writer{};
  std::shared_ptr<std::optional<caf::error>> end{};

  // The socket: what it is waited for.
  std::shared_ptr<std::vector<std::pair<socket_event, std::function<void()>>>> waits =
      std::make_shared<std::vector<std::pair<socket_event, std::function<void()>>>>();
  bool has_watch = true;

  void start() {
    stepwise_writer_settings settings;
    settings.spawn = [this](writer_watcher front) {
      db_writer_settings of_thread;
      of_thread.open = [this]() -> store::result<std::unique_ptr<store::data_point_store>> {
        auto opened = store::memory_opener(table)();
        if (auto* lost = std::get_if<store::store_error>(&opened)) return *lost;
        return std::make_unique<test::scripted_steps>(table, steps);
      };
      of_thread.probe_interval = {};
      threaded = spawn(run_db_writer, of_thread, std::move(front));
      return threaded;
    };
    settings.watch = [this](int socket) -> socket_watch {
      EXPECT_EQ(socket, 7);
      if (!has_watch) return nullptr;
      return
          [all = waits](socket_event event, std::function<void()> then) { all->emplace_back(event, std::move(then)); };
    };
    writer = spawn(run_stepwise_writer, std::move(settings), watcher);
    end = watch(writer);
  }

  auto write(const store::row_range& rows, std::uint64_t sequence = 2) {
    return ask<batch_result>(writer, insert_batch{{1, sequence}, {rows}});
  }

  /// The socket is what it was waited for.
  void wake() {
    ASSERT_EQ(waits->size(), 1U) << "one wait at a time";
    auto then = std::move(waits->front().second);
    waits->clear();
    then();
    settle();
  }

  void TearDown() override {
    log->ready.clear();
    waits->clear();
    faults::switch_all_off();
    virtual_time::TearDown();
  }

  void expect_end(failure why) const {
    ASSERT_TRUE(*end) << "it should have ended";
    EXPECT_EQ(**end, caf::make_error(why));
    EXPECT_FALSE(is_alive(threaded)) << "and the other with it";
  }
};

TEST_F(stepwise_writer_test, tells_its_watcher_of_itself_once_the_other_is_connected) {
  table->promise({false, "fsync=off"});
  start();
  ASSERT_EQ(log->ready.size(), 1U);
  EXPECT_EQ(log->ready[0].writer, writer);
  EXPECT_FALSE(log->ready[0].promise.full);
}

TEST_F(stepwise_writer_test, ends_with_the_reason_when_the_other_cannot_connect) {
  table->script(memory_call::open, {store::memory_fault::kind::before, {store::error_kind::unfit, "", "no"}});
  start();
  expect_end(failure::store_unfit);
}

TEST_F(stepwise_writer_test, stores_a_batch_without_the_thread) {
  start();
  auto slip = write(ride_range({1, 2, 1}));
  EXPECT_FALSE(slip->answer);
  EXPECT_EQ(waits->at(0).first, socket_event::readable);
  wake();
  ASSERT_TRUE(slip->answer);
  EXPECT_EQ(slip->answer->id, (batch_id{1, 2}));
  EXPECT_THAT(slip->answer->result.outcomes, ElementsAre(outcome::stored, outcome::stored, outcome::duplicate));
  EXPECT_EQ(steps->begun, 1U);
}

TEST_F(stepwise_writer_test, goes_on_for_as_long_as_the_socket_is_to_be_waited_for) {
  steps->waits = {socket_event::writable, socket_event::readable, socket_event::readable};
  start();
  auto slip = write(ride_range({1}));
  EXPECT_EQ(waits->at(0).first, socket_event::writable);
  wake();
  EXPECT_EQ(waits->at(0).first, socket_event::readable);
  wake();
  EXPECT_FALSE(slip->answer);
  wake();
  EXPECT_TRUE(slip->answer);
}

TEST_F(stepwise_writer_test, needs_no_wait_where_the_store_needs_none) {
  steps->waits = {};
  start();
  EXPECT_TRUE(write(ride_range({1}))->answer);
  EXPECT_TRUE(write(ride_range({2}))->answer);
}

TEST_F(stepwise_writer_test, leaves_the_rest_of_a_batch_to_the_thread_where_that_waits) {
  steps->wants_thread = true;
  start();
  auto slip = write(ride_range({1, 2}));
  wake();
  ASSERT_TRUE(slip->answer);
  EXPECT_THAT(slip->answer->result.outcomes, Each(outcome::stored));
  EXPECT_EQ(steps->finished, 1U);
}

TEST_F(stepwise_writer_test, leaves_a_batch_to_the_thread_that_cannot_begin) {
  steps->begins = false;
  start();
  EXPECT_TRUE(write(ride_range({1}))->answer);
  EXPECT_EQ(table->size(), 1U);
  EXPECT_TRUE(waits->empty());
}

TEST_F(stepwise_writer_test, leaves_every_batch_to_the_thread_when_the_socket_cannot_be_watched) {
  has_watch = false;
  start();
  EXPECT_TRUE(write(ride_range({1}))->answer);
  EXPECT_EQ(steps->begun, 0U);
}

TEST_F(stepwise_writer_test, lets_what_comes_meanwhile_wait_its_turn) {
  start();
  auto first = write(ride_range({1}), 2);
  auto second = write(ride_range({2}), 3);
  auto found = ask<find_result>(writer, find_request{2});
  EXPECT_EQ(steps->begun, 1U);
  wake();
  EXPECT_TRUE(first->answer);
  EXPECT_FALSE(second->answer);
  EXPECT_FALSE(found->answer) << "the point before it is not stored yet";
  wake();
  ASSERT_TRUE(second->answer);
  EXPECT_EQ(second->answer->id, (batch_id{1, 3}));
  ASSERT_TRUE(found->answer);
  EXPECT_EQ(found->answer->what, find_result::state::found);
}

TEST_F(stepwise_writer_test, ends_when_the_store_fails_and_the_asker_hears_of_it) {
  steps->error = store::store_error{store::error_kind::unknown, "08006", "the line is dead"};
  start();
  auto slip = write(ride_range({1}));
  wake();
  expect_end(failure::store_unknown);
  EXPECT_TRUE(slip->error);
}

TEST_F(stepwise_writer_test, ends_when_the_thread_fails_and_the_asker_hears_of_it) {
  steps->begins = false;
  start();
  table->script(memory_call::insert,
                {store::memory_fault::kind::before, {store::error_kind::unavailable, "08006", "the line is dead"}});
  auto slip = write(ride_range({1}));
  expect_end(failure::store_unavailable);
  EXPECT_TRUE(slip->error);
}

TEST_F(stepwise_writer_test, ends_as_crashed_when_the_store_does_not_answer_for_each_point) {
  steps->forgets_a_point = true;
  start();
  auto slip = write(ride_range({1, 2}));
  wake();
  expect_end(failure::crashed);
  EXPECT_TRUE(slip->error);
}

TEST_F(stepwise_writer_test, crashes_before_and_behind_the_commit_where_it_is_told_to) {
  start();
  faults::switch_on(faults::named::writer_crash, {});
  EXPECT_TRUE(write(ride_range({1}))->error);
  expect_end(failure::crashed);
  EXPECT_EQ(table->size(), 0U);
  faults::switch_all_off();
  start();
  auto slip = write(ride_range({1}));
  faults::switch_on(faults::named::writer_crash, {});
  wake();
  EXPECT_TRUE(slip->error);
  expect_end(failure::crashed);
  EXPECT_EQ(table->size(), 1U);
}

TEST_F(stepwise_writer_test, asks_an_idle_connection_each_second_and_none_that_works) {
  start();
  pass(1s);
  EXPECT_EQ(table->calls(memory_call::probe), 1U);
  auto slip = write(ride_range({1}));
  pass(2s);
  EXPECT_EQ(table->calls(memory_call::probe), 1U) << "a batch is under way";
  wake();
  pass(1s);
  EXPECT_EQ(table->calls(memory_call::probe), 1U) << "it went well";
  pass(1s);
  EXPECT_EQ(table->calls(memory_call::probe), 2U);
  EXPECT_TRUE(slip->answer);
}

TEST_F(stepwise_writer_test, serves_on_after_a_probe) {
  start();
  pass(1s);
  auto slip = write(ride_range({1}));
  wake();
  EXPECT_TRUE(slip->answer);
}

TEST_F(stepwise_writer_test, ends_when_an_idle_connection_turns_out_to_be_dead) {
  start();
  table->script(memory_call::probe,
                {store::memory_fault::kind::before, {store::error_kind::unavailable, "08006", "the line is dead"}});
  pass(1s);
  expect_end(failure::store_unavailable);
}

TEST_F(stepwise_writer_test, is_told_to_end_when_its_watcher_dies_and_ends_the_other) {
  start();
  auto slip = write(ride_range({1}));
  kill(watcher);
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::exit_reason::user_shutdown) << "so the pool does not suspect what it held";
  EXPECT_FALSE(is_alive(threaded));
  EXPECT_TRUE(slip->error);
}

} // namespace
} // namespace goloca::actors
