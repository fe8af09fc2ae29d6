#include "actors/node_supervisor.hpp"
#include "tests/support/node_in_time.hpp"
#include "tests/support/ride_rows.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::error_kind;
using store::memory_call;
using store::memory_fault;
using test::ride_range;
using test::rows_of;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

memory_fault lost(memory_fault::kind when, error_kind kind = error_kind::unavailable) {
  return {when, {kind, "08006", "the line is dead"}};
}

class node_supervisor_test : public test::node_in_time {};

// -- the walk of a point ----------------------------------------------------------------------------

TEST_F(node_supervisor_test, stores_a_burst_and_answers_after_the_commit) {
  start();
  auto client = connect();
  table->on_call([&](memory_call call) {
    if (call == memory_call::insert) {
      EXPECT_THAT(client.verdicts(), IsEmpty());
    }
  });
  send(client, rows_of{}.point(1).point(2).invalid().point(1).point(2, "another user"));
  EXPECT_THAT(client.verdicts(),
              ElementsAre(verdict::stored, verdict::stored, verdict::invalid, verdict::duplicate, verdict::conflict));
  EXPECT_TRUE(client.in_order());
  EXPECT_EQ(table->size(), 2U);
  EXPECT_EQ(total(), (account{.received = 5, .stored = 2, .duplicate = 1, .conflict = 1, .invalid = 1}));
  table->on_call({});
}

TEST_F(node_supervisor_test, a_point_that_the_database_refuses_is_invalid_with_its_words) {
  start();
  auto client = connect();
  table->refuse(2, "22001", "value too long");
  send(client, ride_range({1, 2, 3}));
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::stored, verdict::invalid, verdict::stored));
  EXPECT_THAT(client.runs().at(1).detail, HasSubstr("value too long"));
}

TEST_F(node_supervisor_test, an_assigned_id_that_is_taken_is_replaced_and_named_in_the_answer) {
  start();
  auto client = connect();
  send(client, ride_range({5}));
  send(client, rows_of{}.assigned(5));
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::stored, verdict::stored));
  auto id = client.runs().at(1).new_id;
  EXPECT_GE(id, 1'000'000);
  EXPECT_TRUE(table->row(id));
}

TEST_F(node_supervisor_test, refuses_a_client_beyond_the_limit) {
  auto narrow = settings();
  narrow.clients.limit = 1;
  start(narrow);
  auto first = connect();
  EXPECT_TRUE(connect().refused());
  send(first, ride_range({1}));
  EXPECT_THAT(first.verdicts(), ElementsAre(verdict::stored));
}

TEST_F(node_supervisor_test, answers_overloaded_beyond_the_queue) {
  auto narrow = settings();
  narrow.pool.max_queued = 3;
  start(narrow);
  table->always(memory_call::probe, lost(memory_fault::kind::before));
  table->always(memory_call::open, lost(memory_fault::kind::before));
  pass(2s);
  auto client = connect();
  send(client, ride_range(1, 5));
  EXPECT_THAT(client.verdicts(), IsEmpty()) << "in their turn";
  table->always(memory_call::open, {});
  table->always(memory_call::probe, {});
  pass(2s);
  EXPECT_THAT(client.verdicts(),
              ElementsAre(verdict::stored, verdict::stored, verdict::stored, verdict::overloaded, verdict::overloaded));
}

// -- the store fails --------------------------------------------------------------------------------

TEST_F(node_supervisor_test, redispatches_the_batch_of_a_dead_writer) {
  start();
  auto client = connect();
  table->script(memory_call::insert, lost(memory_fault::kind::before));
  table->script(memory_call::insert, lost(memory_fault::kind::before)); // the other writer
  send(client, ride_range({1, 2}));
  EXPECT_THAT(client.verdicts(), IsEmpty());
  EXPECT_EQ(table->size(), 0U);
  pass(100ms);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::stored, verdict::stored));
  EXPECT_EQ(table->calls(memory_call::insert), 3U);
  expect_service(9);
}

TEST_F(node_supervisor_test, a_point_whose_commit_was_not_heard_of_is_answered_stored_once) {
  start();
  auto client = connect();
  table->script(memory_call::insert, lost(memory_fault::kind::after));
  send(client, ride_range({1}));
  pass(1s);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::stored));
  EXPECT_EQ(table->size(), 1U);
  send(client, ride_range({1}));
  EXPECT_EQ(client.verdicts().back(), verdict::duplicate) << "that one is the client's repeat";
  EXPECT_EQ(total().late, 0U);
}

TEST_F(node_supervisor_test, a_crash_in_the_store_costs_no_point) {
  start();
  auto client = connect();
  table->script(memory_call::insert, lost(memory_fault::kind::exception));
  send(client, ride_range({1, 2, 3}));
  pass(1s);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::stored, verdict::stored, verdict::stored));
  EXPECT_THAT(warnings, ElementsAre("the line is dead"));
}

