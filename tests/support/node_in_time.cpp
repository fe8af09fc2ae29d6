#include "tests/support/node_in_time.hpp"

#include "tests/support/ride_rows.hpp"

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
  return made;
}

void node_in_time::start(actors::node_supervisor_settings with) {
  node = spawn(actors::run_node_supervisor, std::move(with));
  settle();
}

fake_client node_in_time::connect() {
  fake_client client;
  tell(clients, actors::open_connection{client.port()});
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
