#include "actors/writer_pool.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using test::ride_range;
using testing::ElementsAre;
using testing::IsEmpty;

/// A writer whose answers the test gives.
struct held_writer_state {
  struct held {
    insert_batch batch;
    caf::typed_response_promise<batch_result> answer;
  };
  std::vector<held> batches{};
  std::size_t to_finish = 0; // which of them a probe_store ends

  void finish() {
    auto& of = batches.at(to_finish);
    std::size_t points = 0;
    for (const auto& rows : of.batch.rows) points += rows.count;
    of.answer.deliver(batch_result{of.batch.id, {std::vector(points, store::outcome::stored), {}}});
  }
  std::vector<std::int64_t> asked{};
};

db_writer::behavior_type run_held_writer(db_writer::stateful_pointer<held_writer_state> self, caf::unit_t) {
  return {
      [self](insert_batch& batch) -> caf::result<batch_result> {
        auto answer = self->make_response_promise<batch_result>();
        self->state.batches.push_back({std::move(batch), answer});
        return answer;
      },
      [self](const find_request& asked) -> caf::result<find_result> {
        self->state.asked.push_back(asked.id);
        return find_result{0, find_result::state::missing, nullptr, {}};
      },
      [](const connect_store&) {},
      [self](const probe_store&) { self->state.finish(); },
  };
}

using client_log = std::vector<verdict_run>;

reply_receiver::behavior_type run_client(reply_receiver::stateful_pointer<caf::unit_t>,
                                         std::shared_ptr<client_log> log) {
  return {[log](insert_reply& reply) { log->insert(log->end(), reply.runs.begin(), reply.runs.end()); }};
}

class writer_pool_test : public test::virtual_time {
protected:
  struct commits {
    std::size_t batches = 99; // never told
    std::chrono::nanoseconds took{};
  };
  commits told;
  writer_pool pool = spawn(run_writer_pool,
                           writer_pool_settings{.max_queued = 10,
                                                .max_batch = 4,
                                                .on_commits =
                                                    [this](auto batches, auto took) {
                                                      told = commits{batches, took};
                                                    }},
                           std::uint64_t{7});
  std::shared_ptr<client_log> log = std::make_shared<client_log>();
  reply_receiver client = spawn(run_client, log);

  db_writer add_writer(writer_capacity capacity = {}) {
    auto writer = spawn(run_held_writer, caf::unit);
    tell(pool, writer_ready{writer, {}, capacity});
    return writer;
  }

  void request(std::uint64_t first, store::row_range rows, std::chrono::nanoseconds patience = 10s) {
    auto deadline = now() + patience;
    caf::send_as(client, pool, insert_request{{{first, std::move(rows)}}, deadline});
    settle();
  }

  auto& held(const db_writer& writer) { return state_of<held_writer_state>(writer).batches; }

  void finish(const db_writer& writer, std::size_t i = 0) {
    state_of<held_writer_state>(writer).to_finish = i;
    tell(writer, probe_store{}); // a promise is to be kept by its actor: elsewhere it has no thread to run on
  }
};

TEST_F(writer_pool_test, a_lone_point_is_written_at_once) {
  auto writer = add_writer();
  request(0, ride_range({1}));
  ASSERT_EQ(held(writer).size(), 1U);
  EXPECT_THAT(*log, IsEmpty());
  finish(writer);
  ASSERT_EQ(log->size(), 1U);
  EXPECT_EQ(log->at(0).what, verdict::stored);
}

TEST_F(writer_pool_test, what_came_while_the_writer_was_busy_goes_as_one_batch) {
  auto writer = add_writer();
  request(0, ride_range({1}));
  request(1, ride_range({2}));
  request(2, ride_range({3, 4}));
  EXPECT_EQ(held(writer).size(), 1U);
  finish(writer);
  ASSERT_EQ(held(writer).size(), 2U);
  EXPECT_EQ(held(writer)[1].batch.rows.size(), 2U);
}