TEST_F(node_supervisor_test, holds_what_it_has_while_the_store_is_away_and_says_so_at_the_deadline) {
  start();
  table->always(memory_call::open, lost(memory_fault::kind::before));
  table->always(memory_call::probe, lost(memory_fault::kind::before));
  pass(1s);
  auto client = connect();
  send(client, ride_range({1}));
  pass(5s);
  send(client, ride_range({2}));
  EXPECT_THAT(client.verdicts(), IsEmpty());
  pass(5s);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::unavailable));
  EXPECT_EQ(client.runs().at(0).detail, "the line is dead");
  table->always(memory_call::open, {});
  table->always(memory_call::probe, {});
  pass(1s);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::unavailable, verdict::stored)) << "and it serves again";
  EXPECT_THAT(ends, IsEmpty());
}

TEST_F(node_supervisor_test, a_point_that_ends_every_writer_is_answered_and_the_others_are_stored) {
  auto small = settings();
  small.pool.max_batch = 100;
  start(small);
  auto client = connect();
  table->on_call([&](memory_call call) {
    if (call != memory_call::insert) return;
    for (const auto& [sequence, batch] : state_of<writer_pool_state>(parts().pool).in_flight) {
      for (const auto& run : batch.runs) {
        for (auto id : test::ids_of(run.points.rows)) {
          if (id == 42) throw std::runtime_error{"42"};
        }
      }
    }
  });
  send(client, ride_range(1, 100));
  pass(5s);
  ASSERT_THAT(client.verdicts(), SizeIs(100));
  EXPECT_EQ(client.verdicts()[41], verdict::unavailable);
  EXPECT_EQ(table->size(), 99U);
  EXPECT_EQ(total(), (account{.received = 100, .stored = 99, .unavailable = 1}));
  EXPECT_THAT(ends, IsEmpty());
  table->on_call({});
  expect_service(1'000);
}

// -- the first start --------------------------------------------------------------------------------

TEST_F(node_supervisor_test, ends_when_the_store_never_came) {
  table->always(memory_call::open, lost(memory_fault::kind::before));
  start();
  pass(19'999ms);
  EXPECT_THAT(ends, IsEmpty());
  pass(1ms);
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0], caf::make_error(failure::store_never_came));
  EXPECT_EQ(reason_of(ends[0]), "the line is dead");
}

TEST_F(node_supervisor_test, ends_at_once_when_the_store_does_not_fit) {
  table->always(memory_call::prepare, lost(memory_fault::kind::before, error_kind::unfit));
  start();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0], caf::make_error(failure::store_unfit));
}

TEST_F(node_supervisor_test, a_store_that_comes_at_the_last_attempt_is_served) {
  for (auto i = 0; i < 2; ++i) table->script(memory_call::open, lost(memory_fault::kind::before));
  start();
  pass(20s);
  EXPECT_THAT(ends, IsEmpty());
  expect_service(1);
}

// -- escalation -------------------------------------------------------------------------------------

TEST_F(node_supervisor_test, restarts_the_writers_subtree_once_and_then_ends) {
  auto strict = settings();
  strict.writers.rule.intensity = 2;
  start(strict);
  auto client = connect();
  auto crash_three_times = [&] {
    for (auto i = 0; i < 3; ++i) {
      kill(writers.back());
      pass(1s);
    }
  };
  crash_three_times();
  EXPECT_THAT(ends, IsEmpty());
  EXPECT_THAT(warnings, testing::Contains(HasSubstr("3 crashes")));
  expect_service(1);
  crash_three_times();
  ASSERT_THAT(ends, SizeIs(1));
  EXPECT_EQ(ends[0], caf::make_error(failure::too_many_crashes));
  send(client, ride_range({2}));
  pass(10s);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::unavailable)) << "what is left still answers";
  EXPECT_THAT(ends, SizeIs(1));
}

TEST_F(node_supervisor_test, ends_when_the_pool_dies_too_often) {
  auto strict = settings();
  strict.rule.intensity = 2;
  start(strict);
  kill(parts().pool), kill(parts().pool);
  expect_service(1);
  EXPECT_THAT(ends, IsEmpty());
  kill(parts().pool);
  EXPECT_THAT(ends, SizeIs(1));
}

// -- a writer that hangs ----------------------------------------------------------------------------

db_writer::behavior_type run_hung_writer(db_writer::stateful_pointer<caf::unit_t> self, writer_watcher watcher) {
  self->monitor(watcher);
  self->set_down_handler([self](const caf::down_msg& death) { self->quit(death.reason); });
  self->send(watcher, writer_ready{self, {}});
  return {
      [self](insert_batch&) -> caf::result<batch_result> { return self->make_response_promise<batch_result>(); },
      [self](const find_request&) -> caf::result<find_result> { return self->make_response_promise<find_result>(); },
      [](const connect_store&) {}, [](const probe_store&) {}};
}

