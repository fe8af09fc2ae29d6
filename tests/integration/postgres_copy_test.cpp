// Batches that go into PostgreSQL by COPY first: when they do, and that nothing else comes of it.

#include "store/copy_rule.hpp"
#include "store/open_store.hpp"
#include "tests/support/postgres_sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace goloca;
using store::outcome;
using test::rides;
using test::settings_for;
using test::value;
using testing::Each;
using testing::StartsWith;

struct postgres_copy : test::over_both_inserts {
  test::temporary_postgres server;
  std::unique_ptr<store::data_point_store> store = prepared_store(settings_for(server));

  std::vector<outcome> insert(std::int64_t first, std::size_t count) {
    return value(store->insert(rides(first, count).views())).outcomes;
  }
  std::string last_statement() const {
    return server.query("SELECT query FROM pg_stat_activity WHERE application_name = 'goloca'");
  }
  std::string rows() const { return server.query("SELECT count(*) FROM datapoint"); }

  /// A store on the table as it is after that statement.
  void alter(const std::string& sql) {
    server.query(sql);
    store.reset();
    store = prepared_store(settings_for(server));
  }
};

TEST_P(postgres_copy, takes_a_batch_of_new_points) {
  EXPECT_THAT(insert(1, 100), Each(outcome::stored));
  EXPECT_THAT(last_statement(), StartsWith("COPY"));
  EXPECT_EQ(rows(), "100");
}

TEST_P(postgres_copy, takes_a_large_batch_in_parts_of_which_each_counts_or_none) {
  constexpr std::size_t many = 3 * store::copy_rule::most_rows + 1;
  EXPECT_THAT(insert(1, many), Each(outcome::stored));
  EXPECT_THAT(last_statement(), StartsWith("COPY"));
  EXPECT_EQ(rows(), std::to_string(many));
  EXPECT_EQ(server.query("SELECT count(DISTINCT xmin::text) FROM datapoint"), "1") << "one transaction";
  EXPECT_EQ(server.query("SELECT count(DISTINCT cmin::text) FROM datapoint"), "4") << "of so many statements";
  server.query("DELETE FROM datapoint WHERE id < " + std::to_string(many));
  auto outcomes = insert(1, many); // the last part finds its id there, when the others are done
  EXPECT_EQ(std::ranges::count(outcomes, outcome::stored), static_cast<std::ptrdiff_t>(many) - 1);
  EXPECT_EQ(outcomes.back(), outcome::duplicate);
  EXPECT_EQ(rows(), std::to_string(many));
}

TEST_P(postgres_copy, is_not_used_for_a_lone_point) {
  EXPECT_THAT(insert(1, 1), Each(outcome::stored));
  EXPECT_THAT(last_statement(), StartsWith("INSERT"));
}

TEST_P(postgres_copy, falls_back_on_a_replay_and_is_tried_again_after_it) {
  insert(1, 1);
  auto outcomes = insert(1, 100);
  EXPECT_EQ(std::ranges::count(outcomes, outcome::stored), 99);
  EXPECT_EQ(outcomes[0], outcome::duplicate);
  EXPECT_EQ(rows(), "100");
  EXPECT_THAT(insert(101, 100), Each(outcome::stored));
  EXPECT_THAT(last_statement(), StartsWith("COPY"));
}

TEST_P(postgres_copy, rests_after_a_batch_that_was_sent_before) {
  insert(1, 500);
  EXPECT_THAT(insert(1, 500), Each(outcome::duplicate));
  EXPECT_THAT(insert(501, 500), Each(outcome::stored));
  EXPECT_THAT(last_statement(), StartsWith("INSERT"));
  EXPECT_EQ(rows(), "1000");
}

TEST_P(postgres_copy, leaves_it_to_the_insert_to_name_a_point_that_the_database_refuses) {
  alter("ALTER TABLE datapoint ADD CHECK (id <> 7)");
  auto outcomes = insert(1, 100);
  EXPECT_EQ(std::ranges::count(outcomes, outcome::stored), 99);
  EXPECT_EQ(outcomes[6], outcome::invalid);
}

TEST_P(postgres_copy, is_not_used_where_it_would_do_other_than_an_insert) {
  for (const std::string sql :
       {"ALTER TABLE datapoint ALTER COLUMN package_id TYPE BIGINT",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'; CREATE TRIGGER t BEFORE "
        "INSERT ON datapoint FOR EACH ROW EXECUTE FUNCTION keep(); ALTER TABLE datapoint ALTER COLUMN package_id TYPE "
        "SMALLINT"}) {
    alter(sql);
    server.query("TRUNCATE datapoint");
    EXPECT_THAT(insert(1, 100), Each(outcome::stored)) << sql;
    EXPECT_THAT(last_statement(), StartsWith("INSERT")) << sql;
  }
}

TEST_P(postgres_copy, serves_a_table_that_is_partitioned_by_its_ids) {
  alter("CREATE TABLE whole (LIKE datapoint INCLUDING ALL) PARTITION BY HASH (id); DROP TABLE datapoint; "
        "ALTER TABLE whole RENAME TO datapoint; "
        "CREATE TABLE even PARTITION OF datapoint FOR VALUES WITH (MODULUS 2, REMAINDER 0); "
        "CREATE TABLE odd PARTITION OF datapoint FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
  EXPECT_THAT(insert(1, 100), Each(outcome::stored));
  EXPECT_THAT(insert(1, 100), Each(outcome::duplicate));
  EXPECT_EQ(rows(), "100");
  EXPECT_NE(server.query("SELECT count(*) FROM even"), "0");
  EXPECT_NE(server.query("SELECT count(*) FROM odd"), "0");
}

TEST_P(postgres_copy, is_given_up_when_the_server_takes_none) {
  server.query("ALTER TABLE datapoint ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY; "
               "CREATE POLICY all_of_them ON datapoint USING (true) WITH CHECK (true); "
               "CREATE ROLE writer LOGIN; GRANT INSERT, SELECT ON datapoint TO writer");
  store.reset();
  store = prepared_store(settings_for(server, "user=writer"));
  EXPECT_THAT(insert(1, 100), Each(outcome::stored));
  server.query("ALTER TABLE datapoint DISABLE ROW LEVEL SECURITY");
  store.reset();
  store = prepared_store(settings_for(server, "user=writer"));
  server.query("ALTER TABLE datapoint ENABLE ROW LEVEL SECURITY"); // behind its back
  EXPECT_THAT(insert(101, 100), Each(outcome::stored));
  EXPECT_THAT(insert(201, 100), Each(outcome::stored));
  EXPECT_EQ(rows(), "300");
}

INSTANTIATE_TEST_SUITE_P(inserted, postgres_copy, test::both_inserts, test::name_of_insert);

} // namespace