// Found by the simulation: it looked for the end of that wait again and again, as fast as it could.
TEST_F(writer_pool_test, rests_when_a_wait_was_cut_short_and_nothing_is_left) {
  auto writer = add_writer();
  request(0, ride_range({1, 2}));
  request(2, ride_range({3, 4}));
  pass(20ms);
  finish(writer);
  EXPECT_EQ(held(writer).size(), 1U) << "3 and 4 wait for those that were answered";
  request(4, ride_range({5, 6}));
  ASSERT_EQ(held(writer).size(), 2U) << "they are back";
  finish(writer, 1);
  pass(1s);
  EXPECT_FALSE(scheduler.has_pending_timeout());
  request(6, ride_range({7}));
  EXPECT_EQ(held(writer).size(), 3U) << "and it serves again";
}

TEST_F(writer_pool_test, takes_all_that_is_in_its_mailbox_before_it_makes_a_batch) {
  auto writer = add_writer();
  for (std::uint64_t i = 0; i < 3; ++i) {
    caf::send_as(client, pool, insert_request{{{i, ride_range({static_cast<std::int64_t>(i) + 1})}}, now() + 10s});
  }
  settle();
  ASSERT_EQ(held(writer).size(), 1U);
  EXPECT_EQ(held(writer)[0].batch.rows.size(), 3U);
}

TEST_F(writer_pool_test, gives_a_free_writer_the_next_batch_before_it_tells_those_of_the_last) {
  auto writer = add_writer();
  std::size_t batches_when_told = 0;
  auto asking = spawn(
      [&](reply_receiver::pointer, caf::unit_t) -> reply_receiver::behavior_type {
        return {[&](const insert_reply&) { batches_when_told = held(writer).size(); }};
      },
      caf::unit);
  caf::send_as(asking, pool, insert_request{{{0, ride_range({1})}}, now() + 10s});
  settle();
  request(0, ride_range({2, 3, 4, 5}));
  finish(writer);
  EXPECT_EQ(batches_when_told, 2U);
}

TEST_F(writer_pool_test, makes_no_next_batch_before_the_requests_that_are_here_already) {
  auto writer = add_writer();
  request(0, ride_range({1}));
  request(1, ride_range({2}));
  auto later = spawn( // it has its turn after the writer's, and before the pool's
      [&](caf::event_based_actor*, caf::unit_t) -> caf::behavior {
        return {[&](const tick&) { caf::send_as(client, pool, insert_request{{{2, ride_range({3})}}, now() + 10s}); }};
      },
      caf::unit);
  settle();
  caf::anon_send(writer, probe_store{});
  caf::anon_send(later, tick{});
  settle();
  ASSERT_EQ(held(writer).size(), 2U);
  EXPECT_EQ(held(writer)[1].batch.rows.size(), 2U);
}

TEST_F(writer_pool_test, waits_a_moment_for_those_that_were_answered_and_no_longer) {
  auto writer = add_writer();
  request(0, ride_range({1, 2}));
  request(2, ride_range({3}));
  pass(3ms); // the commit
  finish(writer);
  EXPECT_EQ(held(writer).size(), 1U) << "two were answered, and may be back in 3 ms";
  request(3, ride_range({4, 5}));
  ASSERT_EQ(held(writer).size(), 2U);
  EXPECT_EQ(held(writer)[1].batch.rows.size(), 2U);
  request(5, ride_range({6}));
  pass(3ms);
  finish(writer, 1);
  EXPECT_EQ(held(writer).size(), 2U);
  pass(4ms); // nobody comes
  ASSERT_EQ(held(writer).size(), 3U);
}

TEST_F(writer_pool_test, waits_as_long_again_for_the_others_and_ends_that_by_itself) {
  auto writer = add_writer();
  request(0, ride_range({1, 2}));
  pass(2ms); // the commit
  finish(writer);
  pass(1ms);
  request(2, ride_range({3}));
  pass(2ms);
  EXPECT_EQ(held(writer).size(), 1U) << "half are back";
  pass(2ms); // the other does not come
  ASSERT_EQ(held(writer).size(), 2U);
  EXPECT_EQ(held(writer)[1].batch.rows.size(), 1U);
}

