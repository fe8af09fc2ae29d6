#include "actors/link_hosts.hpp"
#include "tests/support/fake_line.hpp"
#include "tests/support/fake_pool.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using test::batch_of;
using test::ride_range;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class link_hosts_test : public test::virtual_time {
protected:
  std::shared_ptr<test::fake_pool_log> log = std::make_shared<test::fake_pool_log>();
  writer_pool pool = spawn(test::run_fake_pool, log);
  std::vector<std::string> warnings{}, infos{};
  link_hosts hosts = spawn(run_link_hosts, settings(), pool);
  std::vector<std::shared_ptr<test::fake_port>> ports{};

  link_hosts_settings settings() {
    link_hosts_settings made;
    made.own = {{2, 3}, "rides", "w1", 1, "abc"};
    made.node = "w1";
    made.boot = 1;
    made.credit = 2;
    made.most_links = 3;
    made.log_warning = [this](const std::string& what) { warnings.push_back(what); };
    made.log_info = [this](const std::string& what) { infos.push_back(what); };
    return made;
  }

  static link_hello hello(std::uint64_t boot) { return {{1, 2}, "rides", "e1", boot, "abc"}; }

  test::fake_port& open(link_hello with) {
    auto& port = *ports.emplace_back(std::make_shared<test::fake_port>());
    tell(hosts, open_link{std::move(with), "10.0.0.9", test::port_of(ports.back())});
    return port;
  }

  link_host host(std::size_t i = 0) { return ports.at(i)->admitted.at(0).host; }

  /// The pool's answer to its i-th request.
  void answer(std::size_t i, std::vector<verdict_run> runs) {
    tell(caf::actor_cast<reply_receiver>(log->clients.at(i)), insert_reply{std::move(runs)});
  }

  std::vector<host_status> status() { return ask<hosts_status>(hosts, hosts_query{})->answer->hosts; }

  void expect_refused(link_hello with, const std::string& why) {
    auto& port = open(std::move(with));
    EXPECT_THAT(port.admitted, IsEmpty());
    EXPECT_THAT(port.refusals, ElementsAre(HasSubstr(why)));
    pass(1s);
    ASSERT_FALSE(warnings.empty());
    EXPECT_THAT(warnings.back(), AllOf(HasSubstr("link from 10.0.0.9 (e1) refused: "), HasSubstr(why)));
  }

  /// The link is ended with that reason, and its boot id is free again.
  void expect_ended(std::size_t i, const std::string& why) {
    EXPECT_THAT(ports.at(i)->refusals, ElementsAre(HasSubstr(why)));
    EXPECT_THAT(status(), IsEmpty());
  }

  void TearDown() override {
    ports.clear();
    log->clients.clear();
    virtual_time::TearDown();
  }
};

// -- hello ----------------------------------------------------------------------------------------

TEST_F(link_hosts_test, admits_an_edge_and_tells_it_what_it_may_send) {
  auto& port = open(hello(7));
  ASSERT_THAT(port.admitted, SizeIs(1));
  const auto& welcome = port.admitted[0].welcome;
  EXPECT_EQ(welcome.version, 2) << "the highest that both speak";
  EXPECT_EQ(welcome.node, "w1");
  EXPECT_EQ(welcome.boot, 1U);
  EXPECT_EQ(welcome.credit, 2U);
  EXPECT_EQ(welcome.most_points, 500U);
  EXPECT_EQ(welcome.promise.statement, "fake");
  EXPECT_THAT(port.refusals, IsEmpty());
  EXPECT_THAT(infos, ElementsAre("link from 10.0.0.9 (e1) is up"));
}

TEST_F(link_hosts_test, refuses_another_cluster) {
  auto other = hello(7);
  other.cluster = "scooters";
  expect_refused(other, "its cluster is \"scooters\", this node's is \"rides\": see CLUSTER");
}

TEST_F(link_hosts_test, refuses_another_schema) {
  auto other = hello(7);
  other.schema = "def";
  expect_refused(other, "its schema is another (digest def");
}

TEST_F(link_hosts_test, refuses_who_speaks_no_common_wire_version) {
  auto old = hello(7), young = hello(8);
  old.versions = {1, 1};
  young.versions = {4, 5};
  expect_refused(old, "no common wire version: it speaks 1 to 1, this node 2 to 3");
  expect_refused(young, "no common wire version: it speaks 4 to 5, this node 2 to 3");
}

TEST_F(link_hosts_test, refuses_a_second_link_with_one_boot_id_until_the_first_has_ended) {
  (void)open(hello(7));
  expect_refused(hello(7), "its boot id is that of a link from 10.0.0.9");
  EXPECT_THAT(ports[0]->refusals, IsEmpty()) << "the first stays";
  tell(host(), link_gone{});
  EXPECT_THAT(open(hello(7)).admitted, SizeIs(1));
}

