// Each actor of the tree dies, at any time: every point still has one answer, or its connection is gone, and the node
// serves again.
#include "tests/support/node_in_time.hpp"
#include "tests/support/ride_rows.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::memory_call;
using store::memory_fault;
using test::ride_range;
using test::rows_of;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

const memory_fault away{memory_fault::kind::before};

class deaths_test : public test::node_in_time {
public:
  [[nodiscard]] writer_pool_state& pool() { return state_of<writer_pool_state>(parts().pool); }
  std::size_t rows_before = 0; // in the table, when a test's points are sent
};

TEST_F(deaths_test, what_a_killed_pool_held_is_answered_timeout_and_the_next_pool_serves) {
  start();
  table->always(memory_call::open, away);
  kill(writers.at(0)), kill(writers.at(1));
  auto client = connect();
  send(client, ride_range({1, 2}));
  kill(parts().pool);
  EXPECT_THAT(client.verdicts(), ElementsAre(verdict::timeout, verdict::timeout));
  table->always(memory_call::open, {});
  send(client, ride_range({3}));
  pass(1s);
  EXPECT_EQ(client.verdicts().back(), verdict::stored);
  EXPECT_EQ(total(), (account{.received = 3, .stored = 1, .timeout = 2}));
}

TEST_F(deaths_test, a_killed_pool_s_writers_work_for_the_next) {
  start();
  auto spawned = writers.size();
  kill(parts().pool);
  expect_service(1);
  EXPECT_EQ(writers.size(), spawned);
}

TEST_F(deaths_test, counts_what_a_killed_connection_held) {
  start();
  table->always(memory_call::open, away);
  kill(writers.at(0)), kill(writers.at(1));
  auto client = connect();
  send(client, ride_range({1, 2}));
  kill(client.connection());
  EXPECT_EQ(total(), (account{.received = 2, .timeout = 2}));
  table->always(memory_call::open, {});
  pass(1s);
  EXPECT_EQ(table->size(), 2U) << "unknown to the client, so it will send again";
  EXPECT_EQ(total(), (account{.received = 2, .timeout = 2}));
  EXPECT_THAT(client.verdicts(), IsEmpty());
  expect_service(3);
}

TEST_F(deaths_test, the_parent_of_connections_is_replaced_when_it_dies) {
  start();
  auto client = connect();
  auto end = watch(client.connection());
  auto before = clients;
  kill(clients);
  EXPECT_TRUE(*end) << "its sessions see it and close";
  EXPECT_NE(clients, before);
  expect_service(1);
  before = operators;
  kill(operators);
  EXPECT_NE(operators, before);
}

TEST_F(deaths_test, takes_everybody_along_when_it_ends) {
  start();
  auto client = connect();
  auto handles = std::vector{watch(client.connection())};
  handles.insert(handles.end(), {watch(parts().pool), watch(parts().writers), watch(clients), watch(operators),
                                 watch(writers.at(0)), watch(writers.at(1))});
  caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
  settle();
  for (const auto& end : handles) EXPECT_TRUE(*end);
  EXPECT_THAT(ends, IsEmpty()) << "it was told to";
}

TEST_F(deaths_test, takes_everybody_along_when_it_is_killed) {
  start();
  auto handles = std::vector{watch(parts().pool), watch(parts().writers), watch(clients), watch(operators)};
  kill(node);
  for (const auto& end : handles) EXPECT_TRUE(*end);
  EXPECT_THAT(ends, SizeIs(1)) << "and the process hears of it";
}

/// Whom a test kills, by name.
struct victim {
  const char* name;
  caf::actor (*pick)(deaths_test&, const test::fake_client&);
  bool client_lives;
};

const victim victims[] = {
    {"a writer",
     [](deaths_test& at, const test::fake_client&) { return caf::actor_cast<caf::actor>(at.writers.back()); }, true},
    {"the first writer",
     [](deaths_test& at, const test::fake_client&) { return caf::actor_cast<caf::actor>(at.writers.front()); }, true},
    {"the writer supervisor",
     [](deaths_test& at, const test::fake_client&) { return caf::actor_cast<caf::actor>(at.parts().writers); }, true},
    {"the pool", [](deaths_test& at, const test::fake_client&) { return caf::actor_cast<caf::actor>(at.parts().pool); },
     true},
    {"the connection",
     [](deaths_test&, const test::fake_client& of) { return caf::actor_cast<caf::actor>(of.connection()); }, false},
    {"the parent of connections",
     [](deaths_test& at, const test::fake_client&) { return caf::actor_cast<caf::actor>(at.clients); }, false},
    {"the parent of operators",
     [](deaths_test& at, const test::fake_client&) { return caf::actor_cast<caf::actor>(at.operators); }, true},
};

/// Where a batch is when somebody dies.
struct moment {
  const char* name;
  bool (*reached)(deaths_test&, const test::fake_client&);
};

const moment moments[] = {
    {"queued", [](deaths_test& at, const test::fake_client&) { return at.pool().queued_points > 0; }},
    {"dispatched",
     [](deaths_test& at, const test::fake_client&) {
       return !at.pool().in_flight.empty() && at.table->size() == at.rows_before;
     }},
    {"committed",
     [](deaths_test& at, const test::fake_client& of) {
       return !at.pool().in_flight.empty() && at.table->size() > at.rows_before && of.verdicts().empty();
     }},
    {"answered", [](deaths_test&, const test::fake_client& of) { return of.verdicts().size() == of.sent(); }},
};