TEST_F(writer_pool_test, refuses_what_is_too_much_at_once) {
  request(0, ride_range(1, 12));
  ASSERT_EQ(log->size(), 1U);
  EXPECT_EQ(log->at(0).what, verdict::overloaded);
  EXPECT_EQ(log->at(0).first, 10U);
  EXPECT_EQ(log->at(0).count, 2U);
}

TEST_F(writer_pool_test, redispatches_the_batch_of_a_dead_writer) {
  auto first = add_writer();
  request(0, ride_range({1, 2}));
  ASSERT_EQ(held(first).size(), 1U);
  kill(first);
  EXPECT_THAT(*log, IsEmpty());
  auto second = add_writer();
  ASSERT_EQ(held(second).size(), 1U);
  EXPECT_EQ(held(second)[0].batch.rows.at(0).count, 2U);
  finish(second);
  EXPECT_EQ(log->size(), 1U);
}

TEST_F(writer_pool_test, gives_the_batch_of_a_dead_writer_to_one_that_is_idle) {
  auto first = add_writer();
  auto second = add_writer();
  request(0, ride_range({1}));
  kill(first);
  EXPECT_EQ(held(second).size(), 1U);
}

TEST_F(writer_pool_test, a_link_has_several_batches_and_all_come_back_when_it_dies) {
  auto link = add_writer({3, 2, 1'000'000});
  request(0, ride_range(1, 6));
  for (auto wait = 0; wait < 3; ++wait) pass(30ms);
  ASSERT_EQ(held(link).size(), 3U);
  finish(link, 1);
  ASSERT_EQ(log->size(), 1U);
  EXPECT_EQ(log->at(0).first, 2U);
  kill(link);
  auto writer = add_writer();
  ASSERT_EQ(held(writer).size(), 1U);
  EXPECT_EQ(held(writer)[0].batch.rows.size(), 2U);
  finish(writer);
  ASSERT_EQ(log->size(), 3U);
  EXPECT_EQ(log->at(1).first, 0U);
  EXPECT_EQ(log->at(2).first, 4U);
}

TEST_F(writer_pool_test, a_link_that_leaves_gets_no_more_and_another_takes_what_waits) {
  auto link = add_writer({3, 2, 1'000'000});
  request(0, ride_range({1}));
  tell(pool, writer_leaving{link});
  request(1, ride_range({2}));
  pass(100ms);
  EXPECT_EQ(held(link).size(), 1U);
  EXPECT_FALSE(ask<readiness>(pool, readiness_query{4})->answer->ready());
  finish(link);
  EXPECT_EQ(log->size(), 1U);
  auto other = add_writer({3, 2, 1'000'000});
  pass(10ms); // for those that were answered
  EXPECT_EQ(held(other).size(), 1U);
}

TEST_F(writer_pool_test, a_writer_that_is_announced_when_it_is_dead_already_loses_nothing) {
  auto dead = spawn(run_held_writer, caf::unit);
  kill(dead);
  request(0, ride_range({1}));
  tell(pool, writer_ready{dead, {}});
  EXPECT_THAT(*log, IsEmpty());
  auto writer = add_writer();
  EXPECT_EQ(held(writer).size(), 1U);
}

TEST_F(writer_pool_test, a_second_writer_helps_when_the_first_takes_long) {
  auto first = add_writer();
  auto second = add_writer();
  request(0, ride_range({1}));
  request(1, ride_range({2}));
  pass(15ms);
  EXPECT_THAT(held(second), IsEmpty());
  pass(15ms);
  EXPECT_EQ(held(second).size(), 1U);
  finish(second);
  EXPECT_EQ(log->size(), 1U);
  finish(first);
  EXPECT_EQ(log->size(), 2U);
}

