// What becomes of a call when PostgreSQL crashes, hangs, locks, cancels: it ends in time, claims nothing that is not
// so, and a new instance serves again.

#include "store/open_store.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/postgres_sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <future>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using store::error_kind;
using store::outcome;
using test::error;
using test::rides;
using test::settings_for;
using test::value;
using testing::HasSubstr;
using steady = std::chrono::steady_clock;

constexpr auto patience = 300ms;
constexpr auto in_time = 20s; // an unbounded call would not return at all; a busy machine adds seconds

struct postgres_faults : test::over_both_inserts {
  test::temporary_postgres server;
  steady::time_point started;

  [[nodiscard]] store::store_settings impatient() const {
    auto settings = settings_for(server);
    settings.connect_timeout = patience;
    settings.statement_timeout = patience;
    return settings;
  }
  void SetUp() override { prepared_store(settings_for(server)); }

  /// The machine is shared, so opening with a short clock may itself be too slow: it is tried again.
  [[nodiscard]] std::unique_ptr<store::data_point_store> impatient_store() const {
    for (;;) {
      auto opened = open_store(impatient(), store::rides_schema());
      if (auto* store = std::get_if<std::unique_ptr<store::data_point_store>>(&opened)) {
        if (std::holds_alternative<store::durability>((*store)->prepare())) return as_asked(std::move(*store));
      }
    }
  }
  void start_clock() { started = steady::now(); }
  void expect_in_time() const { EXPECT_LT(steady::now() - started, in_time); }

  /// The points are stored in the end, each once.
  void expect_it_serves_again(const test::rows& points) const {
    ASSERT_TRUE(test::eventually([&] {
      auto opened = open_store(settings_for(server), store::rides_schema());
      auto* store = std::get_if<std::unique_ptr<store::data_point_store>>(&opened);
      if (store == nullptr || std::holds_alternative<store::store_error>((*store)->prepare())) return false;
      auto done = (*store)->insert(points.views());
      auto* result = std::get_if<store::insert_result>(&done);
      if (result == nullptr) return false;
      EXPECT_THAT(result->outcomes, testing::Each(testing::AnyOf(outcome::stored, outcome::duplicate)));
      return true;
    }));
    EXPECT_EQ(server.query("SELECT count(*) FROM datapoint"), std::to_string(points.views().size()));
  }
};

TEST_P(postgres_faults, answers_duplicate_for_a_point_stored_before_the_server_crashed) {
  auto points = rides(1, 10);
  EXPECT_THAT(value(prepared_store(settings_for(server))->insert(points.views())).outcomes,
              testing::Each(outcome::stored));
  server.crash();
  server.start();
  EXPECT_THAT(value(prepared_store(settings_for(server))->insert(points.views())).outcomes,
              testing::Each(outcome::duplicate));
}

TEST_P(postgres_faults, is_unavailable_when_the_server_is_gone_and_a_new_instance_serves_when_it_is_back) {
  auto store = prepared_store(settings_for(server));
  server.crash();
  auto lost = error(store->insert(rides(1, 3).views()));
  EXPECT_EQ(lost.kind, error_kind::unavailable);
  EXPECT_EQ(error(open_store(settings_for(server), store::rides_schema())).kind, error_kind::unavailable);
  server.start();
  expect_it_serves_again(rides(1, 3));
}

