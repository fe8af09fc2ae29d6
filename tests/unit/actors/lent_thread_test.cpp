#include "actors/lent_thread.hpp"
#include "actors/messages.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>
#include <thread>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;

/// The work that was asked for, until the test's thread does it.
class desk {
public:
  lent_thread::lender lender() {
    return {[this](std::function<void()> work) { put(std::move(work)); },
            [this](caf::actor_clock::time_point at, std::function<void()> ring) { set_alarm(at, std::move(ring)); }};
  }

  void put(std::function<void()> work) {
    std::lock_guard lock{mutex_};
    ++asked_;
    work_.push_back(std::move(work));
    changed_.notify_all();
  }

  /// Does what there is until `done` holds; false when that takes too long.
  template <class Condition>
  bool work_until(Condition done) {
    for (auto end = std::chrono::steady_clock::now() + 30s; !done();) {
      std::unique_lock lock{mutex_};
      changed_.wait_until(lock, std::min({end, alarm_, std::chrono::steady_clock::now() + 10ms}),
                          [this] { return !work_.empty(); });
      auto now = std::chrono::steady_clock::now();
      if (now >= end) return false;
      std::function<void()> next;
      if (now >= alarm_) {
        alarm_ = caf::actor_clock::time_point::max();
        next = std::move(ring_);
      } else if (!work_.empty()) {
        next = std::move(work_.front());
        work_.pop_front();
      }
      lock.unlock();
      if (next) next();
    }
    return true;
  }

  [[nodiscard]] std::size_t asked() {
    std::lock_guard lock{mutex_};
    return asked_;
  }

