#include "actors/connections.hpp"
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

class connections_test : public test::virtual_time {
protected:
  std::shared_ptr<test::fake_pool_log> log = std::make_shared<test::fake_pool_log>();
  writer_pool pool = spawn(test::run_fake_pool, log);
  std::shared_ptr<account_book> book = std::make_shared<account_book>();
  node_books books = spawn(test::run_fake_books, book);
  connections parent = spawn(run_connections, connections_settings{3, {[] { return std::int64_t{77}; }}}, books, pool);

  test::fake_client connect() {
    test::fake_client client;
    tell(parent, open_connection{client.port()});
    return client;
  }

  void send(test::fake_client& client, const store::row_range& rows, std::chrono::nanoseconds patience = 10s) {
    client.send(rows, now() + patience);
    settle();
  }

  connections_status status() {
    auto asked = ask<connections_status>(parent, connections_query{});
    EXPECT_TRUE(asked->answer);
    return asked->answer.value_or(connections_status{});
  }

  /// What the books have once every connection was asked.
  account total() {
    (void)status();
    EXPECT_TRUE(book->sum().conserved());
    return book->sum();
  }

  void TearDown() override {
    log->clients.clear();
    virtual_time::TearDown();
  }
};

TEST_F(connections_test, opens_a_connection_for_each_client_up_to_the_limit) {
  auto a = connect();
  auto b = connect();
  auto c = connect();
  auto d = connect();
  EXPECT_TRUE(a.connection());
  EXPECT_TRUE(c.connection());
  EXPECT_NE(a.connection(), b.connection());
  EXPECT_FALSE(d.connection());
  EXPECT_TRUE(d.refused());
  tell(b.connection(), client_gone{});
  auto e = connect();
  EXPECT_TRUE(e.connection()) << "a place is free again";
}

TEST_F(connections_test, keeps_the_account_of_all_its_connections) {
  auto a = connect();
  auto b = connect();
  send(a, ride_range({1, 2, 3}));
  send(b, rows_of{}.point(4).invalid());
  EXPECT_EQ(total(), (account{.received = 5, .invalid = 1, .in_flight = 4}));
  tell(a.connection(), insert_reply{{{0, 2, verdict::stored, {}}}});
  tell(b.connection(), insert_reply{{{0, 1, verdict::conflict, {}}}});
  EXPECT_EQ(total(), (account{.received = 5, .stored = 2, .conflict = 1, .invalid = 1, .in_flight = 1}));
  tell(a.connection(), client_gone{});
  EXPECT_EQ(total().in_flight, 1U) << "it leaves once its point is answered";
  tell(a.connection(), insert_reply{{{2, 1, verdict::stored, {}}}});
  EXPECT_EQ(total(), (account{.received = 5, .stored = 3, .conflict = 1, .invalid = 1}));
}

TEST_F(connections_test, counts_what_a_killed_connection_held_as_timeout) {
  auto a = connect();
  auto b = connect();
  send(a, ride_range({1, 2, 3}));
  send(b, ride_range({4}));
  tell(a.connection(), insert_reply{{{0, 1, verdict::stored, {}}}});
  kill(a.connection());
  EXPECT_EQ(total(), (account{.received = 4, .stored = 1, .timeout = 2, .in_flight = 1}));
  tell(b.connection(), insert_reply{{{0, 1, verdict::stored, {}}}});
  EXPECT_THAT(b.verdicts(), ElementsAre(verdict::stored)) << "the others serve on";
}

TEST_F(connections_test, every_point_is_answered_by_its_deadline_though_the_pool_is_silent) {
  auto a = connect();
  auto b = connect();
  send(a, ride_range({1}), 95ms);
  send(b, ride_range({2}), 1s);
  pass(70ms);
  EXPECT_THAT(a.verdicts(), IsEmpty());
  pass(25ms);
  EXPECT_THAT(a.verdicts(), ElementsAre(verdict::timeout));
  EXPECT_THAT(b.verdicts(), IsEmpty());
  pass(905ms);
  EXPECT_THAT(b.verdicts(), ElementsAre(verdict::timeout));
  EXPECT_FALSE(scheduler.has_pending_timeout()) << "nothing waits, so nobody looks at the clock";
  send(a, ride_range({3}), 50ms);
  pass(50ms);
  EXPECT_THAT(a.verdicts(), ElementsAre(verdict::timeout, verdict::timeout));
}

