// What the node tells of itself: by questions at any time, and by the log when it finds that it miscounted.
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

const memory_fault away{memory_fault::kind::before, {error_kind::unavailable, "08006", "no route"}};

class node_status_test : public test::node_in_time {
protected:
  /// As an operator hears it.
  node_status status() {
    auto asking = connect(operators);
    EXPECT_TRUE(asking.connection());
    tell(asking.connection(), status_query{7});
    if (asking.status().empty()) pass(1s); // somebody does not answer
    EXPECT_THAT(asking.status(), SizeIs(1));
    tell(asking.connection(), client_gone{});
    if (asking.status().empty()) return {};
    EXPECT_EQ(asking.status()[0].number, 7U);
    return *asking.status()[0].status;
  }
  [[nodiscard]] account points_by(transport by) { return status().points.at(static_cast<std::size_t>(by)).points; }
  [[nodiscard]] static failure_record of(const node_status& in, node_part part) {
    return in.failures.at(static_cast<std::size_t>(part));
  }
};

// -- points -----------------------------------------------------------------------------------------

TEST_F(node_status_test, knows_every_point_though_connections_speak_only_when_asked) {
  start();
  auto client = connect();
  send(client, rows_of{}.point(1).invalid());
  EXPECT_EQ(points_by(transport::http), (account{.received = 2, .stored = 1, .invalid = 1}));
  send(client, rows_of{}.invalid());
  EXPECT_EQ(points_by(transport::http), (account{.received = 3, .stored = 1, .invalid = 2}));
  table->always(memory_call::open, away);
  kill(writers.at(0)), kill(writers.at(1));
  send(client, ride_range({2, 3}));
  EXPECT_EQ(points_by(transport::http), (account{.received = 5, .stored = 1, .invalid = 2, .in_flight = 2}));
}

TEST_F(node_status_test, counts_a_connection_that_became_a_websocket_as_what_it_was_and_is) {
  start();
  auto client = connect();
  send(client, ride_range({1}));
  EXPECT_EQ(status().connections[0]->websockets, 0U);
  tell(client.connection(), became_websocket{});
  send(client, ride_range({2, 3}));
  EXPECT_EQ(points_by(transport::http), (account{.received = 1, .stored = 1}));
  EXPECT_EQ(points_by(transport::websocket), (account{.received = 2, .stored = 2}));
  EXPECT_EQ(status().connections[0]->websockets, 1U);
  EXPECT_EQ(status().connections[0]->open, 1U);
  tell(client.connection(), client_gone{});
  EXPECT_EQ(status().connections[0]->websockets, 0U);
  EXPECT_EQ(points_by(transport::websocket), (account{.received = 2, .stored = 2})) << "its account stays";
}

TEST_F(node_status_test, measures_from_the_reading_to_the_answer) {
  start();
  auto client = connect();
  table->always(memory_call::open, away);
  kill(writers.at(0)), kill(writers.at(1));
  send(client, ride_range({1, 2, 3})); // read now, as its deadline is in 10 s
  pass(300ms);
  table->always(memory_call::open, {});
  pass(1s);
  ASSERT_THAT(client.verdicts(), SizeIs(3));
  auto seen = status().points[0].request_seconds;
  EXPECT_EQ(seen.count(), 3U) << "points, not answers";
  EXPECT_GE(seen.sum, 3 * 0.3);
  EXPECT_LE(seen.sum, 3 * 1.3);
}

TEST_F(node_status_test, what_a_dead_connection_held_counts_as_timeout_whoever_s_death_it_was) {
  start();
  table->always(memory_call::open, away);
  kill(writers.at(0)), kill(writers.at(1));
  auto one = connect(), other = connect();
  send(one, ride_range({1, 2}));
  send(other, ride_range({3}));
  kill(one.connection());
  EXPECT_EQ(points_by(transport::http), (account{.received = 3, .timeout = 2, .in_flight = 1}));
  EXPECT_EQ(status().connections[0]->counts.crashed, 1U);
  EXPECT_THAT(status().connections[0]->crashes.last, HasSubstr("kill"));
  kill(clients);
  EXPECT_EQ(points_by(transport::http), (account{.received = 3, .timeout = 3}));
  EXPECT_EQ(status().of_connections[0].crashed, 1U) << "though its parent is another";
  EXPECT_EQ(of(status(), node_part::client_connections).count, 1U);
}

TEST_F(node_status_test, a_drain_knows_the_account_of_all_who_left) {
  start();
  auto client = connect();
  send(client, ride_range({1, 2}));
  auto done = ask<drained>(node, drain{});
  EXPECT_TRUE(status().draining);
  EXPECT_TRUE(status().connections[0]->draining);
  EXPECT_TRUE(connect().refused());
  EXPECT_EQ(status().of_connections[0].refused, 1U);
  tell(client.connection(), client_gone{});
  ASSERT_TRUE(done->answer);
  EXPECT_EQ(done->answer->total, (account{.received = 2, .stored = 2}));
  EXPECT_THAT(errors, IsEmpty());
}

// -- an account that does not balance -----------------------------------------------------------------

TEST_F(node_status_test, a_point_that_is_nowhere_is_told_when_the_node_drains) {
  start();
  auto client = connect();
  send(client, ride_range({1}));
  tell(node, account_report{transport::websocket, {{.received = 3, .stored = 1}, {}}});
  EXPECT_THAT(errors, IsEmpty());
  (void)ask<drained>(node, drain{});
  EXPECT_THAT(errors, IsEmpty()) << "somebody is still here";
  tell(client.connection(), client_gone{});
  ASSERT_THAT(errors, SizeIs(1));
  EXPECT_THAT(errors[0], HasSubstr("the account of websocket does not balance"));
  EXPECT_THAT(errors[0], HasSubstr("3 points received, 1 answered, 0 in flight: 2 are nowhere"));
}