TEST_F(link_hosts_test, refuses_two_that_come_at_the_same_time_with_one_boot_id) {
  for (auto i = 0; i < 2; ++i) {
    auto port = ports.emplace_back(std::make_shared<test::fake_port>());
    caf::anon_send(hosts, open_link{hello(7), "10.0.0.9", test::port_of(port)});
  }
  settle();
  EXPECT_EQ(ports[0]->admitted.size() + ports[1]->admitted.size(), 1U);
  EXPECT_EQ(ports[0]->refusals.size() + ports[1]->refusals.size(), 1U);
}

TEST_F(link_hosts_test, refuses_itself) {
  expect_refused(hello(1), "its boot id is that of this node");
}

TEST_F(link_hosts_test, refuses_too_many) {
  for (std::uint64_t boot = 7; boot < 10; ++boot) EXPECT_THAT(open(hello(boot)).admitted, SizeIs(1));
  expect_refused(hello(10), "there are 3 links already");
}

TEST_F(link_hosts_test, refuses_while_no_writer_is_connected_to_the_store) {
  log->writers = 0;
  expect_refused(hello(7), "no writer is connected to the store: no route to the database");
  log->writers = 1;
  EXPECT_THAT(open(hello(7)).admitted, SizeIs(1)) << "and it serves again";
}

TEST_F(link_hosts_test, refuses_while_there_is_no_pool) {
  kill(pool);
  expect_refused(hello(7), "the writer pool is being restarted");
  auto next = std::make_shared<test::fake_pool_log>();
  tell(hosts, pool_changed{spawn(test::run_fake_pool, next)});
  EXPECT_THAT(open(hello(7)).admitted, SizeIs(1));
}

TEST_F(link_hosts_test, counts_refusals_and_writes_no_more_than_a_line_a_second) {
  auto other = hello(7);
  other.cluster = "scooters";
  for (auto i = 0; i < 10; ++i) (void)open(other);
  EXPECT_THAT(warnings, SizeIs(1));
  pass(1s);
  ASSERT_THAT(warnings, SizeIs(2));
  EXPECT_THAT(warnings[1], HasSubstr("9 more refusals of links, the last: link from 10.0.0.9 (e1) refused"));
  EXPECT_EQ(ask<hosts_status>(hosts, hosts_query{})->answer->refused, 10U);
  pass(2s);
  EXPECT_THAT(warnings, SizeIs(2));
  (void)open(other);
  EXPECT_THAT(warnings, SizeIs(3));
}

// -- batches --------------------------------------------------------------------------------------

TEST_F(link_hosts_test, a_batch_is_stored_by_the_pool_and_answered) {
  auto& port = open(hello(7));
  auto batch = batch_of(1, ride_range({1, 2}));
  tell(host(), batch);
  ASSERT_THAT(log->requests, SizeIs(1));
  EXPECT_EQ(log->requests[0].deadline, now() + 4s);
  answer(0, {{0, 1, verdict::stored, {}}});
  EXPECT_THAT(port.results, IsEmpty());
  answer(0, {{1, 1, verdict::duplicate, {}}});
  ASSERT_THAT(port.results, SizeIs(1));
  EXPECT_EQ(port.results[0].sequence, 1U);
  EXPECT_EQ(port.results[0].digest, batch.digest);
  EXPECT_THAT(port.results[0].result.outcomes, ElementsAre(store::outcome::stored, store::outcome::duplicate));
}

TEST_F(link_hosts_test, a_full_queue_is_asked_again_until_there_is_room) {
  auto& port = open(hello(7));
  tell(host(), batch_of(1, ride_range({1, 2})));
  answer(0, {{1, 1, verdict::overloaded, {}}});
  answer(0, {{0, 1, verdict::stored, {}}});
  EXPECT_THAT(log->requests, SizeIs(1)) << "not at once";
  pass(20ms);
  ASSERT_THAT(log->requests, SizeIs(2));
  EXPECT_EQ(log->requests[1].runs.at(0).first, 1U);
  answer(1, {{1, 1, verdict::overloaded, {}}});
  pass(20ms);
  ASSERT_THAT(log->requests, SizeIs(3));
  answer(2, {{1, 1, verdict::stored, {}}});
  EXPECT_THAT(port.results, SizeIs(1));
  EXPECT_THAT(port.refusals, IsEmpty());
  pass(1s);
  EXPECT_THAT(log->requests, SizeIs(3));
}