TEST_F(writer_pool_test, answers_unavailable_just_before_the_deadline_of_what_was_never_dispatched) {
  tell(pool, writers_missing{"no route to the database"});
  request(0, ride_range({1}), 1s);
  pass(940ms);
  EXPECT_THAT(*log, IsEmpty());
  pass(40ms);
  ASSERT_EQ(log->size(), 1U);
  EXPECT_EQ(log->at(0).what, verdict::unavailable);
  EXPECT_EQ(log->at(0).detail, "no route to the database");
  EXPECT_FALSE(scheduler.has_pending_timeout()) << "nothing waits, so nobody looks at the clock";
}

TEST_F(writer_pool_test, answers_timeout_just_before_the_deadline_of_what_may_be_stored) {
  auto writer = add_writer();
  request(0, ride_range({1}), 1s);
  kill(writer);
  pass(1s);
  ASSERT_EQ(log->size(), 1U);
  EXPECT_EQ(log->at(0).what, verdict::timeout);
}

TEST_F(writer_pool_test, tells_how_many_batches_are_being_committed_and_how_long_one_took) {
  settle();
  EXPECT_EQ(told.batches, 0U);
  auto first = add_writer();
  auto second = add_writer();
  request(0, ride_range({1, 2, 3, 4}));
  EXPECT_EQ(told.batches, 1U);
  EXPECT_EQ(told.took, 0ns);
  pass(20ms);
  request(4, ride_range({5, 6, 7, 8}));
  EXPECT_EQ(told.batches, 2U) << "the first takes so long that a second writer is tried";
  pass(3ms);
  finish(first);
  EXPECT_EQ(told.batches, 1U);
  EXPECT_EQ(told.took, 23ms);
  kill(second);
  settle();
  EXPECT_EQ(told.batches, 1U) << "the first has it now";
  finish(first, 1);
  EXPECT_EQ(told.batches, 0U);
}

TEST_F(writer_pool_test, does_not_count_what_a_link_has) {
  auto link = add_writer({.batches = 4, .points = 500, .bytes = 1u << 20});
  request(0, ride_range({1}));
  ASSERT_EQ(held(link).size(), 1U);
  EXPECT_EQ(told.batches, 0U) << "its commits are another node's";
}

TEST_F(writer_pool_test, outlives_a_client_that_died) {
  auto writer = add_writer();
  request(0, ride_range({1}));
  kill(client);
  finish(writer);
  EXPECT_TRUE(is_alive(pool));
  client = spawn(run_client, log);
  request(0, ride_range({2}));
  finish(writer, 1);
  EXPECT_EQ(log->size(), 1U);
}

TEST_F(writer_pool_test, looks_for_a_point_here_before_it_asks_a_writer) {
  EXPECT_EQ(ask<find_result>(pool, find_request{1})->answer->what, find_result::state::unavailable);
  auto writer = add_writer();
  request(0, ride_range({1}));
  EXPECT_EQ(ask<find_result>(pool, find_request{1})->answer->what, find_result::state::in_flight);
  EXPECT_EQ(ask<find_result>(pool, find_request{2})->answer->what, find_result::state::missing);
  EXPECT_THAT(state_of<held_writer_state>(writer).asked, ElementsAre(2));
}

TEST_F(writer_pool_test, is_ready_while_it_has_a_writer) {
  tell(pool, writers_missing{"no route to the database"});
  auto before = ask<readiness>(pool, readiness_query{4});
  EXPECT_FALSE(before->answer->ready());
  EXPECT_EQ(before->answer->reason, "no route to the database");
  auto writer = add_writer();
  auto then = ask<readiness>(pool, readiness_query{4});
  EXPECT_TRUE(then->answer->ready());
  EXPECT_EQ(then->answer->reason, "");
  kill(writer);
  EXPECT_FALSE(ask<readiness>(pool, readiness_query{4})->answer->ready());
}

} // namespace
} // namespace goloca::actors
