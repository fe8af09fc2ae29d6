#include "actors/connection.hpp"
#include "tests/support/fake_books.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/fake_pool.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using test::ride_range;
using test::rows_of;
using testing::ElementsAre;
using testing::IsEmpty;

/// Keeps when it was last asked to wake, and how often.
struct wishes {
  std::vector<time_point> times{};
  int websockets = 0;
};

connection_parent::behavior_type run_parent(connection_parent::stateful_pointer<caf::unit_t>,
                                            std::shared_ptr<wishes> heard) {
  return {[heard](const wake_at& wish) { heard->times.push_back(wish.when); },
          [heard](const became_websocket&) { ++heard->websockets; }};
}

class connection_test : public test::virtual_time {
protected:
  std::shared_ptr<wishes> heard = std::make_shared<wishes>();
  connection_parent parent = spawn(run_parent, heard);
  std::shared_ptr<account_book> book = std::make_shared<account_book>();
  node_books books = spawn(test::run_fake_books, book);
  std::shared_ptr<test::fake_pool_log> log = std::make_shared<test::fake_pool_log>();
  writer_pool pool = spawn(test::run_fake_pool, log);
  test::fake_client client{};
  connection handle = open();

  connection open() {
    auto opened =
        spawn(run_connection, client.port(), connection_settings{[] { return std::int64_t{77}; }}, parent, books, pool);
    settle();
    return opened;
  }

  void send(const store::row_range& rows) {
    client.send(rows, now() + 10s);
    settle();
  }

  /// What it says of its account when it is asked, and said before.
  account sum() {
    EXPECT_TRUE(ask<account_reported>(handle, report_account{})->answer);
    EXPECT_TRUE(book->sum().conserved());
    return book->sum();
  }

  void reply(std::vector<verdict_run> runs) { tell(handle, insert_reply{std::move(runs), {}}); }

  void TearDown() override {
    log->clients.clear();
    client = {};
    virtual_time::TearDown();
  }
};

TEST_F(connection_test, introduces_itself_to_its_session) {
  EXPECT_EQ(client.connection(), handle);
}

TEST_F(connection_test, sends_a_burst_to_the_pool_and_the_reply_to_its_session) {
  send(ride_range({1, 2}));
  ASSERT_EQ(log->requests.size(), 1U);
  EXPECT_THAT(client.verdicts(), IsEmpty());
  EXPECT_EQ(sum().in_flight, 2U);
  reply({{0, 2, verdict::stored, {}}});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::stored, verdict::stored));
  EXPECT_EQ(sum(), (account{.received = 2, .stored = 2}));
}

TEST_F(connection_test, a_point_whose_assigned_id_is_taken_goes_to_the_pool_again) {
  send(rows_of{}.assigned(5));
  reply({{0, 1, verdict::conflict, {}}});
  ASSERT_EQ(log->requests.size(), 2U);
  EXPECT_THAT(test::ids_of(log->requests[1].runs.at(0).rows), ElementsAre(77));
  EXPECT_THAT(client.verdicts(), IsEmpty());
  reply({{0, 1, verdict::stored, {}}});
  ASSERT_EQ(client.runs().size(), 1U);
  EXPECT_EQ(client.runs()[0].new_id, 77);
}

TEST_F(connection_test, answers_timeout_for_what_a_dead_pool_held_and_keeps_the_next_for_a_new_one) {
  send(ride_range({1, 2}));
  kill(pool);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout, verdict::timeout));
  send(ride_range({3}));
  EXPECT_EQ(log->requests.size(), 1U);
  tell(handle, pool_changed{spawn(test::run_fake_pool, log)});
  ASSERT_EQ(log->requests.size(), 2U) << "and it serves again";
  EXPECT_EQ(log->requests[1].runs.at(0).first, 2U);
  reply({{2, 1, verdict::stored, {}}});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout, verdict::timeout, verdict::stored));
  EXPECT_EQ(sum(), (account{.received = 3, .stored = 1, .timeout = 2}));
}

TEST_F(connection_test, answers_timeout_for_what_the_old_pool_held_when_the_new_one_is_heard_of_first) {
  send(ride_range({1, 2}));
  auto old = pool;
  tell(handle, pool_changed{spawn(test::run_fake_pool, log)});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout, verdict::timeout));
  send(ride_range({3}));
  kill(old);
  EXPECT_EQ(client.verdicts().size(), 2U) << "the new pool has it";
  reply({{2, 1, verdict::stored, {}}});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout, verdict::timeout, verdict::stored));
}

TEST_F(connection_test, outlives_its_client_until_its_points_are_accounted_for) {
  auto end = watch(handle);
  send(ride_range({1}));
  tell(handle, client_gone{});
  EXPECT_FALSE(*end);
  reply({{0, 1, verdict::stored, {}}});
  ASSERT_TRUE(*end);
  EXPECT_FALSE(**end) << "a normal end";
  EXPECT_THAT(client.verdicts(), IsEmpty()) << "nobody is there to hear";
  EXPECT_EQ(book->sum(), (account{.received = 1, .stored = 1})) << "its last words";
}

