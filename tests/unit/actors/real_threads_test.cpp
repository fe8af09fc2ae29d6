// The whole tree as in production: a scheduler with a thread of its own, writers on threads of theirs, real time. What
// it finds are races; what the actors do is tested in virtual time.
#include "actors/node_supervisor.hpp"
#include "actors/stepwise_writer.hpp"
#include "store/memory_store.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/fake_client.hpp"
#include "tests/support/ride_rows.hpp"
#include "tests/support/scripted_steps.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <optional>
#include <random>
#include <stdexcept>
#include <utility>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;

struct production_config : caf::actor_system_config {
  production_config() {
    add_message_types<caf::id_block::goloca>();
    set("scheduler.policy", caf::atom("sharing"));
    set("scheduler.max-threads", 1);
  }
};

/// Spawns the writers, and knows one to kill.
class writer_spawner {
public:
  writer_spawner(caf::actor_system& system, std::shared_ptr<store::memory_table> table)
      : system_{&system}, table_{std::move(table)} {}

  /// With a thread, or before one, in turn.
  db_writer spawn(writer_watcher watcher) {
    std::scoped_lock lock{mutex_};
    return last_ = std::exchange(in_steps_, !in_steps_) ? spawn_in_steps(std::move(watcher))
                                                        : with_thread({store::memory_opener(table_)}, watcher);
  }

  void kill_last() {
    std::scoped_lock lock{mutex_};
    caf::anon_send_exit(last_, caf::exit_reason::kill);
  }

  void forget() {
    std::scoped_lock lock{mutex_};
    last_ = db_writer{};
  }

private:
  db_writer with_thread(db_writer_settings settings, writer_watcher watcher) {
    return system_->spawn<caf::detached>(run_db_writer, std::move(settings), std::move(watcher));
  }

  /// Each of its inserts changes threads: what one begins the other finishes.
  db_writer spawn_in_steps(writer_watcher watcher) {
    stepwise_writer_settings made;
    made.watch = [](int) -> socket_watch { return [](store::socket_event, const auto& then) { then(); }; };
    made.spawn = [this](writer_watcher front) {
      auto script = std::make_shared<test::steps_script>();
      script->wants_thread = true;
      auto open = [table = table_, script]() -> store::result<std::unique_ptr<store::data_point_store>> {
        return std::make_unique<test::scripted_steps>(table, script);
      };
      return with_thread({open, 0s}, std::move(front));
    };
    return system_->spawn(run_stepwise_writer, std::move(made), std::move(watcher));
  }

  caf::actor_system* system_;
  std::shared_ptr<store::memory_table> table_;
  std::mutex mutex_; // guards what follows
  bool in_steps_ = false;
  db_writer last_{};
};

class real_threads_test : public testing::Test {
protected:
  static constexpr std::uint64_t points_each = 10'000;
  static constexpr std::uint64_t window = 1'024;

  std::shared_ptr<store::memory_table> table = std::make_shared<store::memory_table>(store::rides_schema());
  production_config config;
  std::optional<caf::actor_system> system{std::in_place, config}; // ends first: its actors use the others
  writer_spawner spawner{*system, table};
  std::mutex mutex; // guards `parent`
  connections parent{};
  std::atomic<int> ends = 0;
  node_supervisor node{};

  void start() {
    node_supervisor_settings made;
    made.writers.rule = {.least = 1ms, .most = 5ms, .intensity = 1'000'000};
    made.writers.jitter = [] { return 0.5; };
    made.writers.spawn = [this](writer_watcher watcher) { return spawner.spawn(std::move(watcher)); };
    made.clients.each.new_id = [] { return std::int64_t{1}; };
    made.operators = made.clients;
    made.incarnation = [next = std::uint64_t{1}]() mutable { return next++; };
    made.open = [this](entrance where, connections opened) {
      std::scoped_lock lock{mutex};
      if (where == entrance::clients) parent = std::move(opened);
    };
    made.end = [this](const caf::error&) { ++ends; };
    made.log_warning = [](const std::string&) {};
    node = system->spawn(run_node_supervisor, std::move(made));
  }