TEST_F(connections_test, a_drain_is_answered_when_everybody_has_left) {
  auto a = connect();
  auto b = connect();
  send(a, ride_range({1}));
  auto drained_all = ask<all_left>(parent, drain{});
  EXPECT_TRUE(a.told_to_drain());
  EXPECT_TRUE(b.told_to_drain());
  EXPECT_TRUE(connect().refused());
  tell(b.connection(), client_gone{});
  tell(a.connection(), insert_reply{{{0, 1, verdict::stored, {}}}});
  EXPECT_FALSE(drained_all->answer);
  tell(a.connection(), client_gone{});
  ASSERT_TRUE(drained_all->answer);
  EXPECT_EQ(book->sum(), (account{.received = 1, .stored = 1})) << "the last words came before";
}

TEST_F(connections_test, a_paced_drain_tells_HTTP_at_once_and_WebSockets_one_after_the_other) {
  connections_settings paced{10, {[] { return std::int64_t{77}; }}};
  paced.drain_over = 100ms; // five steps
  parent = spawn(run_connections, paced, books, pool);
  auto http = connect();
  std::vector<test::fake_client> sockets;
  for (int i = 0; i < 8; ++i) {
    sockets.push_back(connect());
    tell(sockets.back().connection(), became_websocket{});
  }
  auto told = [&] { return std::ranges::count_if(sockets, [](const auto& each) { return each.told_to_drain(); }); };
  auto all_drained = ask<all_left>(parent, drain{});
  EXPECT_TRUE(http.told_to_drain());
  EXPECT_EQ(told(), 2);
  pass(20ms);
  EXPECT_EQ(told(), 4);
  EXPECT_TRUE(connect().refused());
  pass(80ms);
  EXPECT_EQ(told(), 8);
  for (auto& each : sockets) tell(each.connection(), client_gone{});
  tell(http.connection(), client_gone{});
  EXPECT_TRUE(all_drained->answer);
}

TEST_F(connections_test, a_drain_of_nobody_is_answered_at_once_and_again) {
  EXPECT_TRUE(ask<all_left>(parent, drain{})->answer);
  EXPECT_TRUE(ask<all_left>(parent, drain{})->answer);
}

TEST_F(connections_test, a_second_drain_does_not_rob_the_first_of_its_answer) {
  auto a = connect();
  auto first = ask<all_left>(parent, drain{});
  auto second = ask<all_left>(parent, drain{});
  tell(a.connection(), client_gone{});
  EXPECT_TRUE(first->answer);
  EXPECT_TRUE(second->answer);
}

TEST_F(connections_test, gives_up_for_all_when_told_to) {
  auto a = connect();
  auto b = connect();
  send(a, ride_range({1}));
  send(b, ride_range({2}));
  tell(parent, give_up{});
  EXPECT_THAT(a.verdicts(), ElementsAre(verdict::timeout));
  EXPECT_THAT(b.verdicts(), ElementsAre(verdict::timeout));
  EXPECT_EQ(total().timeout, 2U);
}

TEST_F(connections_test, gives_a_new_pool_to_old_and_new_connections) {
  auto a = connect();
  kill(pool);
  auto b = connect();
  send(a, ride_range({1}));
  send(b, ride_range({2}));
  auto next_log = std::make_shared<test::fake_pool_log>();
  tell(parent, pool_changed{spawn(test::run_fake_pool, next_log)});
  auto c = connect();
  send(c, ride_range({3}));
  EXPECT_EQ(next_log->requests.size(), 3U);
  next_log->clients.clear();
}

TEST_F(connections_test, its_connections_end_with_it) {
  auto a = connect();
  auto end = watch(a.connection());
  kill(parent);
  EXPECT_TRUE(*end);
}

} // namespace
} // namespace goloca::actors