/// Kills `who` at some moment, and looks whether all that was promised still holds.
class a_death : public deaths_test {
protected:
  void start_lenient() {
    auto lenient = settings();
    lenient.rule.intensity = 1'000;
    lenient.rule.window = 1ms; // the test may restart the writers' subtree any number of times
    lenient.writers.rule.intensity = 1'000;
    start(lenient);
  }

  /// Two bursts of six points in all, one of them invalid.
  void send_six(test::fake_client& from) {
    from.send(rows_of{}.points(id, 3).invalid(), now() + 10s);
    from.send(ride_range(id + 3, 2), now() + 10s);
  }

  void kill_amid(const victim& who, const test::fake_client& client) {
    scrape();
    caf::anon_send_exit(who.pick(*this, client), caf::exit_reason::kill);
    scrape();
    settle();
    scrape();
    pass(2s);
    scrape();
    settle();
  }

  void expect_each_point_has_one_answer(const victim& who, const test::fake_client& client) {
    EXPECT_TRUE(client.in_order());
    auto verdicts = client.verdicts();
    if (who.client_lives) {
      ASSERT_THAT(verdicts, SizeIs(6));
      EXPECT_EQ(verdicts[3], verdict::invalid);
    }
    for (std::int64_t i = 0; i < std::ssize(verdicts); ++i) {
      if (i == 3) continue; // the invalid one
      EXPECT_THAT(verdicts[i], testing::AnyOf(verdict::stored, verdict::timeout));
      EXPECT_TRUE(verdicts[i] != verdict::stored || table->row(i < 3 ? id + i : id + i - 1));
    }
  }

  /// What clients heard is what is counted; a point whose connection died counts as timeout.
  void expect_account(const victim& who, const test::fake_client& client) {
    expect_conserved();
    auto sum = total();
    EXPECT_EQ(sum.in_flight, 0U);
    auto heard = client.verdicts();
    EXPECT_EQ(sum.stored, counted_before.stored + std::ranges::count(heard, verdict::stored));
    EXPECT_EQ(sum.received - counted_before.received, sum.answered() - counted_before.answered());
    EXPECT_GE(sum.received - counted_before.received, heard.size());
    if (who.client_lives) {
      EXPECT_EQ(sum.received - counted_before.received, 6U) << "a dead connection may not have read all";
    }
    counted_before = sum;
  }

  std::int64_t id = 1;
  account counted_before{};
};

class death_at_each_moment : public a_death,
                             public testing::WithParamInterface<std::tuple<std::size_t, std::size_t>> {};

TEST_P(death_at_each_moment, leaves_each_point_with_one_answer_and_the_account_conserved) {
  auto [which, at] = GetParam();
  const auto& who = victims[which];
  start_lenient();
  for (auto round = 0; round < 3; ++round) { // what a death leaves behind must not harm the next
    rows_before = table->size();
    auto client = connect();
    ASSERT_TRUE(client.connection());
    send_six(client);
    std::size_t steps = 0;
    while (!moments[at].reached(*this, client)) {
      ASSERT_LT(++steps, 1'000U) << "it never comes to that";
      scheduler.run_once();
    }
    kill_amid(who, client);
    ASSERT_NO_FATAL_FAILURE(expect_each_point_has_one_answer(who, client));
    if (std::string{moments[at].name} == "answered") {
      EXPECT_THAT(client.verdicts(), SizeIs(6)) << "what was said stays said";
    }
    expect_account(who, client);
    id += 5;
    ASSERT_NO_FATAL_FAILURE(expect_service(id++));
    counted_before = total();
    if (who.client_lives) tell(client.connection(), client_gone{});
  }
  EXPECT_THAT(ends, IsEmpty());
}

std::string name_of(std::string words) {
  std::ranges::replace(words, ' ', '_');
  return words;
}

INSTANTIATE_TEST_SUITE_P(deaths_test, death_at_each_moment,
                         testing::Combine(testing::Range(std::size_t{0}, std::size(victims)),
                                          testing::Range(std::size_t{0}, std::size(moments))),
                         [](const auto& param) {
                           return name_of(victims[std::get<0>(param.param)].name) + "_dies_when_" +
                                  moments[std::get<1>(param.param)].name;
                         });

/// Kills `who` after each number of steps that a burst's walk may have taken.
class death_at_any_step : public a_death, public testing::WithParamInterface<std::size_t> {};

TEST_P(death_at_any_step, leaves_each_point_with_one_answer_and_the_account_conserved) {
  const auto& who = victims[GetParam()];
  start_lenient();
  for (std::size_t steps = 0; steps < 30; ++steps) {
    SCOPED_TRACE(std::string{who.name} + " dies after " + std::to_string(steps) + " steps");
    auto client = connect();
    ASSERT_TRUE(client.connection());
    send_six(client);
    scheduler.run(steps);
    kill_amid(who, client);
    ASSERT_NO_FATAL_FAILURE(expect_each_point_has_one_answer(who, client));
    expect_account(who, client);
    id += 5;
    ASSERT_NO_FATAL_FAILURE(expect_service(id++));
    counted_before = total();
    if (who.client_lives) tell(client.connection(), client_gone{});
  }
  EXPECT_THAT(ends, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(deaths_test, death_at_any_step, testing::Range(std::size_t{0}, std::size(victims)),
                         [](const auto& param) { return name_of(victims[param.param].name); });

} // namespace
} // namespace goloca::actors