TEST_F(link_hosts_test, gives_a_point_up_only_to_an_edge_that_knows_what_that_is) {
  hosts = spawn(
      run_link_hosts,
      [&] {
        auto made = settings();
        made.own.versions = {1, 2};
        return made;
      }(),
      pool);
  auto old = hello(8);
  old.versions = {1, 1};
  auto& young_port = open(hello(7));
  auto& old_port = open(old);
  tell(host(0), batch_of(1, ride_range({1})));
  tell(host(1), batch_of(1, ride_range({2})));
  answer(0, {{0, 1, verdict::unavailable, "it crashed", 0, true}});
  answer(1, {{0, 1, verdict::unavailable, "it crashed", 0, true}});
  ASSERT_THAT(young_port.results, SizeIs(1));
  EXPECT_THAT(young_port.results[0].given_up, ElementsAre(given_up_point{0, "it crashed"}));
  EXPECT_THAT(old_port.results, IsEmpty());
  EXPECT_THAT(old_port.refusals, ElementsAre(HasSubstr("it crashed")));
}

TEST_F(link_hosts_test, a_verdict_that_settles_nothing_ends_the_link) {
  std::uint64_t boot = 7;
  for (auto what : {verdict::unavailable, verdict::timeout}) {
    (void)open(hello(boot++));
    tell(host(ports.size() - 1), batch_of(1, ride_range({1})));
    answer(log->clients.size() - 1, {{0, 1, what, {}}});
    EXPECT_THAT(ports.back()->results, IsEmpty());
    expect_ended(ports.size() - 1, "batch 1 is not settled: " + to_string(what));
  }
}

TEST_F(link_hosts_test, who_sends_more_than_its_credit_is_cut_off) {
  (void)open(hello(7));
  for (std::uint64_t i = 1; i <= 3; ++i) tell(host(), batch_of(i, ride_range({1})));
  EXPECT_THAT(log->requests, SizeIs(2));
  expect_ended(0, "more than the credit of 2");
}

// -- the ends of a link -----------------------------------------------------------------------------

TEST_F(link_hosts_test, ends_when_the_edge_is_gone_and_needs_not_be_told) {
  auto& port = open(hello(7));
  tell(host(), batch_of(1, ride_range({1})));
  tell(host(), link_gone{});
  EXPECT_THAT(status(), IsEmpty());
  answer(0, {{0, 1, verdict::stored, {}}});
  EXPECT_THAT(port.refusals, IsEmpty());
  EXPECT_THAT(port.results, IsEmpty());
}

TEST_F(link_hosts_test, ends_when_the_pool_dies) {
  (void)open(hello(7));
  tell(host(), batch_of(1, ride_range({1})));
  kill(pool);
  expect_ended(0, "its writer pool ended");
}

TEST_F(link_hosts_test, ends_when_the_next_pool_is_there) {
  (void)open(hello(7));
  auto next = std::make_shared<test::fake_pool_log>();
  tell(hosts, pool_changed{spawn(test::run_fake_pool, next)});
  expect_ended(0, "its writer pool ended");
  (void)open(hello(7));
  tell(host(1), batch_of(1, ride_range({1})));
  EXPECT_THAT(next->requests, SizeIs(1)) << "and it serves again";
  next->clients.clear();
}

TEST_F(link_hosts_test, ends_when_the_pool_has_lost_its_writers) {
  (void)open(hello(7));
  pass(2s);
  log->writers = 0;
  EXPECT_THAT(ports[0]->refusals, IsEmpty());
  pass(500ms);
  expect_ended(0, "no writer is connected to the store: no route to the database");
}

TEST_F(link_hosts_test, hosts_end_with_their_parent_and_their_edges_hear_of_it) {
  (void)open(hello(7));
  auto which = host();
  ports[0]->admitted.clear();
  kill(hosts);
  EXPECT_FALSE(is_alive(which));
  EXPECT_THAT(ports[0]->refusals, SizeIs(1));
}

TEST_F(link_hosts_test, a_host_that_is_killed_tells_its_edge) {
  (void)open(hello(7));
  kill(host());
  expect_ended(0, "this node's end of the link ended");
}

// -- questions ------------------------------------------------------------------------------------

TEST_F(link_hosts_test, finds_by_asking_the_pool) {
  auto& port = open(hello(7));
  auto row = ride_range({5}).block;
  log->find = [&](std::int64_t id) {
    return id == 5 ? find_result{0, find_result::state::found, row, {}}
                   : find_result{0, find_result::state::missing, nullptr, {}};
  };
  tell(host(), link_find{11, 5, 1s});
  tell(host(), link_find{12, 6, 1s});
  ASSERT_THAT(port.found, SizeIs(2));
  EXPECT_EQ(port.found[0].number, 11U);
  EXPECT_EQ(port.found[0].what, link_found::state::found);
  EXPECT_EQ(port.found[0].row, row);
  EXPECT_EQ(port.found[1].number, 12U);
  EXPECT_EQ(port.found[1].what, link_found::state::missing);
}

