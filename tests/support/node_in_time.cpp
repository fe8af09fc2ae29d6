#include "tests/support/node_in_time.hpp"

#include "tests/support/ride_rows.hpp"

#include <gmock/gmock.h>

namespace goloca::test {

actors::node_supervisor_settings node_in_time::settings() {
  actors::node_supervisor_settings made;
  made.writers.first_attempts = 3;
  made.writers.jitter = [] { return 1.0; };
  made.writers.log_warning = [this](const std::string& what) { warnings.push_back(what); };
  made.writers.spawn = [this](actors::writer_watcher watcher) {
    actors::db_writer_settings of_writer{store::memory_opener(table)};
    return writers.emplace_back(system.spawn(actors::run_db_writer, std::move(of_writer), std::move(watcher)));
  };
  made.clients.each.new_id = [next = std::int64_t{1'000'000}]() mutable { return next++; };
  made.operators = made.clients;
  made.incarnation = [next = std::uint64_t{1}]() mutable { return next++; };
  made.open = [this](actors::entrance where, actors::connections parent) {
    (where == actors::entrance::clients ? clients : operators) = std::move(parent);
  };
  made.end = [this](const caf::error& why) { ends.push_back(why); };
  made.log_warning = made.writers.log_warning;
  made.log_error = [this](const std::string& what) { errors.push_back(what); };
  return made;
}

void node_in_time::start(actors::node_supervisor_settings with) {
  node = spawn(actors::run_node_supervisor, std::move(with));
  settle();
}

fake_client node_in_time::connect(const actors::connections& to) {
  fake_client client;
  tell(to, actors::open_connection{client.port()});
  return client;
}

void node_in_time::send(fake_client& from, const store::row_range& points) {
  from.send(points, now() + 10s);
  settle();
}

actors::account node_in_time::total() {
  auto asked = ask<actors::account>(node, actors::account_query{});
  if (!asked->answer) {
    ADD_FAILURE() << "nobody answers for the account";
    return {};
  }
  EXPECT_TRUE(asked->answer->conserved());
  return *asked->answer;
}

void node_in_time::scrape() {
  auto asking = [this](caf::event_based_actor* self, const actors::node_supervisor& asked) {
    self->request(asked, caf::infinite, actors::status_query{})
        .then([this](const actors::status_told& told) { scrapes.push_back(told.status); },
              [](const caf::error& why) { ADD_FAILURE() << actors::reason_of(why); });
  };
  spawn(asking, node);
}

namespace {

/// What never goes down, in one order.
std::vector<std::uint64_t> counts_of(const actors::node_status& status) {
  std::vector<std::uint64_t> all;
  for (const auto& each : status.points) {
    const auto& of = each.points;
    all.insert(all.end(), {of.received, of.stored, of.duplicate, of.conflict, of.invalid, of.overloaded, of.unavailable,
                           of.timeout, of.late, each.request_seconds.count()});
  }
  for (const auto& each : status.of_connections) all.insert(all.end(), {each.refused, each.crashed});
  for (const auto& each : status.failures) all.push_back(each.count);
  all.insert(all.end(), {status.of_pools.batch_points.count(), status.of_pools.commit_seconds.count(),
                         status.of_writers.restarts, status.of_writers.reconnects});
  return all;
}

} // namespace

void node_in_time::expect_conserved() const {
  EXPECT_THAT(errors, testing::IsEmpty());
  std::vector<std::uint64_t> before;
  for (const auto& each : scrapes) {
    for (const auto& by : each->points) {
      EXPECT_EQ(by.points.unaccounted(), 0);
      EXPECT_LE(by.points.in_flight, by.points.received);
    }
    auto now = counts_of(*each);
    for (std::size_t i = 0; i < before.size(); ++i) EXPECT_GE(now[i], before[i]) << "count " << i << " went down";
    before = now;
  }
}

void node_in_time::expect_service(std::int64_t fresh_id) {
  auto client = connect();
  ASSERT_TRUE(client.connection());
  send(client, ride_range({fresh_id}));
  pass(2s);
  EXPECT_EQ(client.verdicts(), std::vector{actors::verdict::stored});
  EXPECT_TRUE(table->row(fresh_id));
  tell(client.connection(), actors::client_gone{});
}

void node_in_time::TearDown() {
  writers.clear();
  clients = actors::connections{};
  operators = actors::connections{};
  virtual_time::TearDown();
}

} // namespace goloca::test
