#include "net/io_threads.hpp"

#include "tests/support/eventually.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

/// How often this thread has slept.
long sleeps() {
  rusage used{};
  ::getrusage(RUSAGE_THREAD, &used);
  return used.ru_nvcsw;
}

/// One thread that something wakes each half of a millisecond, if it may, as if many WebSockets were read each time.
struct an_io_thread : testing::Test {
  net::service service{store::rides_schema(), net::net_settings{}, 1 << 20, 1};
  net::io_threads io{service, 1};
  net::timer next{io.first().context.get_executor()};
  clock::time_point woken = clock::now();
  std::atomic<clock::duration> shortest{1h}; // from one waking to the next
  std::atomic<int> long_ones{0}, wakings{0}, policy{-1}, policies{0};

  void SetUp() override {
    net::asio::post(io.first().context, [this] { wake(); });
  }
  void TearDown() override { io.stop(); }

  void wake() {
    auto now = clock::now();
    if (now - woken >= 2ms) ++long_ones;
    if (wakings++ > 0) shortest = std::min(shortest.load(), now - woken);
    woken = now;
    if (auto now_it_is = ::sched_getscheduler(0); policy.exchange(now_it_is) != now_it_is) ++policies;
    for (int i = 0; i < 10'000; ++i) io.first().round.count_read();
    next.expires_after(500us);
    next.async_wait([this](const net::error_code& ec) {
      if (!ec) wake();
    });
  }
};

TEST_F(an_io_thread, lets_its_clients_be_for_a_while_during_a_commit) {
  io.first().pause.committing(1, 1h);
  io.start();
  ASSERT_TRUE(test::eventually([&] { return wakings > 50; }));
  EXPECT_GT(long_ones * 2, wakings) << "some come too soon where the thread was kept from its processor";
}

TEST_F(an_io_thread, attends_to_its_clients_while_nothing_is_being_committed) {
  io.start();
  EXPECT_TRUE(test::eventually([&] { return shortest.load() < 2ms; }));
}

TEST_F(an_io_thread, lets_others_finish_as_long_as_it_pauses_often) {
  io.first().pause.committing(1, 1h);
  io.start();
  EXPECT_TRUE(test::eventually([&] { return policy == SCHED_BATCH; }));
  net::asio::post(io.first().context, [this] { io.first().pause.committing(0, 1h); });
  EXPECT_TRUE(test::eventually([&] { return policy == SCHED_OTHER; }));
}

TEST_F(an_io_thread, leaves_a_policy_alone_that_was_chosen_for_it) {
  sched_param none{};
  ASSERT_EQ(::sched_setscheduler(0, SCHED_BATCH, &none), 0); // which the thread inherits
  io.first().pause.committing(1, 1h);
  io.start();
  ASSERT_EQ(::sched_setscheduler(0, SCHED_OTHER, &none), 0);
  EXPECT_TRUE(test::eventually([&] { return wakings > 100; })) << "of 2 ms: it would yield";
  net::asio::post(io.first().context, [this] { io.first().pause.committing(0, 1h); });
  EXPECT_TRUE(test::eventually([&, from = wakings.load()] { return wakings > from + 400; })) << "and no longer";
  EXPECT_EQ(policy, SCHED_BATCH);
  EXPECT_EQ(policies, 1);
}

/// One thread with a store whose commits take a third of a millisecond, one after the other.
struct an_io_thread_and_a_store : testing::Test {
  net::service service{store::rides_schema(), net::net_settings{}, 1 << 20, 1};
  net::io_threads io{service, 1};
  net::io_worker& worker{io.first()};
  net::timer next{worker.context.get_executor()};
  std::atomic<int> waits{0}, looked_out{0}, sleepless{0}, ready_for_clients{0}; // sleepless: in a row
  std::function<void()> comes;

  void TearDown() override { io.stop(); }

  void start(std::function<void()> happens) {
    comes = std::move(happens);
    net::asio::post(worker.context, [this] { wait(); });
    io.start();
  }

  void wait() {
    worker.pause.committing(1, 300us);
    if (worker.answer_window.length() > 0us) ++looked_out;
    if (worker.window.length() > 0us) ++ready_for_clients;
    ++waits;
    next.expires_after(300us);
    next.async_wait([this, slept = sleeps()](const net::error_code& ec) {
      if (ec) return;
      sleepless = sleeps() == slept ? sleepless + 1 : 0;
      comes();
      net::asio::post(worker.context, [this] { next_wait(); });
    });
  }

  /// Later: what comes shall be all there is.
  void next_wait() {
    next.expires_after(100us);
    next.async_wait([this](const net::error_code& ec) {
      if (!ec) wait();
    });
  }
};

TEST_F(an_io_thread_and_a_store, looks_out_for_an_answer_that_comes_alone) {
  start([this] { worker.pause.committing(0, 300us); });
  EXPECT_TRUE(test::eventually([&] { return looked_out > 0; }));
  EXPECT_TRUE(test::eventually([&] { return sleepless >= 10; })) << "it may look out for 200 µs only otherwise";
  EXPECT_GT(ready_for_clients, 0) << "long commits say nothing of how soon a client comes";
}

TEST_F(an_io_thread_and_a_store, does_not_where_others_come_before_it) {
  start([] {});
  ASSERT_TRUE(test::eventually([&] { return waits > 200; }));
  EXPECT_EQ(looked_out, 0);
}

} // namespace
