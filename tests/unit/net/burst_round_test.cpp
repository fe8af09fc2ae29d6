// When bursts are handed on: together, and once all that was ready has been read.

#include "net/burst_round.hpp"

#include "net/exchange.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace {

using namespace goloca;

/// Readers without sockets or actors: what they handed on is in flight.
struct a_burst_round : testing::Test {
  net::asio::io_context context{1};
  net::burst_round round{context.get_executor()};
  net::net_settings bounds{};
  store::point_id_source ids{1};
  std::shared_ptr<const store::schema> schema = store::rides_schema();
  net::decoder decoder{schema, false, ids};

  std::shared_ptr<net::exchange> reader() {
    return std::make_shared<net::exchange>(decoder, schema, bounds,
                                           std::make_shared<net::actor_link>(context.get_executor()), round);
  }
  static void read_point(net::exchange& by) {
    by.add_points(net::format::json, R"({"user_id":"1","vehicle_model_id":"2"})", net::shape::object, {});
  }
  void post(std::function<void()> what) { net::asio::post(context, std::move(what)); }
  void run() {
    context.restart();
    context.poll();
  }
};

TEST_F(a_burst_round, flushes_all_readers_behind_everything_that_was_ready) {
  auto first = reader();
  auto second = reader();
  std::vector<std::size_t> seen;
  auto look = [&] { seen.insert(seen.end(), {first->in_flight(), second->in_flight()}); };
  post([&] { read_point(*first), first->flush_soon(); });
  post(look);
  post([&] { read_point(*second), second->flush_soon(); });
  post(look);
  run();
  EXPECT_EQ(seen, (std::vector<std::size_t>{0, 0, 0, 0}));
  EXPECT_EQ(first->in_flight(), 1U);
  EXPECT_EQ(second->in_flight(), 1U);
}

TEST_F(a_burst_round, takes_a_reader_once_however_often_it_asks) {
  auto one = reader();
  post([&] {
    for (int i = 0; i < 3; ++i) read_point(*one), one->flush_soon();
  });
  run();
  EXPECT_EQ(one->in_flight(), 3U);
}

TEST_F(a_burst_round, has_another_turn_for_what_is_read_later) {
  auto one = reader();
  for (std::size_t turn = 1; turn <= 3; ++turn) {
    post([&] { read_point(*one), one->flush_soon(); });
    run();
    EXPECT_EQ(one->in_flight(), turn);
  }
}

TEST_F(a_burst_round, is_not_asked_by_a_reader_that_read_nothing_or_was_flushed_already) {
  auto idle = reader();
  auto eager = reader();
  post([&] {
    idle->flush_soon();
    read_point(*eager), eager->flush_soon(), eager->flush();
    EXPECT_EQ(eager->in_flight(), 1U);
  });
  run();
  EXPECT_EQ(idle->in_flight(), 0U);
  EXPECT_EQ(eager->in_flight(), 1U);
}

TEST_F(a_burst_round, keeps_a_reader_until_its_turn_and_no_longer) {
  auto one = reader();
  std::weak_ptr<net::exchange> alive = one;
  post([&] {
    read_point(*one), one->flush_soon();
    one.reset();
    EXPECT_FALSE(alive.expired());
  });
  run();
  EXPECT_TRUE(alive.expired());
}

} // namespace