TEST_P(postgres_faults, ends_an_insert_of_any_size_by_its_clock_when_the_server_is_frozen) {
  for (std::size_t count : {1u, 2'000u}) {
    auto store = impatient_store();
    server.freeze();
    start_clock();
    auto lost = error(store->insert(rides(1, count).views()));
    store.reset(); // its end does not wait either
    expect_in_time();
    EXPECT_EQ(lost.kind, error_kind::unavailable);
    EXPECT_THAT(lost.message, HasSubstr("no answer within 300 ms"));
    server.thaw();
  }
  expect_it_serves_again(rides(1, 2'000));
}

TEST_P(postgres_faults, ends_a_find_a_probe_a_prepare_and_a_connect_by_their_clocks_when_the_server_is_frozen) {
  auto finding = impatient_store();
  auto probing = impatient_store();
  auto with_a_second = settings_for(server);
  with_a_second.statement_timeout = 1s;
  auto preparing = value(open_store(with_a_second, store::rides_schema()));
  server.freeze();
  start_clock();
  EXPECT_EQ(error(finding->find(1)).kind, error_kind::unavailable);
  EXPECT_EQ(probing->probe().value().kind, error_kind::unavailable);
  EXPECT_EQ(error(open_store(impatient(), store::rides_schema())).kind, error_kind::unavailable);
  EXPECT_EQ(error(preparing->prepare()).kind, error_kind::unavailable);
  expect_in_time();
  server.thaw();
  expect_it_serves_again(rides(1, 1));
}

TEST_P(postgres_faults, gives_up_in_time_on_a_table_that_is_locked) {
  auto store = impatient_store();
  std::unique_ptr<PGconn, decltype(&PQfinish)> other{PQconnectdb(server.conninfo().c_str()), &PQfinish};
  PQclear(PQexec(other.get(), "BEGIN; LOCK TABLE datapoint IN ACCESS EXCLUSIVE MODE"));
  ASSERT_EQ(PQtransactionStatus(other.get()), PQTRANS_INTRANS);
  start_clock();
  EXPECT_EQ(error(store->insert(rides(1, 5).views())).kind, error_kind::unavailable);
  expect_in_time();
  other.reset();
  expect_it_serves_again(rides(1, 5));
}

TEST_P(postgres_faults, is_unavailable_when_its_session_is_terminated) {
  auto store = prepared_store(settings_for(server));
  server.query("SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity WHERE application_name = 'goloca'");
  EXPECT_EQ(error(store->insert(rides(1, 2).views())).kind, error_kind::unavailable);
  expect_it_serves_again(rides(1, 2));
}

TEST_P(postgres_faults, tries_again_later_when_the_table_is_dropped) {
  auto store = prepared_store(settings_for(server));
  server.query("DROP TABLE datapoint");
  auto lost = error(store->insert(rides(1, 2).views()));
  EXPECT_EQ(lost.sqlstate, "42P01");
  expect_it_serves_again(rides(1, 2));
}

TEST_P(postgres_faults, is_unavailable_when_rows_vanish_as_they_are_stored) {
  server.query(
      "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; CREATE TRIGGER swallow "
      "BEFORE INSERT ON datapoint FOR EACH ROW WHEN (NEW.id = 2) EXECUTE FUNCTION swallow()");
  EXPECT_EQ(error(prepared_store(settings_for(server))->insert(rides(1, 3).views())).kind, error_kind::unavailable);
  server.query("DROP TRIGGER swallow ON datapoint");
  expect_it_serves_again(rides(1, 3));
}

TEST_P(postgres_faults, does_not_take_an_exception_of_a_trigger_for_a_bad_point) {
  server.query("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; "
               "CREATE TRIGGER "
               "refuse BEFORE INSERT ON datapoint FOR EACH ROW EXECUTE FUNCTION refuse()");
  auto lost = error(prepared_store(settings_for(server))->insert(rides(1, 3).views()));
  EXPECT_EQ(lost.kind, error_kind::unknown);
  EXPECT_EQ(lost.sqlstate, "P0001");
  server.query("DROP TRIGGER refuse ON datapoint");
  expect_it_serves_again(rides(1, 3));
}

/// A server whose commits wait for a standby that does not come.
struct postgres_without_its_standby : postgres_faults {
  void lose_standby() {
    server.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    server.restart();
  }
  void give_up_standby() const {
    server.query("ALTER SYSTEM RESET synchronous_standby_names");
    server.reload();
  }
};

TEST_P(postgres_without_its_standby, never_calls_a_point_stored_whose_commit_waits) {
  lose_standby();
  auto store = impatient_store();
  start_clock();
  EXPECT_EQ(error(store->insert(rides(1, 20).views())).kind, error_kind::unavailable);
  expect_in_time();
  give_up_standby();
  expect_it_serves_again(rides(1, 20));
}

TEST_P(postgres_without_its_standby, never_calls_a_point_a_duplicate_or_found_that_may_not_be_replicated) {
  auto points = rides(1, 20);
  value(prepared_store(settings_for(server))->insert(points.views()));
  lose_standby();
  auto inserting = impatient_store();
  auto finding = impatient_store();
  auto other = prepared_store(settings_for(server));
  start_clock();
  EXPECT_EQ(error(inserting->insert(points.views())).kind, error_kind::unavailable);
  EXPECT_EQ(error(finding->find(1)).kind, error_kind::unavailable);
  EXPECT_EQ(value(other->find(99)), nullptr); // of nothing nothing is claimed
  expect_in_time();
  give_up_standby();
  expect_it_serves_again(points);
}

TEST_P(postgres_without_its_standby, is_not_tried_again_while_an_earlier_commit_still_waits) {
  lose_standby();
  auto store = impatient_store();
  auto other = impatient_store();
  EXPECT_EQ(error(store->insert(rides(1, 20).views())).kind, error_kind::unavailable);
  // Each try would leave a session waiting on the server, until there is no room for another.
  ASSERT_TRUE(test::eventually([&] { return other->probe().has_value(); }));
  auto opened = value(open_store(impatient(), store::rides_schema()));
  auto refused = error(opened->prepare());
  EXPECT_EQ(refused.kind, error_kind::unavailable);
  EXPECT_THAT(refused.message, HasSubstr("synchronous standby"));
  EXPECT_EQ(server.query("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"), "1");
  give_up_standby();
  expect_it_serves_again(rides(1, 20));
}

TEST_P(postgres_without_its_standby, does_not_believe_a_wait_that_was_cancelled_from_outside) {
  lose_standby();
  auto store = prepared_store(settings_for(server));
  auto points = rides(1, 3);
  auto inserting = std::async(std::launch::async, [&] { return store->insert(points.views()); });
  const std::string waiting = "FROM pg_stat_activity WHERE application_name = 'goloca' AND wait_event = 'SyncRep'";
  ASSERT_TRUE(test::eventually([&] { return server.query("SELECT count(*) " + waiting) == "1"; }));
  server.query("SELECT pg_cancel_backend(pid) " + waiting);
  auto lost = error(inserting.get());
  EXPECT_EQ(lost.kind, error_kind::unavailable);
  EXPECT_THAT(lost.message, HasSubstr("the server warned"));
  give_up_standby();
  expect_it_serves_again(points);
}

INSTANTIATE_TEST_SUITE_P(inserted, postgres_faults, test::both_inserts, test::name_of_insert);
INSTANTIATE_TEST_SUITE_P(inserted, postgres_without_its_standby, test::both_inserts, test::name_of_insert);

} // namespace
