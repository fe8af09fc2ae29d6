// A COPY on its way to PostgreSQL: in pieces, to a server that is slow to take them, and under TLS, where libpq has to
// send it.

#include "store/postgres_connection.hpp"
#include "store/postgres_store.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/io_steps.hpp"
#include "tests/support/postgres_sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/socket.h>

#include <future>

namespace {

using namespace goloca;
using store::outcome;
using test::settings_for;
using test::value;
using testing::Each;
using testing::StartsWith;

/// A store whose socket the test knows.
struct open_wire {
  explicit open_wire(const store::store_settings& settings) {
    auto connection = value(store::postgres_connection::open(settings));
    socket = connection->socket();
    store = std::make_unique<store::postgres_store>(std::move(connection), store::rides_schema(), false, false);
    value(store->prepare());
  }
  int socket = -1; // by which COPYs go
  std::unique_ptr<store::data_point_store> store;
};

/// Rides of many kilobytes together.
test::rows long_rides(std::int64_t first, std::size_t count) {
  test::rows made{store::rides_schema()};
  for (std::size_t i = 0; i < count; ++i) {
    made.ride(first + static_cast<std::int64_t>(i));
    for (const auto* member : {"from_area_id", "to_area_id", "from_city_id", "to_city_id"})
      made.text(member, std::string(100, static_cast<char>('a' + i % 26)));
  }
  return made;
}

struct postgres_wire : test::over_both_inserts {
  test::temporary_postgres server;

  [[nodiscard]] open_wire opened() const {
    open_wire made{settings_for(server)};
    made.store = as_asked(std::move(made.store));
    return made;
  }

  std::string last_statement() const {
    return server.query("SELECT query FROM pg_stat_activity WHERE application_name = 'goloca'");
  }
  void expect_rows_as_sent(const test::rows& points) const {
    EXPECT_EQ(server.query("SELECT count(*) FROM datapoint"), std::to_string(points.views().size()));
    auto other = test::prepared_store(settings_for(server));
    EXPECT_THAT(value(other->insert(points.views())).outcomes, Each(outcome::duplicate)) << "the same content";
  }
};

TEST_P(postgres_wire, takes_a_copy_a_byte_at_a_time) {
  auto wire = opened();
  auto points = long_rides(1, 40);
  {
    test::io_steps steps{wire.socket, test::io_fault::one_byte, 0};
    EXPECT_THAT(value(wire.store->insert(points.views())).outcomes, Each(outcome::stored));
    EXPECT_GT(steps.taken(), 10'000U) << "one for each byte";
  }
  EXPECT_THAT(last_statement(), StartsWith("COPY"));
  wire.store.reset();
  expect_rows_as_sent(points);
}

TEST_P(postgres_wire, waits_for_a_server_that_is_slow_to_take_a_copy) {
  auto wire = opened();
  int small = 4'096; // bytes: the rest of the batch finds no room until the server reads
  ASSERT_EQ(::setsockopt(wire.socket, SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
  auto points = long_rides(1, 2'000);
  server.freeze();
  test::io_steps steps{wire.socket, test::io_fault::none, 0};
  auto inserting = std::async(std::launch::async, [&] { return wire.store->insert(points.views()); });
  EXPECT_TRUE(test::eventually([&] { return steps.taken() >= 2; })) << "a first piece, and no room for a second";
  server.thaw();
  EXPECT_THAT(value(inserting.get()).outcomes, Each(outcome::stored));
  EXPECT_GT(steps.taken(), 50U) << "in pieces";
  EXPECT_THAT(last_statement(), StartsWith("COPY"));
  wire.store.reset();
  expect_rows_as_sent(points);
}

TEST_P(postgres_wire, is_unavailable_wherever_a_copy_breaks_off_and_the_next_connection_serves) {
  constexpr auto many = store::copy_rule::most_rows + 50; // two COPYs, of one transaction
  auto points = long_rides(1, many);
  std::size_t all = 0;
  {
    auto wire = opened();
    test::io_steps steps{wire.socket, test::io_fault::none, 0};
    value(wire.store->insert(points.views()));
    all = steps.taken();
  }
  ASSERT_GE(all, 2U) << "what is sent, and what is answered";
  for (std::size_t from = 0; from < all; ++from) {
    SCOPED_TRACE("step " + std::to_string(from));
    server.query("TRUNCATE datapoint");
    auto wire = opened();
    {
      test::io_steps steps{wire.socket, test::io_fault::reset, from};
      auto done = wire.store->insert(points.views());
      if (steps.taken() <= from) continue; // how often it looks for an answer in vain is chance
      EXPECT_EQ(test::error(std::move(done)).kind, store::error_kind::unavailable);
    }
    wire.store.reset();
    // Whether it was committed is not known. Once the session is gone, it is all or nothing.
    ASSERT_TRUE(test::eventually([&] {
      return server.query("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'goloca'") == "0";
    }));
    EXPECT_THAT(server.query("SELECT count(*) FROM datapoint"), testing::AnyOf("0", std::to_string(many)));
    auto again = test::prepared_store(settings_for(server));
    EXPECT_THAT(value(again->insert(points.views())).outcomes,
                testing::AnyOf(Each(outcome::stored), Each(outcome::duplicate)));
  }
}

INSTANTIATE_TEST_SUITE_P(inserted, postgres_wire, test::both_inserts, test::name_of_insert);

TEST(postgres_wire_under_tls, takes_batches_of_any_size_replays_and_questions) {
  test::temporary_postgres server{{.settings = {}, .tcp = true, .tls = true}};
  auto settings = settings_for(server, "host=127.0.0.1 sslmode=require");
  open_wire wire{settings};
  EXPECT_EQ(
      server.query("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE application_name = 'goloca'"),
      "t");
  auto points = long_rides(1, 2'000);
  EXPECT_THAT(value(wire.store->insert(points.views())).outcomes, Each(outcome::stored));
  EXPECT_THAT(server.query("SELECT query FROM pg_stat_activity WHERE application_name = 'goloca'"), StartsWith("COPY"));
  EXPECT_THAT(value(wire.store->insert(test::rides(5'000, 1).views())).outcomes, Each(outcome::stored));
  EXPECT_THAT(value(wire.store->insert(points.views())).outcomes, Each(outcome::duplicate));
  EXPECT_TRUE(value(wire.store->find(7)));
  EXPECT_FALSE(wire.store->probe());
  EXPECT_EQ(wire.store->in_steps(), nullptr);
  EXPECT_EQ(server.query("SELECT count(*) FROM datapoint"), "2001");
}

} // namespace