TEST_F(node_status_test, a_connection_that_forgets_a_point_is_found_out_at_the_next_look) {
  start();
  table->always(memory_call::open, away);
  kill(writers.at(0)), kill(writers.at(1));
  auto client = connect();
  send(client, ride_range({1, 2}));
  state_of<reporting_connection>(client.connection()).window.pop_back(); // the bug
  auto now = status();
  EXPECT_EQ(now.points[0].points.unaccounted(), 2);
  EXPECT_THAT(errors, ElementsAre(HasSubstr("2 are nowhere")));
  (void)status();
  EXPECT_THAT(errors, SizeIs(1)) << "once";
}

// -- the parts ----------------------------------------------------------------------------------------

TEST_F(node_status_test, tells_of_the_queue_and_of_what_writers_do) {
  auto small = settings();
  small.pool.max_queued = 5;
  start(small);
  auto now = status();
  ASSERT_TRUE(now.pool && now.writers);
  EXPECT_EQ(now.pool->capacity, 5U);
  EXPECT_EQ(now.pool->queued, 0U);
  ASSERT_THAT(now.writers->slots, SizeIs(2));
  EXPECT_EQ(now.writers->slots[0].what, writer_status::state::connected);
  EXPECT_EQ(now.writers->slots[0].id, writers.at(0).id());
  table->always(memory_call::open, away);
  kill(writers.at(0)), kill(writers.at(1));
  auto client = connect();
  send(client, ride_range({1, 2}));
  now = status();
  EXPECT_EQ(now.pool->queued, 2U);
  EXPECT_EQ(now.writers->slots[0].what, writer_status::state::waiting);
  EXPECT_GT(now.writers->slots[0].starts_at, now.at);
  EXPECT_THAT(now.writers->slots[0].failures.last, HasSubstr("kill"));
  EXPECT_EQ(now.of_writers, (writer_counts{0, 0}));
  pass(150ms);
  now = status();
  EXPECT_EQ(now.of_writers.restarts, 2U);
  EXPECT_EQ(now.of_writers.reconnects, 0U);
  EXPECT_EQ(now.writers->slots[1].failures.last, "no route");
  table->always(memory_call::open, {});
  pass(2s);
  EXPECT_EQ(status().of_writers.reconnects, 2U);
}

TEST_F(node_status_test, tells_of_a_batch_that_is_being_written) {
  start();
  auto client = connect();
  client.send(ride_range({1, 2}), now() + 10s);
  while (state_of<writer_pool_state>(parts().pool).in_flight.empty()) scheduler.run_once();
  auto told = state_of<writer_pool_state>(parts().pool).status();
  ASSERT_THAT(told.batches, SizeIs(1));
  EXPECT_EQ(told.batches[0].points, 2U);
  EXPECT_EQ(told.batches[0].since, now());
  EXPECT_TRUE(told.batches[0].writer == writers.at(0).id() || told.batches[0].writer == writers.at(1).id());
}

TEST_F(node_status_test, counts_outlive_the_actors_that_counted) {
  start();
  auto client = connect();
  send(client, ride_range({1, 2}));
  kill(writers.at(0));
  pass(1s);
  auto before = status();
  EXPECT_EQ(before.of_pools.batch_points.count(), 1U);
  EXPECT_EQ(before.of_pools.batch_points.sum, 2);
  EXPECT_EQ(before.of_writers, (writer_counts{1, 1}));
  kill(parts().pool);
  kill(parts().writers);
  pass(1s);
  send(client, ride_range({3}));
  auto after = status();
  EXPECT_EQ(after.of_pools.batch_points.count(), 2U);
  EXPECT_EQ(after.of_pools.commit_seconds.count(), 2U);
  EXPECT_EQ(after.of_writers, (writer_counts{3, 3})) << "the new supervisor's two writers";
  EXPECT_EQ(of(after, node_part::writer_pool).count, 1U);
  EXPECT_EQ(of(after, node_part::writer_supervisor).count, 1U);
  EXPECT_THAT(of(after, node_part::writer_pool).last, HasSubstr("kill"));
  EXPECT_EQ(of(after, node_part::writer_pool).at, of(after, node_part::writer_supervisor).at);
}

TEST_F(node_status_test, answers_with_what_there_is_when_parts_are_gone_for_good) {
  auto strict = settings();
  strict.rule.intensity = 0;
  start(strict);
  auto client = connect();
  send(client, ride_range({1}));
  kill(parts().pool);
  ASSERT_THAT(ends, SizeIs(1)) << "it is not started again, and the process is told";
  auto now = status();
  EXPECT_FALSE(now.pool);
  EXPECT_TRUE(now.writers);
  EXPECT_EQ(now.of_pools.batch_points.count(), 1U);
  EXPECT_EQ(now.points[0].points, (account{.received = 1, .stored = 1}));
}

TEST_F(node_status_test, costs_nothing_while_nothing_happens) {
  start();
  auto client = connect();
  send(client, ride_range({1}));
  pass(11s);
  EXPECT_EQ(state_of<connections_state>(clients).next_tick, time_point::max()) << "nobody is due";
  EXPECT_EQ(points_by(transport::http), (account{.received = 1, .stored = 1}));
  EXPECT_THAT(state_of<connections_state>(clients).take_to_report(), IsEmpty());
}

} // namespace
} // namespace goloca::actors
