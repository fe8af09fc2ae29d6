#include "actors/writer_supervisor.hpp"
#include "tests/support/fake_pool.hpp"
#include "tests/support/virtual_time.hpp"

#include <gmock/gmock.h>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Does nothing until it is told to end; like a db writer it ends with its watcher.
db_writer::behavior_type run_dummy(db_writer::stateful_pointer<caf::unit_t> self, writer_watcher watcher) {
  self->monitor(watcher);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  return {[](insert_batch&) -> caf::result<batch_result> { return batch_result{}; },
          [](const find_request&) -> caf::result<find_result> { return find_result{}; }, [](const connect_store&) {},
          [](const probe_store&) {}};
}

class writer_supervisor_test : public test::virtual_time {
protected:
  std::shared_ptr<test::fake_pool_log> log = std::make_shared<test::fake_pool_log>();
  writer_pool pool = spawn(test::run_fake_pool, log);
  std::vector<db_writer> spawned{};
  std::vector<std::string> warnings{};
  writer_supervisor supervisor{};
  std::shared_ptr<std::optional<caf::error>> end{};

  writer_supervisor_settings settings(std::size_t writers = 1) {
    writer_supervisor_settings made;
    made.writers = writers;
    made.first_attempts = 3;
    made.jitter = [] { return 1.0; };
    made.spawn = [this](writer_watcher watcher) { return spawned.emplace_back(system.spawn(run_dummy, watcher)); };
    made.log_warning = [this](const std::string& what) { warnings.push_back(what); };
    return made;
  }

  void start(writer_supervisor_settings with) {
    supervisor = spawn(run_writer_supervisor, std::move(with), pool);
    end = watch(supervisor);
  }

  void come_up(std::size_t i) { tell(supervisor, writer_ready{spawned.at(i), {}}); }

  void die(std::size_t i, caf::error why) { end_with(spawned.at(i), std::move(why)); }
  void lose(std::size_t i) { die(i, caf::make_error(failure::store_unavailable, std::string{"no route"})); }
  void crash(std::size_t i) { die(i, caf::make_error(failure::crashed, std::string{"a bug"})); }

  void TearDown() override {
    spawned.clear();
    log->ready.clear();
    log->clients.clear();
    virtual_time::TearDown();
  }
};

TEST_F(writer_supervisor_test, holds_its_writers_so_that_one_without_a_thread_lives) {
  auto with = settings();
  std::vector<caf::actor_addr> known;
  with.spawn = [&](writer_watcher watcher) {
    auto writer = system.spawn(run_dummy, watcher);
    known.push_back(writer.address());
    return writer;
  };
  start(with);
  pass(1s);
  EXPECT_EQ(known.size(), 1U) << "it ended, and another took its place";
  EXPECT_THAT(warnings, IsEmpty());
  kill(supervisor);
  EXPECT_FALSE(caf::actor_cast<caf::strong_actor_ptr>(known.at(0))) << "and it ends with who holds it";
}

TEST_F(writer_supervisor_test, starts_one_writer_and_the_others_once_it_is_up) {
  start(settings(3));
  EXPECT_EQ(spawned.size(), 1U);
  come_up(0);
  EXPECT_EQ(spawned.size(), 3U);
  come_up(1), come_up(2);
  EXPECT_EQ(spawned.size(), 3U);
  EXPECT_EQ(log->ready, spawned) << "the pool hears of each";
}

TEST_F(writer_supervisor_test, waits_twice_as_long_after_the_second_death) {
  start(settings());
  come_up(0);
  lose(0);
  pass(99ms);
  EXPECT_EQ(spawned.size(), 1U);
  pass(1ms);
  ASSERT_EQ(spawned.size(), 2U);
  lose(1);
  pass(199ms);
  EXPECT_EQ(spawned.size(), 2U);
  pass(1ms);
  ASSERT_EQ(spawned.size(), 3U);
}

TEST_F(writer_supervisor_test, waits_the_least_again_after_a_success) {
  start(settings());
  come_up(0);
  lose(0), pass(100ms);
  lose(1), pass(200ms);
  come_up(2);
  lose(2);
  pass(100ms);
  EXPECT_EQ(spawned.size(), 4U);
}

TEST_F(writer_supervisor_test, each_writer_has_a_backoff_of_its_own) {
  start(settings(2));
  come_up(0), come_up(1);
  lose(0), pass(100ms);
  lose(2);
  lose(1);
  pass(100ms);
  ASSERT_EQ(spawned.size(), 4U) << "the second writer's first death";
  pass(100ms);
  EXPECT_EQ(spawned.size(), 5U) << "the first one's second";
}

TEST_F(writer_supervisor_test, never_gives_up_on_a_store_that_was_there_once) {
  start(settings());
  come_up(0);
  for (std::size_t i = 0; i < 50; ++i) {
    ASSERT_EQ(spawned.size(), i + 1);
    lose(i);
    pass(1s);
  }
  EXPECT_FALSE(*end);
  come_up(50);
  EXPECT_EQ(log->ready.size(), 2U) << "and it serves again";
}

