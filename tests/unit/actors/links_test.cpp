// An edge's and a writer node's actors together, wired without a transport: the edge's pool, its links and their
// supervisor, the writers' hosts and their pools.
#include "actors/link_hosts.hpp"
#include "actors/link_supervisor.hpp"
#include "actors/writer_pool.hpp"
#include "actors/writer_supervisor.hpp"
#include "store/memory_store.hpp"
#include "tests/support/fake_line.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

#include <map>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using store::memory_call;
using store::memory_fault;
using test::ride_range;
using test::rows_of;
using testing::AllOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

using verdicts = std::vector<verdict>;

reply_receiver::behavior_type run_client(reply_receiver::pointer, std::shared_ptr<std::vector<verdict_run>> log) {
  return {[log](insert_reply& reply) { log->insert(log->end(), reply.runs.begin(), reply.runs.end()); }};
}

/// A writer node, as far as links see it.
struct writer_node {
  writer_pool pool{};
  writer_supervisor writers{};
  link_hosts hosts{};
};

class links_test : public test::virtual_time {
protected:
  std::shared_ptr<store::memory_table> table = std::make_shared<store::memory_table>(store::rides_schema());
  std::map<std::string, writer_node> nodes{};
  std::vector<db_writer> writers{};
  std::uint64_t incarnations = 0;
  std::uint32_t writers_a_node = 1;
  std::size_t queue_of_a_node = 100'000;
  writer_pool edge{};
  link_supervisor links{};
  std::shared_ptr<std::vector<verdict_run>> said = std::make_shared<std::vector<verdict_run>>();
  reply_receiver client = spawn(run_client, said);
  std::uint64_t sent = 0;

  void start_writer_node(const std::string& address) {
    auto& node = nodes[address];
    node.pool = spawn(run_writer_pool, writer_pool_settings{.max_queued = queue_of_a_node}, ++incarnations);
    writer_supervisor_settings of_writers;
    of_writers.writers = writers_a_node;
    of_writers.came_before = true;
    of_writers.jitter = [] { return 1.0; };
    of_writers.spawn = [this](writer_watcher watcher) {
      return writers.emplace_back(
          system.spawn(run_db_writer, db_writer_settings{store::memory_opener(table), 1s}, watcher));
    };
    node.writers = spawn(run_writer_supervisor, of_writers, node.pool);
    link_hosts_settings of_links;
    of_links.own = hello();
    of_links.node = address;
    of_links.boot = 1'000 + ++incarnations;
    node.hosts = spawn(run_link_hosts, of_links, node.pool);
    settle();
  }

  static link_hello hello() { return {{}, "rides", "e1", 7, "abc"}; }

  void start_edge(std::vector<std::string> members) {
    edge = spawn(run_writer_pool, writer_pool_settings{.max_batch = 10, .parallel_from = 10}, ++incarnations);
    link_supervisor_settings made;
    made.jitter = [] { return 1.0; };
    auto dial = test::direct_dialer(
        [this](const std::string& address) {
          auto at = nodes.find(address);
          return at == nodes.end() ? link_hosts{} : at->second.hosts;
        },
        hello());
    made.spawn = [this, dial](const std::string& address, link_watcher watcher) {
      return system.spawn(run_node_link, node_link_settings{address, dial}, watcher);
    };
    made.members = std::move(members);
    links = spawn(run_link_supervisor, made, edge);
    settle();
  }

  void send(store::row_range rows) {
    auto count = rows.count;
    caf::send_as(client, edge, insert_request{{{sent, std::move(rows)}}, now() + 10s});
    sent += count;
    settle();
  }

  verdicts answers() {
    verdicts all;
    for (const auto& run : *said) all.insert(all.end(), run.count, run.what);
    return all;
  }

  void kill_node(const std::string& address) {
    auto node = nodes.extract(address).mapped();
    kill(node.hosts), kill(node.writers), kill(node.pool);
  }

  std::vector<link_status> status() { return ask<links_status>(links, links_query{})->answer->links; }

  void TearDown() override {
    nodes.clear(), writers.clear();
    virtual_time::TearDown();
  }
};

TEST_F(links_test, points_are_stored_by_writer_nodes) {
  start_writer_node("a:1"), start_writer_node("b:1");
  start_edge({"a:1", "b:1"});
  EXPECT_EQ(ask<readiness>(edge, readiness_query{1})->answer->writers, 2U);
  send(ride_range(1, 100));
  pass(100ms);
  EXPECT_THAT(answers(), AllOf(SizeIs(100), Each(verdict::stored)));
  EXPECT_EQ(table->size(), 100U);
  send(ride_range(1, 3));
  EXPECT_EQ(answers().back(), verdict::duplicate);
  send(rows_of{}.point(1, "somebody else").range());
  EXPECT_EQ(answers().back(), verdict::conflict);
}

TEST_F(links_test, a_point_that_the_database_refuses_is_told_in_its_words) {
  start_writer_node("a:1");
  start_edge({"a:1"});
  table->refuse(2, "22003", "value out of range");
  send(ride_range({1, 2, 3}));
  ASSERT_THAT(*said, SizeIs(3));
  EXPECT_EQ(said->at(1).what, verdict::invalid);
  EXPECT_EQ(said->at(1).detail, "the database refused it: value out of range (SQLSTATE 22003)");
}