TEST_F(link_hosts_test, tells_what_the_pool_says_of_a_point) {
  auto& port = open(hello(7));
  using told = find_result::state;
  using said = link_found::state;
  for (auto [what, expected] : {std::pair{told::in_flight, said::in_flight},
                                {told::unavailable, said::unavailable},
                                {told::timeout, said::timeout}}) {
    log->find = [what = what](std::int64_t) { return find_result{0, what, nullptr, "why"}; };
    tell(host(), link_find{1, 5, 1s});
    EXPECT_EQ(port.found.back().what, expected);
    EXPECT_EQ(port.found.back().detail, "why");
  }
}

TEST_F(link_hosts_test, a_question_that_the_pool_does_not_answer_times_out) {
  auto& port = open(hello(7));
  tell(host(), link_find{1, 5, 300ms});
  pass(299ms);
  EXPECT_THAT(port.found, IsEmpty());
  pass(1ms);
  ASSERT_THAT(port.found, SizeIs(1));
  EXPECT_EQ(port.found[0].what, link_found::state::timeout);
  EXPECT_THAT(port.refusals, IsEmpty());
}

// -- drain ----------------------------------------------------------------------------------------

TEST_F(link_hosts_test, a_drain_asks_the_edges_to_leave_and_ends_when_all_have) {
  (void)open(hello(7)), (void)open(hello(8));
  tell(host(), batch_of(1, ride_range({1})));
  auto left = ask<all_left>(hosts, drain{});
  EXPECT_EQ(ports[0]->draining, 1);
  EXPECT_EQ(ports[1]->draining, 1);
  tell(host(1), link_gone{});
  EXPECT_FALSE(left->answer);
  answer(0, {{0, 1, verdict::stored, {}}});
  EXPECT_THAT(ports[0]->results, SizeIs(1)) << "what it has is answered";
  tell(host(), batch_of(2, ride_range({2})));
  EXPECT_THAT(log->requests, SizeIs(2)) << "and what was on its way";
  tell(host(), link_gone{});
  EXPECT_TRUE(left->answer);
  expect_refused(hello(9), "this node drains");
  EXPECT_TRUE(ask<hosts_status>(hosts, hosts_query{})->answer->draining);
}

TEST_F(link_hosts_test, a_drain_without_links_is_over_at_once) {
  EXPECT_TRUE(ask<all_left>(hosts, drain{})->answer);
}

TEST_F(link_hosts_test, who_was_about_to_be_admitted_at_the_drain_is_refused) {
  auto port = ports.emplace_back(std::make_shared<test::fake_port>());
  caf::anon_send(hosts, open_link{hello(7), "10.0.0.9", test::port_of(port)});
  caf::anon_send(caf::actor_cast<caf::actor>(hosts), drain{});
  settle();
  EXPECT_THAT(port->admitted, IsEmpty());
  EXPECT_THAT(port->refusals, ElementsAre("this node drains"));
}

// -- people ---------------------------------------------------------------------------------------

TEST_F(link_hosts_test, tells_how_its_links_are) {
  auto began = now();
  (void)open(hello(7));
  tell(host(), batch_of(1, ride_range({1, 2})));
  tell(host(), batch_of(2, ride_range({3})));
  answer(0, {{0, 2, verdict::stored, {}}});
  pass(500ms);
  auto links = status();
  ASSERT_THAT(links, SizeIs(1));
  EXPECT_EQ(links[0].node, "e1");
  EXPECT_EQ(links[0].from, "10.0.0.9");
  EXPECT_EQ(links[0].in_flight, 1U);
  EXPECT_EQ(links[0].batches, 1U);
  EXPECT_EQ(links[0].points, 2U);
  EXPECT_EQ(links[0].since, began);
}

TEST(line_limit, lets_one_line_a_second_through_and_counts_the_others) {
  line_limit limit;
  auto start = time_point{} + 1h;
  EXPECT_EQ(limit.say("a", start), "a");
  EXPECT_FALSE(limit.say("b", start + 999ms));
  EXPECT_FALSE(limit.rest(start + 999ms));
  EXPECT_TRUE(limit.has_rest());
  EXPECT_EQ(limit.rest(start + 1s), "1 more refusals of links, the last: b");
  EXPECT_FALSE(limit.has_rest());
  EXPECT_FALSE(limit.rest(start + 9s));
  EXPECT_EQ(limit.say("c", start + 2s), "c");
}

} // namespace
} // namespace goloca::actors