TEST_F(writer_supervisor_test, gives_up_on_a_store_that_never_came) {
  start(settings());
  lose(0);
  pass(9'999ms);
  EXPECT_EQ(spawned.size(), 1U);
  pass(1ms);
  ASSERT_EQ(spawned.size(), 2U) << "at the first start the interval is fixed";
  lose(1);
  pass(10s);
  ASSERT_EQ(spawned.size(), 3U);
  EXPECT_FALSE(*end);
  lose(2);
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::make_error(failure::store_never_came));
  EXPECT_THAT(reason_of(**end), HasSubstr("no route"));
  EXPECT_THAT(warnings, ElementsAre("no route", "no route", "no route"));
}

TEST_F(writer_supervisor_test, has_no_limit_of_attempts_when_an_earlier_one_had_the_store) {
  auto again = settings();
  again.came_before = true;
  start(again);
  for (std::size_t i = 0; i < 5; ++i) lose(i), pass(1s);
  EXPECT_FALSE(*end);
}

TEST_F(writer_supervisor_test, ends_at_once_when_the_store_does_not_fit_at_the_first_start) {
  start(settings());
  die(0, caf::make_error(failure::store_unfit, std::string{"ALTER TABLE it"}));
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::make_error(failure::store_unfit));
  EXPECT_EQ(reason_of(**end), "ALTER TABLE it");
}

TEST_F(writer_supervisor_test, tries_again_when_the_store_does_not_fit_any_more) {
  start(settings());
  come_up(0);
  die(0, caf::make_error(failure::store_unfit, std::string{"ALTER TABLE it"}));
  EXPECT_FALSE(*end);
  pass(100ms);
  EXPECT_EQ(spawned.size(), 2U);
}

TEST_F(writer_supervisor_test, escalates_when_writers_crash_too_often) {
  auto strict = settings(2);
  strict.rule.intensity = 2;
  start(strict);
  come_up(0), come_up(1);
  crash(0), pass(1s);
  crash(1), pass(1s);
  EXPECT_FALSE(*end);
  die(2, caf::exit_reason::kill);
  ASSERT_TRUE(*end);
  EXPECT_EQ(**end, caf::make_error(failure::too_many_crashes));
  EXPECT_THAT(reason_of(**end), HasSubstr("3 crashes"));
  settle();
  EXPECT_FALSE(is_alive(spawned[3])) << "its writers end with it";
}

TEST_F(writer_supervisor_test, forgets_crashes_that_are_long_past) {
  auto strict = settings();
  strict.rule.intensity = 1;
  strict.rule.window = 2s;
  start(strict);
  come_up(0);
  for (std::size_t i = 0; i < 5; ++i) crash(i), pass(2s);
  EXPECT_FALSE(*end);
}

TEST_F(writer_supervisor_test, tells_the_pool_why_there_is_no_writer_only_when_there_is_none) {
  start(settings(2));
  come_up(0), come_up(1);
  lose(0);
  EXPECT_THAT(log->missing, IsEmpty());
  lose(1);
  EXPECT_THAT(log->missing, ElementsAre("no route"));
}

TEST_F(writer_supervisor_test, tells_a_new_pool_of_the_writers_that_are_up) {
  start(settings(3));
  come_up(0), come_up(1);
  lose(0);
  auto next_log = std::make_shared<test::fake_pool_log>();
  tell(supervisor, pool_changed{spawn(test::run_fake_pool, next_log)});
  EXPECT_THAT(next_log->ready, ElementsAre(spawned[1]));
  pass(100ms);
  come_up(3);
  EXPECT_THAT(next_log->ready, ElementsAre(spawned[1], spawned[3]));
  next_log->ready.clear();
}

TEST_F(writer_supervisor_test, tells_a_new_pool_why_there_is_no_writer) {
  start(settings());
  come_up(0);
  lose(0);
  auto next_log = std::make_shared<test::fake_pool_log>();
  tell(supervisor, pool_changed{spawn(test::run_fake_pool, next_log)});
  EXPECT_THAT(next_log->missing, ElementsAre("no route"));
}

TEST_F(writer_supervisor_test, warns_of_each_lost_connection_once_and_of_each_crash) {
  start(settings());
  come_up(0);
  lose(0), pass(100ms);
  lose(1), pass(200ms);
  EXPECT_EQ(warnings.size(), 1U) << "while it is away, each failed attempt is no news";
  crash(2);
  EXPECT_THAT(warnings, ElementsAre("no route", "a bug"));
}

TEST_F(writer_supervisor_test, ignores_a_writer_that_is_none_of_its_own) {
  start(settings(2));
  auto stranger = spawn(run_dummy, writer_watcher{supervisor});
  tell(supervisor, writer_ready{stranger, {}});
  EXPECT_EQ(spawned.size(), 1U);
  EXPECT_THAT(log->ready, IsEmpty());
}

TEST_F(writer_supervisor_test, takes_its_writers_along_when_it_is_killed) {
  start(settings(2));
  come_up(0), come_up(1);
  kill(supervisor);
  EXPECT_FALSE(is_alive(spawned[0]));
  EXPECT_FALSE(is_alive(spawned[1]));
}

} // namespace
} // namespace goloca::actors