TEST_F(links_test, a_point_that_ends_its_writers_is_given_up_and_the_link_stays) {
  writers_a_node = 2;
  start_writer_node("a:1");
  start_edge({"a:1"});
  memory_fault strange{memory_fault::kind::before, {store::error_kind::unknown, "XX000", "what is this?"}};
  for (auto i = 0; i < 2; ++i) table->script(memory_call::insert, strange);
  send(ride_range({1}));
  pass(2s);
  send(ride_range({2}));
  ASSERT_THAT(answers(), testing::ElementsAre(verdict::unavailable, verdict::stored));
  EXPECT_THAT(said->at(0).detail, AllOf(HasSubstr("ended its writer twice"), HasSubstr("what is this?")));
  EXPECT_EQ(status()[0].failures.count, 0U);
}

TEST_F(links_test, a_writer_node_s_full_queue_holds_its_edges_up_and_ends_no_link) {
  queue_of_a_node = 3;
  start_writer_node("a:1");
  start_edge({"a:1"});
  send(ride_range(1, 100));
  pass(2s);
  EXPECT_THAT(answers(), AllOf(SizeIs(100), Each(verdict::stored)));
  EXPECT_EQ(status()[0].failures.count, 0U);
}

TEST_F(links_test, a_writer_node_that_dies_costs_nothing_while_there_is_another) {
  start_writer_node("a:1"), start_writer_node("b:1");
  start_edge({"a:1", "b:1"});
  for (auto i = 0; i < 10; ++i) send(ride_range(1 + i * 20, 20));
  kill_node("a:1");
  for (auto i = 10; i < 20; ++i) send(ride_range(1 + i * 20, 20));
  pass(1s);
  EXPECT_THAT(answers(), AllOf(SizeIs(400), Each(verdict::stored)));
  EXPECT_EQ(status()[0].what, link_status::state::waiting);
  start_writer_node("a:1");
  pass(2s);
  EXPECT_EQ(status()[0].what, link_status::state::connected) << "and it serves again";
}

TEST_F(links_test, what_waits_while_no_writer_node_is_there_is_stored_when_one_comes) {
  start_edge({"a:1"});
  send(ride_range({1}));
  pass(2s);
  EXPECT_THAT(answers(), IsEmpty());
  EXPECT_THAT(ask<readiness>(edge, readiness_query{1})->answer->reason,
              AllOf(HasSubstr("link to a:1"), HasSubstr("connection refused")));
  start_writer_node("a:1");
  pass(2s);
  EXPECT_THAT(answers(), testing::ElementsAre(verdict::stored));
}

TEST_F(links_test, a_writer_node_without_store_gives_its_batches_to_another) {
  start_writer_node("a:1"), start_writer_node("b:1");
  start_edge({"a:1", "b:1"});
  table->always(memory_call::open, memory_fault{memory_fault::kind::before});
  kill(writers.at(0)); // a's; it does not come back
  send(ride_range(1, 40));
  pass(3s);
  EXPECT_THAT(answers(), AllOf(SizeIs(40), Each(verdict::stored)));
  EXPECT_THAT(status()[0].failures.last, HasSubstr("no writer is connected to the store"));
}

TEST_F(links_test, a_drain_of_a_writer_node_loses_nothing_and_ends) {
  start_writer_node("a:1"), start_writer_node("b:1");
  start_edge({"a:1", "b:1"});
  send(ride_range(1, 50));
  caf::send_as(client, edge, insert_request{{{sent, ride_range(51, 50)}}, now() + 10s});
  sent += 50;
  auto left = ask<all_left>(nodes["a:1"].hosts, drain{});
  send(ride_range(101, 50));
  pass(1s);
  EXPECT_TRUE(left->answer);
  EXPECT_THAT(answers(), AllOf(SizeIs(150), Each(verdict::stored)));
  EXPECT_THAT(status()[0].failures.last, HasSubstr("this node drains")) << "it is dialled again and again";
}

TEST_F(links_test, a_pool_of_a_writer_node_that_dies_is_another_link) {
  start_writer_node("a:1");
  start_edge({"a:1"});
  auto& node = nodes["a:1"];
  kill(node.pool);
  node.pool = spawn(run_writer_pool, writer_pool_settings{}, ++incarnations);
  tell(node.writers, pool_changed{node.pool});
  tell(node.hosts, pool_changed{node.pool});
  send(ride_range({1}));
  pass(1s);
  EXPECT_THAT(answers(), testing::ElementsAre(verdict::stored));
}

TEST_F(links_test, the_edge_s_pool_dies_and_the_next_has_the_links) {
  start_writer_node("a:1");
  start_edge({"a:1"});
  kill(edge);
  edge = spawn(run_writer_pool, writer_pool_settings{}, ++incarnations);
  tell(links, pool_changed{edge});
  send(ride_range({1}));
  EXPECT_THAT(answers(), testing::ElementsAre(verdict::stored));
}

TEST_F(links_test, two_addresses_of_one_node_are_one_link) {
  start_writer_node("a:1");
  nodes["a:2"] = nodes["a:1"];
  start_edge({"a:1", "a:2"});
  pass(1s);
  EXPECT_EQ(ask<readiness>(edge, readiness_query{1})->answer->writers, 1U);
  auto now = status();
  EXPECT_THAT(now[0].failures.last + now[1].failures.last, HasSubstr("its boot id is that of a link from"));
}

TEST_F(links_test, finds_what_is_stored_and_what_is_not) {
  start_writer_node("a:1");
  start_edge({"a:1"});
  send(ride_range({1}));
  auto found = ask<find_result>(edge, find_request{1});
  ASSERT_TRUE(found->answer);
  EXPECT_EQ(found->answer->what, find_result::state::found);
  EXPECT_EQ((*found->answer->row)[0].id(), 1);
  EXPECT_EQ(ask<find_result>(edge, find_request{2})->answer->what, find_result::state::missing);
}

} // namespace
} // namespace goloca::actors