TEST_F(connection_test, ends_at_once_when_an_idle_client_goes) {
  auto end = watch(handle);
  tell(handle, client_gone{});
  EXPECT_TRUE(*end);
}

TEST_F(connection_test, ends_when_its_parent_dies) {
  auto end = watch(handle);
  kill(parent);
  EXPECT_TRUE(*end);
}

TEST_F(connection_test, tells_its_session_to_drain_and_takes_no_more) {
  send(ride_range({1}));
  tell(handle, drain{});
  EXPECT_TRUE(client.told_to_drain());
  send(ride_range({2}));
  reply({{0, 1, verdict::stored, {}}});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::stored, verdict::unavailable));
}

TEST_F(connection_test, answers_what_is_waiting_when_told_to_give_up) {
  send(ride_range({1}));
  tell(handle, give_up{});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout));
}

TEST_F(connection_test, a_tick_answers_what_is_due_before_the_next_one) {
  client.send(ride_range({1}), now() + 30ms);
  settle();
  tell(handle, tick{});
  EXPECT_THAT(client.verdicts(), IsEmpty());
  pass(10ms);
  tell(handle, tick{});
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout));
}

TEST_F(connection_test, answers_a_question_at_its_deadline_when_the_pool_does_not) {
  tell(handle, find_query{3, 5, now() + 2s});
  pass(1999ms);
  EXPECT_THAT(client.found(), IsEmpty());
  pass(1ms);
  ASSERT_EQ(client.found().size(), 1U);
  EXPECT_EQ(client.found()[0].number, 3U);
  EXPECT_EQ(client.found()[0].what, find_result::state::timeout);
}

TEST_F(connection_test, answers_questions_unavailable_while_there_is_no_pool) {
  kill(pool);
  tell(handle, find_query{4, 5, now() + 2s});
  tell(handle, readiness_query{9});
  ASSERT_EQ(client.found().size(), 1U);
  EXPECT_EQ(client.found()[0].what, find_result::state::unavailable);
  EXPECT_EQ(client.found()[0].number, 4U);
  ASSERT_EQ(client.readiness().size(), 1U);
  EXPECT_FALSE(client.readiness()[0].ready());
  EXPECT_EQ(client.readiness()[0].number, 9U);
}

TEST_F(connection_test, hands_on_what_the_books_say_and_says_so_when_they_are_silent) {
  tell(handle, status_query{5});
  ASSERT_EQ(client.status().size(), 1U);
  EXPECT_EQ(client.status()[0].number, 5U);
  EXPECT_TRUE(client.status()[0].status);
  kill(books);
  tell(handle, status_query{6});
  ASSERT_EQ(client.status().size(), 2U);
  EXPECT_EQ(client.status()[1].number, 6U);
  EXPECT_FALSE(client.status()[1].status);
  EXPECT_THAT(client.status()[1].reason, testing::HasSubstr("the node supervisor does not answer"));
}

TEST_F(connection_test, is_woken_by_its_parent_once_for_many_bursts_and_reports_when_it_is_asked) {
  for (std::uint64_t i = 0; i < 5; ++i) {
    send(ride_range({static_cast<std::int64_t>(i + 1)}));
    reply({{i, 1, verdict::stored, {}}});
    pass(100ms);
  }
  EXPECT_EQ(heard->times.size(), 1U) << "a later deadline needs no word";
  EXPECT_EQ(book->sum(), account{}) << "nor does an answer";
  EXPECT_EQ(sum(), (account{.received = 5, .stored = 5}));
  tell(handle, tick{});
  send(rows_of{}.invalid());
  EXPECT_EQ(book->sum(), (account{.received = 6, .stored = 5, .invalid = 1})) << "nobody would ask it for this one";
  client.send(ride_range({9}), now() + 10s);
  client.send(ride_range({10}), now() + 10s);
  settle();
  EXPECT_EQ(heard->times.size(), 2U);
}

TEST_F(connection_test, its_last_words_are_its_account_whatever_ends_it) {
  send(ride_range({1, 2}));
  reply({{0, 1, verdict::stored, {}}});
  kill(handle);
  EXPECT_EQ(book->sum(), (account{.received = 2, .stored = 1, .timeout = 1}));
}

TEST_F(connection_test, counts_by_the_transport_that_its_client_speaks) {
  send(ride_range({1}));
  reply({{0, 1, verdict::stored, {}}});
  tell(handle, became_websocket{});
  EXPECT_EQ(heard->websockets, 1);
  send(ride_range({2}));
  (void)sum();
  EXPECT_EQ(book->points[0].points, (account{.received = 1, .stored = 1}));
  EXPECT_EQ(book->points[1].points, (account{.received = 1, .in_flight = 1}));
}

TEST_F(connection_test, answers_an_open_question_when_told_to_give_up) {
  tell(handle, find_query{3, 5, now() + 10s});
  tell(handle, give_up{});
  ASSERT_EQ(client.found().size(), 1U);
  EXPECT_EQ(client.found()[0].number, 3U);
  EXPECT_EQ(client.found()[0].what, find_result::state::timeout);
  pass(10s);
  EXPECT_EQ(client.found().size(), 1U) << "once";
}

} // namespace
} // namespace goloca::actors