  void TearDown() override {
    caf::anon_send_exit(node, caf::exit_reason::user_shutdown);
    node = node_supervisor{};
    spawner.forget();
    {
      std::scoped_lock lock{mutex};
      parent = connections{};
    }
    system.reset(); // waits until every actor has ended
  }

  /// One insert in fifty, and the sixth, throws before it does anything; one in fifty is committed but ends in an
  /// error.
  void script_crashes(std::mt19937& random) {
    for (auto i = 0; i < 100'000; ++i) {
      auto chance = i == 5 ? 0 : random() % 50;
      auto what = chance == 0   ? store::memory_fault::kind::exception
                  : chance == 1 ? store::memory_fault::kind::after
                                : store::memory_fault::kind::none;
      table->script(store::memory_call::insert, {what, {store::error_kind::unavailable, "08006", "scripted"}});
    }
  }

  account ask_account() {
    caf::scoped_actor asker{*system};
    account answer;
    asker->request(node, 10s, account_query{})
        .receive([&](const account& total) { answer = total; },
                 [](const caf::error& why) { ADD_FAILURE() << caf::to_string(why); });
    return answer;
  }
};

TEST_F(real_threads_test, three_clients_get_every_point_answered_once_while_writers_crash) {
  std::mt19937 random{20261124};
  script_crashes(random);
  start();
  (void)ask_account(); // it is up, and has opened the doors
  std::vector<test::fake_client> clients(3);
  for (auto& each : clients) {
    std::scoped_lock lock{mutex};
    caf::anon_send(parent, open_connection{each.port()});
  }
  for (auto& each : clients) ASSERT_TRUE(each.await_connection(20s));
  auto deadline = std::chrono::steady_clock::now() + 10min;
  for (auto sending = true; sending;) {
    sending = false;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      auto sent = clients[i].sent();
      if (sent == points_each) continue;
      sending = true;
      auto count = std::min<std::uint64_t>(1 + random() % 200, points_each - sent);
      auto room = sent + count > window ? sent + count - window : 0;
      ASSERT_TRUE(clients[i].await_answers(room, 50s));
      auto first_id = static_cast<std::int64_t>(1 + i * points_each + sent);
      clients[i].send(test::ride_range(first_id, static_cast<std::uint32_t>(count)), deadline);
      if (random() % 40 == 0) spawner.kill_last();
    }
  }
  std::uint64_t stored = 0;
  for (auto& each : clients) {
    ASSERT_TRUE(each.await_answers(points_each, 50s));
    EXPECT_TRUE(each.in_order());
    auto verdicts = each.verdicts();
    ASSERT_EQ(verdicts.size(), points_each);
    for (auto what : verdicts) {
      stored += what == verdict::stored ? 1 : 0;
      // A point that crashed twice alone is not answered `stored`, though it may be: chance can do that here, rarely.
      ASSERT_TRUE(what == verdict::stored || what == verdict::unavailable) << to_string(what);
    }
  }
  EXPECT_LE(stored, table->size());
  account total;
  for (auto patience = std::chrono::steady_clock::now() + 20s;
       (total = ask_account()).in_flight > 0 && std::chrono::steady_clock::now() < patience;) {
    EXPECT_TRUE(total.conserved());
  }
  EXPECT_TRUE(total.conserved());
  EXPECT_EQ(total.received, 3 * points_each);
  EXPECT_EQ(total.stored, stored);
  EXPECT_EQ(total.late, 0U);
  EXPECT_EQ(ends, 0);
  EXPECT_TRUE(test::eventually([&] { return table->calls(store::memory_call::open) > 2; })) << "writers did crash";
}

} // namespace
} // namespace goloca::actors