TEST_F(node_supervisor_test, every_point_is_answered_by_its_deadline_though_the_writers_hang) {
  auto hung = settings();
  hung.pool.max_batch = 2;
  hung.writers.spawn = [this](writer_watcher watcher) {
    return writers.emplace_back(system.spawn(run_hung_writer, watcher));
  };
  start(hung);
  auto client = connect();
  send(client, ride_range(1, 5));
  tell(client.connection(), find_query{0, 99, now() + 10s});
  pass(9'900ms);
  EXPECT_THAT(client.verdicts(), IsEmpty());
  pass(100ms);
  EXPECT_THAT(client.verdicts(),
              ElementsAre(verdict::timeout, verdict::timeout, verdict::timeout, verdict::timeout, verdict::unavailable))
      << "two batches of two were dispatched, the last point never was";
  ASSERT_THAT(client.found(), SizeIs(1));
  EXPECT_EQ(client.found()[0].what, find_result::state::timeout);
  EXPECT_EQ(total().in_flight, 0U);
}

// -- drain ------------------------------------------------------------------------------------------

TEST_F(node_supervisor_test, a_drain_answers_what_was_read_and_ends_when_everybody_left) {
  start();
  auto client = connect();
  client.send(ride_range({1, 2}), now() + 10s);
  auto done = ask<drained>(node, drain{});
  EXPECT_TRUE(client.told_to_drain());
  EXPECT_THAT(client.verdicts(), SizeIs(2)) << "read before the drain or after it";
  send(client, ride_range({3}));
  EXPECT_EQ(client.verdicts().back(), verdict::unavailable);
  EXPECT_TRUE(connect().refused());
  EXPECT_FALSE(done->answer);
  tell(client.connection(), client_gone{});
  ASSERT_TRUE(done->answer);
  EXPECT_EQ(done->answer->total.received, 3U);
  EXPECT_TRUE(done->answer->total.conserved());
}

TEST_F(node_supervisor_test, giving_up_a_drain_answers_what_is_left) {
  start();
  table->always(memory_call::open, lost(memory_fault::kind::before));
  kill(writers.at(0)), kill(writers.at(1));
  auto client = connect();
  send(client, ride_range({1}));
  auto done = ask<drained>(node, drain{});
  EXPECT_THAT(client.verdicts(), IsEmpty());
  tell(node, give_up{});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout));
  tell(client.connection(), client_gone{});
  EXPECT_TRUE(done->answer);
}

TEST_F(node_supervisor_test, goes_on_draining_when_the_parent_of_connections_dies_meanwhile) {
  start();
  auto client = connect();
  auto done = ask<drained>(node, drain{});
  kill(clients);
  EXPECT_TRUE(connect().refused()) << "the next one lets nobody in";
  EXPECT_TRUE(done->answer || done->error) << "whoever waits for the end hears of it";
}

// -- questions --------------------------------------------------------------------------------------

TEST_F(node_supervisor_test, finds_a_point_wherever_it_is) {
  start();
  auto client = connect();
  send(client, ride_range({1}));
  tell(client.connection(), find_query{0, 1, now() + 1s});
  tell(client.connection(), find_query{1, 2, now() + 1s});
  table->always(memory_call::open, lost(memory_fault::kind::before));
  kill(writers.at(0)), kill(writers.at(1));
  send(client, ride_range({3}));
  tell(client.connection(), find_query{2, 3, now() + 1s});
  tell(client.connection(), find_query{3, 4, now() + 1s});
  auto found = client.found();
  ASSERT_THAT(found, SizeIs(4));
  for (std::uint64_t i = 0; i < 4; ++i) EXPECT_EQ(found[i].number, i);
  EXPECT_EQ(found[0].what, find_result::state::found);
  EXPECT_EQ((*found[0].row)[0].id(), 1);
  EXPECT_EQ(found[1].what, find_result::state::missing);
  EXPECT_EQ(found[2].what, find_result::state::in_flight);
  EXPECT_EQ(found[3].what, find_result::state::unavailable);
}

TEST_F(node_supervisor_test, a_question_that_ends_its_writer_is_answered_unavailable) {
  start();
  auto client = connect();
  for (auto kind : {memory_fault::kind::before, memory_fault::kind::exception}) {
    table->script(memory_call::find, lost(kind));
    tell(client.connection(), find_query{0, 1, now() + 1s});
    ASSERT_FALSE(client.found().empty());
    EXPECT_EQ(client.found().back().what, find_result::state::unavailable);
    EXPECT_EQ(client.found().back().detail, "the line is dead");
    pass(1s);
  }
  expect_service(1);
}

TEST_F(node_supervisor_test, is_ready_only_while_a_point_sent_now_would_be_stored) {
  table->script(memory_call::open, lost(memory_fault::kind::before));
  start();
  auto client = connect();
  auto ready = [&] {
    tell(client.connection(), readiness_query{1});
    return client.readiness().back();
  };
  EXPECT_FALSE(ready().ready());
  EXPECT_EQ(ready().reason, "the line is dead");
  pass(10s);
  EXPECT_TRUE(ready().ready());
  EXPECT_EQ(ready().writers, 2U);
  EXPECT_THAT(ready().durability, HasSubstr("memory"));
  table->always(memory_call::open, lost(memory_fault::kind::before));
  table->always(memory_call::probe, lost(memory_fault::kind::before));
  pass(1s);
  EXPECT_FALSE(ready().ready());
  table->always(memory_call::open, {});
  table->always(memory_call::probe, {});
  pass(1s);
  EXPECT_TRUE(ready().ready());
}

} // namespace
} // namespace goloca::actors
