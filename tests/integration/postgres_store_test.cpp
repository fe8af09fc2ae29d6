// What only PostgreSQL has: its settings, privileges, sessions and several hosts. Its faults: postgres_faults_test.cpp.

#include "store/open_store.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres_sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using store::error_kind;
using store::outcome;
using test::error;
using test::prepared_store;
using test::rides;
using test::settings_for;
using test::value;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

struct postgres_store : testing::Test {
  test::temporary_postgres server;

  store::store_error refusal(const store::store_settings& settings) {
    return error(value(open_store(settings, store::rides_schema()))->prepare());
  }
  void expect_it_serves(const store::store_settings& settings) {
    auto store = prepared_store(settings);
    test::rows points{store::rides_schema()};
    points.ride(4'711);
    auto done = value(store->insert(points.views())).outcomes;
    EXPECT_THAT(done, ElementsAre(testing::AnyOf(outcome::stored, outcome::duplicate)));
    EXPECT_TRUE(value(store->find(4'711)));
  }
};

TEST_F(postgres_store, states_the_settings_that_make_it_durable) {
  auto store = value(open_store(settings_for(server), store::rides_schema()));
  auto promise = value(store->prepare());
  EXPECT_TRUE(promise.full);
  EXPECT_THAT(promise.statement, testing::StartsWith("PostgreSQL "));
  EXPECT_THAT(promise.statement, HasSubstr("fsync=on, synchronous_commit=on, full_page_writes=on"));
}

TEST_F(postgres_store, refuses_a_weak_synchronous_commit_unless_allowed) {
  auto weak = settings_for(server, "options='-c synchronous_commit=off'");
  auto refused = refusal(weak);
  EXPECT_EQ(refused.kind, error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr("synchronous_commit=off"));
  weak.allow_weak_durability = true;
  auto store = value(open_store(weak, store::rides_schema()));
  auto promise = value(store->prepare());
  EXPECT_FALSE(promise.full);
  EXPECT_THAT(promise.statement, HasSubstr("weak"));
  EXPECT_THAT(value(store->insert(rides(1, 2).views())).outcomes, testing::Each(outcome::stored));
}

TEST_F(postgres_store, refuses_a_server_without_fsync_or_full_page_writes) {
  for (const std::string setting : {"fsync", "full_page_writes"}) {
    server.query("ALTER SYSTEM SET " + setting + " = off");
    server.restart();
    auto refused = refusal(settings_for(server));
    EXPECT_EQ(refused.kind, error_kind::unfit);
    EXPECT_THAT(refused.message, HasSubstr(setting + "=off"));
    server.query("ALTER SYSTEM RESET " + setting);
    server.restart();
  }
  expect_it_serves(settings_for(server));
}

TEST_F(postgres_store, refuses_commits_that_do_not_wait_for_the_named_standbys) {
  prepared_store(settings_for(server)); // makes the table while no standby is waited for
  server.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  server.restart();
  auto refused = refusal(settings_for(server, "options='-c synchronous_commit=local'"));
  EXPECT_EQ(refused.kind, error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr("synchronous_commit=local"));
}

TEST_F(postgres_store, notices_in_a_probe_that_durability_was_weakened) {
  auto store = prepared_store(settings_for(server));
  ASSERT_FALSE(store->probe());
  server.query("ALTER SYSTEM SET synchronous_commit = off");
  server.reload();
  std::optional<store::store_error> weakened;
  ASSERT_TRUE(test::eventually([&] { return (weakened = store->probe()).has_value(); }));
  EXPECT_EQ(weakened->kind, error_kind::unfit);
  server.query("ALTER SYSTEM RESET synchronous_commit");
  server.reload();
  ASSERT_TRUE(test::eventually([&] { return server.query("SHOW synchronous_commit") == "on"; }));
  expect_it_serves(settings_for(server));
}

TEST_F(postgres_store, refuses_an_unlogged_table) {
  prepared_store(settings_for(server));
  server.query("ALTER TABLE datapoint SET UNLOGGED");
  auto refused = refusal(settings_for(server));
  EXPECT_EQ(refused.kind, error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr("ALTER TABLE \"datapoint\" SET LOGGED;"));
  server.query("ALTER TABLE datapoint SET LOGGED");
  expect_it_serves(settings_for(server));
}

TEST_F(postgres_store, is_unavailable_while_the_server_takes_no_writes) {
  prepared_store(settings_for(server));
  server.query("ALTER DATABASE postgres SET default_transaction_read_only = on");
  auto refused = refusal(settings_for(server));
  EXPECT_EQ(refused.kind, error_kind::unavailable);
  EXPECT_EQ(refused.sqlstate, "25006");
  server.query("BEGIN READ WRITE; ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT");
  expect_it_serves(settings_for(server));
}

TEST_F(postgres_store, says_which_privilege_is_missing) {
  prepared_store(settings_for(server));
  server.query("CREATE ROLE clerk LOGIN; GRANT SELECT ON datapoint TO clerk");
  auto refused = refusal(settings_for(server, "user=clerk"));
  EXPECT_EQ(refused.kind, error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr("GRANT INSERT ON \"datapoint\""));
  server.query("GRANT INSERT ON datapoint TO clerk");
  expect_it_serves(settings_for(server, "user=clerk"));
}

TEST_F(postgres_store, is_unfit_where_it_may_not_make_its_table) {
  server.query("CREATE ROLE clerk LOGIN");
  auto refused = refusal(settings_for(server, "user=clerk"));
  EXPECT_EQ(refused.kind, error_kind::unfit);
  EXPECT_EQ(refused.sqlstate, "42501");
}

TEST_F(postgres_store, makes_its_table_where_the_search_path_says) {
  server.query("CREATE SCHEMA elsewhere");
  expect_it_serves(settings_for(server, "options='-c search_path=elsewhere'"));
  EXPECT_EQ(server.query("SELECT count(*) FROM elsewhere.datapoint"), "1");
}

TEST_F(postgres_store, survives_several_nodes_that_make_the_table_at_once) {
  std::vector<std::future<void>> nodes;
  nodes.reserve(6);
  for (int i = 0; i < 6; ++i)
    nodes.push_back(std::async(std::launch::async, [&] { prepared_store(settings_for(server)); }));
  for (auto& node : nodes) EXPECT_NO_THROW(node.get());
}

TEST_F(postgres_store, lets_writers_with_the_same_ids_in_other_orders_pass_each_other) {
  auto points = rides(1, 500);
  auto forwards = points.views();
  auto backwards = forwards;
  std::ranges::reverse(backwards);
  auto write = [&](std::span<const store::row_view> views) {
    auto store = prepared_store(settings_for(server));
    std::size_t stored = 0;
    for (int round = 0; round < 20; ++round) {
      auto done = value(store->insert(views.subspan(static_cast<std::size_t>(round) * 25, 25)));
      stored += static_cast<std::size_t>(std::ranges::count(done.outcomes, outcome::stored));
    }
    return stored;
  };
  auto one = std::async(std::launch::async, write, std::span<const store::row_view>{forwards});
  auto other = std::async(std::launch::async, write, std::span<const store::row_view>{backwards});
  EXPECT_EQ(one.get() + other.get(), 500u);
}

TEST_F(postgres_store, refuses_text_that_the_databases_encoding_cannot_hold) {
  server.query("CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
  auto store = prepared_store(settings_for(server, "dbname=latin"));
  test::rows points{store::rides_schema()};
  points.ride(1, "Zürich").ride(2, "日本").ride(3, "Bern");
  auto done = value(store->insert(points.views()));
  EXPECT_THAT(done.outcomes, ElementsAre(outcome::stored, outcome::invalid, outcome::stored));
  ASSERT_EQ(done.refusals.size(), 1u);
  EXPECT_EQ(done.refusals[0].sqlstate, "22P05");
  EXPECT_EQ((*value(store->find(1)))[0].text(1), "Zürich");
}

TEST_F(postgres_store, gives_the_next_host_a_turn_when_the_first_does_not_answer) {
  test::temporary_postgres second;
  auto settings = settings_for(server, "host=" + server.folder().string() + ',' + second.folder().string());
  settings.connect_timeout = 1s;
  settings.allow_weak_durability = true; // neither is the other's standby
  server.freeze();
  auto store = prepared_store(settings);
  EXPECT_THAT(value(store->insert(rides(1, 1).views())).outcomes, ElementsAre(outcome::stored));
  EXPECT_EQ(second.query("SELECT count(*) FROM datapoint"), "1");
  server.thaw();
  expect_it_serves(settings);
}

TEST_F(postgres_store, passes_over_a_host_that_takes_no_writes) {
  test::temporary_postgres second;
  server.query("ALTER SYSTEM SET default_transaction_read_only = on");
  server.restart();
  auto both = settings_for(server, "host=" + server.folder().string() + ',' + second.folder().string());
  both.allow_weak_durability = true;
  auto store = prepared_store(both);
  EXPECT_THAT(value(store->insert(rides(1, 1).views())).outcomes, ElementsAre(outcome::stored));
}

/// What a synchronous standby does for a commit: it has the log on its disk before it says so.
class log_keeper {
public:
  explicit log_keeper(const test::temporary_postgres& of)
      : keeper_{"/usr/bin/pg_receivewal",
                {.arguments = {"--directory", folder_.path().string(), "--synchronous", "--no-loop", "--dbname",
                               of.conninfo() + " application_name=keeper"}}} {}
  [[nodiscard]] std::string log() const { return keeper_.err(); }

private:
  test::scratch_folder folder_;
  test::child_process keeper_;
};

TEST_F(postgres_store, of_several_hosts_is_durable_only_while_another_server_has_each_commit) {
  auto several = settings_for(server, "host=" + server.folder().string() + ',' + server.folder().string());
  auto refused = refusal(several);
  EXPECT_EQ(refused.kind, error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr("without synchronous_standby_names a failover loses"));
  auto allowed = several;
  allowed.allow_weak_durability = true;
  EXPECT_FALSE(value(value(open_store(allowed, store::rides_schema()))->prepare()).full);

  server.query("ALTER SYSTEM SET synchronous_standby_names = 'keeper'");
  server.reload();
  log_keeper keeper{server};
  ASSERT_TRUE(test::eventually([&] {
    return server.query("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1";
  })) << keeper.log();
  auto store = value(open_store(several, store::rides_schema()));
  EXPECT_TRUE(value(store->prepare()).full);
  EXPECT_THAT(value(store->insert(rides(1, 1).views())).outcomes, ElementsAre(outcome::stored));

  // Whoever manages the cluster takes the standby away: also a store that is never idle notices, and acknowledges no
  // more.
  server.query("ALTER SYSTEM RESET synchronous_standby_names");
  server.reload();
  std::int64_t id = 2;
  std::optional<store::store_error> weakened;
  ASSERT_TRUE(test::eventually([&] {
    auto done = store->insert(rides(id, 1).views());
    ++id;
    if (auto* failed = std::get_if<store::store_error>(&done)) weakened = *failed;
    return weakened.has_value();
  }));
  EXPECT_EQ(weakened->kind, error_kind::unfit);
  EXPECT_THAT(weakened->message, HasSubstr("failover"));
}

TEST(postgres_store_over_tcp, is_unavailable_with_wrong_credentials_and_never_tells_them) {
  test::temporary_postgres server{{.settings = {}, .tcp = true, .host_authentication = "scram-sha-256"}};
  server.query("CREATE ROLE writer LOGIN PASSWORD 'right-secret'; GRANT CREATE ON SCHEMA public TO writer");
  store::store_settings settings;
  settings.kind = store::backend::postgres;
  auto address = "127.0.0.1:" + std::to_string(server.port());
  settings.database_url = "postgresql://writer:wrong-secret@" + address + "/postgres";
  auto refused = error(open_store(settings, store::rides_schema()));
  EXPECT_EQ(refused.kind, error_kind::unavailable);
  EXPECT_THAT(refused.message, HasSubstr("password authentication failed"));
  EXPECT_THAT(refused.message, Not(HasSubstr("wrong-secret")));
  EXPECT_EQ(describe(settings), "PostgreSQL " + address + "/postgres");

  settings.database_url.clear();
  settings.postgres = {{"host", "127.0.0.1"},
                       {"port", std::to_string(server.port())},
                       {"user", "writer"},
                       {"password", "right-secret"},
                       {"dbname", "postgres"}};
  auto store = prepared_store(settings);
  EXPECT_THAT(value(store->insert(rides(1, 1).views())).outcomes, ElementsAre(outcome::stored));
}

TEST(postgres_store_over_tcp, is_unavailable_where_nobody_listens_or_the_database_is_not_there_yet) {
  test::temporary_postgres server{{.settings = {}, .tcp = true}};
  auto settings = settings_for(server, "dbname=missing");
  EXPECT_EQ(error(open_store(settings, store::rides_schema())).kind, error_kind::unavailable);
  server.query("CREATE DATABASE missing");
  prepared_store(settings);
  server.stop();
  auto refused = error(open_store(settings_for(server, "host=127.0.0.1"), store::rides_schema()));
  EXPECT_EQ(refused.kind, error_kind::unavailable);
  EXPECT_TRUE(refused.sqlstate.empty());
}

} // namespace
