#include "actors/link_supervisor.hpp"
#include "tests/support/fake_pool.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

/// A link that speaks to its watcher when a test wants it to.
struct dummy_state {
  int drains = 0;
};

node_link::behavior_type run_dummy(node_link::stateful_pointer<dummy_state> self, link_watcher watcher) {
  self->monitor(watcher);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  return {[](insert_batch&) -> caf::result<batch_result> { return batch_result{}; },
          [](const find_request&) -> caf::result<find_result> { return find_result{}; },
          [=](const connect_store&) {
            self->send(watcher, link_named{"w" + std::to_string(self->id()), self->id()});
            self->send(watcher, writer_ready{node_link{self}, {true, "memory"}, {4, 500, 1'000}});
          },
          [=](const probe_store&) {
            self->send(watcher, link_report{3ms, 9ms, 2, 4});
          },
          [](const link_news&) {},
          [=](const tick&) { self->send(watcher, writer_leaving{node_link{self}}); },
          [self](const drain&) { ++self->state.drains; }};
}

class link_supervisor_test : public test::virtual_time {
protected:
  std::shared_ptr<test::fake_pool_log> log = std::make_shared<test::fake_pool_log>();
  writer_pool pool = spawn(test::run_fake_pool, log);
  std::vector<node_link> spawned{};
  std::vector<std::string> addresses{}; // of each
  std::vector<std::string> warnings{}, infos{};
  int first_ready = 0;
  link_supervisor supervisor{};
  std::shared_ptr<std::optional<caf::error>> end{};

  void start(std::vector<std::string> members) {
    link_supervisor_settings made;
    made.jitter = [] { return 1.0; };
    made.spawn = [this](const std::string& address, link_watcher watcher) {
      addresses.push_back(address);
      return spawned.emplace_back(system.spawn(run_dummy, watcher));
    };
    made.on_first_ready = [this](const store::durability&) { ++first_ready; };
    made.log_warning = [this](const std::string& what) { warnings.push_back(what); };
    made.log_info = [this](const std::string& what) { infos.push_back(what); };
    made.members = std::move(members);
    supervisor = spawn(run_link_supervisor, std::move(made), pool);
    end = watch(supervisor);
  }

  void TearDown() override {
    spawned.clear();
    log->ready.clear(), log->leaving.clear(), log->clients.clear();
    virtual_time::TearDown();
  }

  void set_members(std::vector<std::string> members) { tell(supervisor, members_changed{std::move(members)}); }
  void come_up(std::size_t i) { tell(spawned.at(i), connect_store{}); }
  void leave(std::size_t i) { tell(spawned.at(i), tick{}); }
  void lose(std::size_t i, const std::string& why = "refused") {
    end_with(spawned.at(i), caf::make_error(failure::store_unavailable, why));
  }
  int drains(std::size_t i) { return state_of<dummy_state>(spawned.at(i)).drains; }
  std::vector<link_status> links() { return ask<links_status>(supervisor, links_query{})->answer->links; }
};

TEST_F(link_supervisor_test, keeps_a_link_to_each_member_and_the_pool_hears_of_each) {
  start({"a:1", "b:1"});
  EXPECT_THAT(addresses, ElementsAre("a:1", "b:1"));
  EXPECT_THAT(log->ready, IsEmpty());
  come_up(1), come_up(0);
  EXPECT_THAT(log->ready, ElementsAre(spawned[1], spawned[0]));
  EXPECT_EQ(log->capacities.at(0).batches, 4U);
  EXPECT_EQ(first_ready, 1);
  EXPECT_THAT(infos, SizeIs(2));
}

TEST_F(link_supervisor_test, dials_again_after_a_wait_that_doubles) {
  start({"a:1"});
  lose(0);
  pass(99ms);
  EXPECT_THAT(spawned, SizeIs(1));
  pass(1ms);
  ASSERT_THAT(spawned, SizeIs(2));
  lose(1);
  pass(199ms);
  EXPECT_THAT(spawned, SizeIs(2));
  pass(1ms);
  EXPECT_THAT(spawned, SizeIs(3));
}

TEST_F(link_supervisor_test, never_gives_up_whatever_a_link_ends_by) {
  start({"a:1"});
  for (std::size_t i = 0; i < 50; ++i) {
    ASSERT_THAT(spawned, SizeIs(i + 1));
    end_with(spawned[i], caf::make_error(i % 2 == 0 ? failure::store_unavailable : failure::crashed, std::string{"x"}));
    pass(1s);
  }
  EXPECT_FALSE(*end);
  come_up(50);
  EXPECT_THAT(log->ready, SizeIs(1)) << "and it serves again";
}

TEST_F(link_supervisor_test, each_link_has_a_backoff_of_its_own) {
  start({"a:1", "b:1"});
  lose(0), pass(100ms);
  lose(2);
  lose(1);
  pass(100ms);
  EXPECT_THAT(addresses, ElementsAre("a:1", "b:1", "a:1", "b:1"));
  pass(100ms);
  EXPECT_THAT(addresses, ElementsAre("a:1", "b:1", "a:1", "b:1", "a:1"));
}

TEST_F(link_supervisor_test, a_link_that_stayed_up_starts_with_the_shortest_wait_again_and_one_that_did_not_does_not) {
  start({"a:1"});
  lose(0), pass(100ms);
  come_up(1);
  lose(1), pass(199ms);
  EXPECT_THAT(spawned, SizeIs(2)) << "it only came up to fail";
  pass(1ms);
  come_up(2);
  pass(1s);
  lose(2), pass(100ms);
  EXPECT_THAT(spawned, SizeIs(4));
}

// -- members --------------------------------------------------------------------------------------

TEST_F(link_supervisor_test, a_new_member_is_dialled_and_one_that_is_no_more_is_drained_and_forgotten) {
  start({"a:1", "b:1"});
  come_up(0), come_up(1);
  set_members({"b:1", "c:1"});
  EXPECT_THAT(addresses, ElementsAre("a:1", "b:1", "c:1"));
  EXPECT_EQ(drains(0), 1);
  EXPECT_EQ(drains(1), 0);
  EXPECT_TRUE(is_alive(spawned[0])) << "it finishes what it has";
  end_with(spawned[0], caf::exit_reason::user_shutdown);
  pass(10s);
  EXPECT_THAT(spawned, SizeIs(3));
  EXPECT_THAT(links(), SizeIs(2));
}

TEST_F(link_supervisor_test, one_that_is_no_more_and_has_no_link_is_forgotten_at_once) {
  start({"a:1"});
  lose(0);
  set_members({});
  pass(10s);
  EXPECT_THAT(spawned, SizeIs(1));
  EXPECT_THAT(links(), IsEmpty());
}

TEST_F(link_supervisor_test, one_that_comes_back_while_its_link_drains_is_dialled_when_that_has_ended) {
  start({"a:1"});
  come_up(0);
  set_members({});
  set_members({"a:1"});
  EXPECT_THAT(spawned, SizeIs(1));
  end_with(spawned[0], caf::exit_reason::user_shutdown);
  pass(100ms);
  EXPECT_THAT(spawned, SizeIs(2));
}

TEST_F(link_supervisor_test, one_that_comes_back_while_it_waited_has_one_link) {
  start({"a:1"});
  lose(0);
  set_members({});
  set_members({"a:1"});
  EXPECT_THAT(spawned, SizeIs(2)) << "it is new";
  pass(10s);
  EXPECT_THAT(spawned, SizeIs(2));
}

TEST_F(link_supervisor_test, the_same_members_again_change_nothing) {
  start({"a:1"});
  come_up(0);
  set_members({"a:1"});
  EXPECT_THAT(spawned, SizeIs(1));
  EXPECT_EQ(drains(0), 0);
}

// -- the pool -------------------------------------------------------------------------------------

TEST_F(link_supervisor_test, a_writer_that_drains_is_told_to_the_pool_and_dialled_again) {
  start({"a:1", "b:1"});
  come_up(0), come_up(1);
  leave(0);
  EXPECT_THAT(log->leaving, ElementsAre(spawned[0]));
  EXPECT_THAT(log->missing, IsEmpty());
  leave(1);
  ASSERT_THAT(log->missing, SizeIs(1));
  EXPECT_THAT(log->missing[0], HasSubstr("b:1"));
  EXPECT_THAT(log->missing[0], HasSubstr("drains"));
  end_with(spawned[0], caf::exit_reason::user_shutdown);
  pass(100ms);
  EXPECT_THAT(addresses, ElementsAre("a:1", "b:1", "a:1"));
}

TEST_F(link_supervisor_test, tells_the_pool_why_there_is_no_writer) {
  start({"a:1", "b:1"});
  come_up(0), come_up(1);
  lose(0, "link to a:1: cut");
  EXPECT_THAT(log->missing, IsEmpty());
  lose(1, "link to b:1: cut");
  EXPECT_THAT(log->missing, ElementsAre("link to b:1: cut"));
}

TEST_F(link_supervisor_test, the_next_pool_gets_the_links_that_are_up) {
  start({"a:1", "b:1", "c:1"});
  come_up(0), come_up(1);
  leave(1);
  auto next = std::make_shared<test::fake_pool_log>();
  tell(supervisor, pool_changed{spawn(test::run_fake_pool, next)});
  EXPECT_THAT(next->ready, ElementsAre(spawned[0])) << "not the one that leaves";
  EXPECT_THAT(next->missing, IsEmpty());
  come_up(2);
  EXPECT_THAT(next->ready, SizeIs(2));
  EXPECT_THAT(log->ready, SizeIs(2));
  lose(0), lose(2, "cut");
  EXPECT_THAT(next->missing, ElementsAre("cut"));
  auto third = std::make_shared<test::fake_pool_log>();
  tell(supervisor, pool_changed{spawn(test::run_fake_pool, third)});
  EXPECT_THAT(third->missing, ElementsAre("cut"));
  next->ready.clear();
}

// -- people ---------------------------------------------------------------------------------------

TEST_F(link_supervisor_test, warns_of_a_lost_link_and_then_only_of_what_is_new) {
  start({"a:1"});
  come_up(0);
  lose(0, "cut"), pass(1s);
  for (std::size_t i = 1; i < 5; ++i) lose(i, "no route"), pass(1s);
  lose(5, "refused"), pass(1s);
  EXPECT_THAT(warnings, ElementsAre("cut", "no route", "refused"));
  come_up(6);
  lose(6, "refused");
  EXPECT_THAT(warnings, SizeIs(4)) << "it was up meanwhile";
}

TEST_F(link_supervisor_test, tells_how_its_links_are) {
  start({"a:1", "b:1", "c:1", "d:1"});
  come_up(0), come_up(1);
  tell(spawned[0], probe_store{});
  leave(1);
  lose(2, "cut");
  auto now = links();
  ASSERT_THAT(now, SizeIs(4));
  using state = link_status::state;
  EXPECT_EQ(now[0].what, state::connected);
  EXPECT_EQ(now[0].address, "a:1");
  EXPECT_EQ(now[0].id, spawned[0].id());
  EXPECT_EQ(now[0].node, "w" + std::to_string(spawned[0].id()));
  EXPECT_EQ(now[0].round_trip, 3ms);
  EXPECT_EQ(now[0].batch_time, 9ms);
  EXPECT_EQ(now[0].in_flight, 2U);
  EXPECT_EQ(now[0].credit, 4U);
  EXPECT_EQ(now[1].what, state::leaving);
  EXPECT_EQ(now[2].what, state::waiting);
  EXPECT_EQ(now[2].id, 0U);
  EXPECT_EQ(now[2].failures.last, "cut");
  EXPECT_EQ(now[3].what, state::connecting);
  pass(1s);
  auto all = ask<links_status>(supervisor, links_query{});
  EXPECT_EQ(all->answer->restarts, 1U);
}

TEST_F(link_supervisor_test, at_a_drain_every_link_is_drained_and_none_dialled) {
  start({"a:1", "b:1"});
  come_up(0);
  lose(1);
  tell(supervisor, drain{});
  EXPECT_EQ(drains(0), 1);
  end_with(spawned[0], caf::exit_reason::user_shutdown);
  set_members({"a:1", "c:1"});
  pass(10s);
  EXPECT_THAT(spawned, SizeIs(2));
}

TEST_F(link_supervisor_test, its_links_end_with_it) {
  start({"a:1"});
  come_up(0);
  kill(supervisor);
  EXPECT_FALSE(is_alive(spawned[0]));
}

} // namespace
} // namespace goloca::actors