  [[nodiscard]] std::size_t alarms() {
    std::lock_guard lock{mutex_};
    return alarms_;
  }

private:
  void set_alarm(caf::actor_clock::time_point at, std::function<void()> ring) {
    std::lock_guard lock{mutex_};
    ++alarms_;
    alarm_ = at;
    ring_ = std::move(ring);
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> work_;
  std::size_t asked_ = 0;
  caf::actor_clock::time_point alarm_ = caf::actor_clock::time_point::max();
  std::function<void()> ring_;
  std::size_t alarms_ = 0;
};

struct lent_config : caf::actor_system_config {
  explicit lent_config(desk& at) {
    add_message_types<caf::id_block::goloca>();
    module_factories.emplace_back([&at](caf::actor_system& in) { return new lent_thread{in, at.lender()}; });
  }
};

struct a_lent_thread : testing::Test {
  desk here;
  lent_config config{here};
  caf::actor_system system{config};
};

TEST_F(a_lent_thread, runs_every_actor_and_no_other_thread_does) {
  auto me = std::this_thread::get_id();
  std::atomic<int> pings = 0;
  std::atomic<int> strangers = 0;
  auto pong = system.spawn(
      [&](caf::event_based_actor*, caf::unit_t) -> caf::behavior {
        return {[&](int n) {
          if (std::this_thread::get_id() != me) ++strangers;
          return n + 1;
        }};
      },
      caf::unit);
  auto ping = system.spawn(
      [&](caf::event_based_actor* self, caf::unit_t) -> caf::behavior {
        return {[&, self](const tick&) {
          for (int i = 0; i < 1'000; ++i) self->request(pong, caf::infinite, i).then([&](int) { ++pings; });
        }};
      },
      caf::unit);
  EXPECT_EQ(pings, 0) << "nothing is done behind the lender's back";
  caf::anon_send(ping, tick{});
  EXPECT_TRUE(here.work_until([&] { return pings == 1'000; }));
  EXPECT_EQ(strangers, 0);
  caf::anon_send_exit(ping, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(pong, caf::exit_reason::user_shutdown);
  EXPECT_TRUE(here.work_until([&] { return system.registry().running() == 0; }));
}

TEST_F(a_lent_thread, is_asked_for_once_however_much_there_is_to_do) {
  std::atomic<int> seen = 0;
  auto actor = system.spawn(
      [&](caf::event_based_actor*, caf::unit_t) -> caf::behavior { return {[&](int) { ++seen; }}; }, caf::unit);
  ASSERT_TRUE(here.work_until([&, before = here.asked()] { return here.asked() >= before; }));
  auto before = here.asked();
  for (int i = 0; i < 100; ++i) caf::anon_send(actor, i);
  EXPECT_LE(here.asked(), before + 1);
  EXPECT_TRUE(here.work_until([&] { return seen == 100; }));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  EXPECT_TRUE(here.work_until([&] { return system.registry().running() == 0; }));
}

TEST_F(a_lent_thread, hears_of_timers_and_of_detached_actors) {
  std::atomic<bool> told = false;
  auto detached = system.spawn<caf::detached>(
      [](caf::event_based_actor*, caf::unit_t) -> caf::behavior { return {[](int n) { return n * 2; }}; }, caf::unit);
  auto actor = system.spawn(
      [&](caf::event_based_actor* self, caf::unit_t) -> caf::behavior {
        self->delayed_send(self, 1ms, tick{});
        return {[&, self](const tick&) {
          self->request(detached, caf::infinite, 21).then([&, self](int answer) {
            told = answer == 42;
            self->quit();
          });
        }};
      },
      caf::unit);
  EXPECT_TRUE(here.work_until([&] { return told.load(); }));
  caf::anon_send_exit(detached, caf::exit_reason::user_shutdown);
  EXPECT_TRUE(here.work_until([&] { return system.registry().running() == 0; }));
}

TEST_F(a_lent_thread, sends_on_time_and_in_order_whoever_set_the_timers) {
  std::vector<int> heard;
  std::atomic<std::size_t> count = 0;
  auto actor = system.spawn(
      [&](caf::event_based_actor*, caf::unit_t) -> caf::behavior {
        return {[&](int n) {
          heard.push_back(n);
          ++count;
        }};
      },
      caf::unit);
  auto began = std::chrono::steady_clock::now();
  { // its thread is the test's, which lends itself only below
    caf::scoped_actor other{system};
    other->delayed_send(actor, 60ms, 3);
    other->delayed_send(actor, 20ms, 1);
    other->delayed_send(actor, 40ms, 2);
  }
  EXPECT_TRUE(here.work_until([&] { return count == 1; }));
  EXPECT_GE(std::chrono::steady_clock::now() - began, 20ms);
  std::thread{[&] {
    caf::scoped_actor stranger{system};
    stranger->delayed_send(actor, 0ms, 4);
  }}.join();
  EXPECT_TRUE(here.work_until([&] { return count == 4; }));
  EXPECT_GE(std::chrono::steady_clock::now() - began, 60ms);
  EXPECT_THAT(heard, testing::ElementsAre(1, 4, 2, 3));
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  EXPECT_TRUE(here.work_until([&] { return system.registry().running() == 0; }));
}

TEST_F(a_lent_thread, sets_no_alarm_for_what_is_due_later_than_the_one_that_is_set) {
  std::atomic<int> set = 0;
  auto actor = system.spawn(
      [&](caf::event_based_actor* self, caf::unit_t) -> caf::behavior {
        return {[&, self](const tick&) {
                  self->delayed_send(self, 1h, 1);
                  ++set;
                },
                [](int) {}};
      },
      caf::unit);
  for (int i = 1; i <= 50; ++i) {
    caf::anon_send(actor, tick{});
    EXPECT_TRUE(here.work_until([&] { return set == i; }));
  }
  EXPECT_EQ(here.alarms(), 1u);
  caf::anon_send_exit(actor, caf::exit_reason::user_shutdown);
  EXPECT_TRUE(here.work_until([&] { return system.registry().running() == 0; }));
}

TEST_F(a_lent_thread, times_out_a_request_that_nobody_answers) {
  std::atomic<bool> late = false;
  auto deaf = system.spawn(
      [](caf::event_based_actor* self, caf::unit_t) -> caf::behavior {
        return {[self](int) -> caf::result<int> { return self->make_response_promise<int>(); }};
      },
      caf::unit);
  auto asker = system.spawn(
      [&](caf::event_based_actor* self, caf::unit_t) -> caf::behavior {
        self->request(deaf, 10ms, 1)
            .then([](int) {}, [&](const caf::error& why) { late = why == caf::sec::request_timeout; });
        return {[](int) {}};
      },
      caf::unit);
  EXPECT_TRUE(here.work_until([&] { return late.load(); }));
  caf::anon_send_exit(asker, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(deaf, caf::exit_reason::user_shutdown);
  EXPECT_TRUE(here.work_until([&] { return system.registry().running() == 0; }));
}

TEST(a_lent_thread_that_ends, releases_what_it_did_not_run) {
  desk here;
  {
    lent_config config{here};
    caf::actor_system system{config};
    system.await_actors_before_shutdown(false);
    auto actor =
        system.spawn([](caf::event_based_actor*, caf::unit_t) -> caf::behavior { return {[](int) {}}; }, caf::unit);
    caf::anon_send(actor, 1);
    caf::scoped_actor self{system};
    self->delayed_send(actor, 1h, 2);
  } // under LeakSanitizer nothing is left
}

} // namespace
} // namespace goloca::actors
