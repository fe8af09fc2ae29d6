// What only SQLite has: its file, its lock, its levels of synchronous.

#include "store/open_store.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <filesystem>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using store::error_kind;
using store::outcome;
using test::error;
using test::rides;
using test::value;
using testing::ElementsAre;
using testing::HasSubstr;
using steady = std::chrono::steady_clock;

struct sqlite_store : testing::Test {
  test::scratch_folder folder;
  std::string path = (folder.path() / "points.db").string();

  [[nodiscard]] store::store_settings settings() const {
    store::store_settings made;
    made.sqlite_path = path;
    made.statement_timeout = 2s;
    return made;
  }
  std::unique_ptr<store::data_point_store> prepared() const { return prepared(settings()); }
  static std::unique_ptr<store::data_point_store> prepared(const store::store_settings& with) {
    auto opened = value(open_store(with, store::rides_schema()));
    value(opened->prepare());
    return opened;
  }
  void expect_it_serves() const {
    EXPECT_THAT(value(prepared()->insert(rides(1'000'000, 1).views())).outcomes,
                ElementsAre(testing::AnyOf(outcome::stored, outcome::duplicate)));
  }
};

/// The file as another program sees it, the sqlite3 shell say.
struct other_program {
  explicit other_program(const std::string& path) { sqlite3_open(path.c_str(), &database); }
  ~other_program() { sqlite3_close(database); }
  other_program(const other_program&) = delete;
  other_program& operator=(const other_program&) = delete;

  void run(const std::string& sql) const {
    ASSERT_EQ(sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(database);
  }
  [[nodiscard]] int count() const {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v2(database, "SELECT count(*) FROM datapoint", -1, &statement, nullptr);
    int rows = sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int(statement, 0) : -1;
    sqlite3_finalize(statement);
    return rows;
  }
  sqlite3* database = nullptr;
};

TEST_F(sqlite_store, states_what_makes_it_durable) {
  auto store = value(open_store(settings(), store::rides_schema()));
  EXPECT_THAT(value(store->prepare()).statement, HasSubstr("journal_mode=WAL, synchronous=FULL"));
}

TEST_F(sqlite_store, refuses_weak_levels_of_synchronous_unless_allowed) {
  for (const auto* level : {"off", "normal"}) {
    auto weak = settings();
    weak.sqlite_synchronous = level;
    auto refused = error(value(open_store(weak, store::rides_schema()))->prepare());
    EXPECT_EQ(refused.kind, error_kind::unfit);
    EXPECT_THAT(refused.message, HasSubstr("SQLITE_SYNCHRONOUS"));
    weak.allow_weak_durability = true;
    auto store = value(open_store(weak, store::rides_schema()));
    auto promise = value(store->prepare());
    EXPECT_FALSE(promise.full);
    EXPECT_THAT(promise.statement, HasSubstr("weak"));
  }
  auto extra = settings();
  extra.sqlite_synchronous = "extra";
  EXPECT_NO_THROW(prepared(extra));
}

TEST_F(sqlite_store, refuses_a_second_goloca_by_any_name_of_the_file_until_the_first_is_gone) {
  auto first = prepared();
  auto refused = error(open_store(settings(), store::rides_schema()));
  EXPECT_EQ(refused.kind, error_kind::unavailable);
  EXPECT_THAT(refused.message, HasSubstr(path + ".lock"));
  auto link = settings();
  link.sqlite_path = (folder.path() / "link.db").string();
  std::filesystem::create_symlink(path, link.sqlite_path);
  EXPECT_EQ(error(open_store(link, store::rides_schema())).kind, error_kind::unavailable);
  first.reset();
  expect_it_serves();
}

TEST_F(sqlite_store, keeps_what_a_killed_process_had_stored_and_the_lock_dies_with_it) {
  auto child = ::fork();
  if (child == 0) {
    auto store = prepared();
    bool stored = value(store->insert(rides(1, 50).views())).outcomes[49] == outcome::stored;
    if (stored) ::raise(SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_THAT(value(prepared()->insert(rides(1, 50).views())).outcomes, testing::Each(outcome::duplicate));
}

TEST_F(sqlite_store, lets_other_programs_read_while_it_writes) {
  auto store = prepared();
  value(store->insert(rides(1, 10).views()));
  other_program reader{path};
  reader.run("BEGIN");
  EXPECT_EQ(reader.count(), 10);
  EXPECT_THAT(value(store->insert(rides(11, 10).views())).outcomes, testing::Each(outcome::stored));
  EXPECT_EQ(reader.count(), 10); // a transaction sees one state
  reader.run("COMMIT");
  EXPECT_EQ(reader.count(), 20);
}

TEST_F(sqlite_store, gives_up_in_time_while_another_program_is_writing) {
  auto impatient = settings();
  impatient.statement_timeout = 200ms;
  auto store = prepared(impatient);
  other_program writer{path};
  writer.run("BEGIN IMMEDIATE");
  auto started = steady::now();
  auto lost = error(store->insert(rides(1, 2).views()));
  EXPECT_EQ(lost.kind, error_kind::unavailable);
  EXPECT_GE(steady::now() - started, 200ms);
  EXPECT_EQ(store->probe().value().kind, error_kind::unavailable);
  EXPECT_LT(steady::now() - started, 5s);
  writer.run("ROLLBACK");
  store.reset();
  expect_it_serves();
}

TEST_F(sqlite_store, ends_a_statement_that_would_run_for_ever) {
  prepared();
  other_program(path).run(
      "CREATE TRIGGER slow AFTER INSERT ON datapoint BEGIN SELECT count(*) FROM (WITH RECURSIVE c (x) AS "
      "(SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c); END");
  auto impatient = settings();
  impatient.statement_timeout = 200ms;
  auto store = prepared(impatient);
  auto started = steady::now();
  auto lost = error(store->insert(rides(1, 2).views()));
  EXPECT_EQ(lost.kind, error_kind::unavailable);
  EXPECT_EQ(lost.sqlstate, "57014");
  EXPECT_LT(steady::now() - started, 5s);
  store.reset();
  other_program(path).run("DROP TRIGGER slow");
  EXPECT_EQ(other_program(path).count(), 0); // nothing half there
  expect_it_serves();
}

TEST_F(sqlite_store, acknowledges_nothing_into_a_file_that_was_removed_or_replaced) {
  for (bool replace : {false, true}) {
    auto store = prepared();
    value(store->insert(rides(1, 1).views()));
    for (const auto* end : {"", "-wal", "-shm"}) std::filesystem::remove(path + end);
    if (replace) other_program(path).run("CREATE TABLE something (x)");
    EXPECT_EQ(error(store->insert(rides(2, 1).views())).kind, error_kind::unavailable);
    EXPECT_EQ(store->probe().value().kind, error_kind::unavailable);
    EXPECT_EQ(error(store->find(1)).kind, error_kind::unavailable);
    store.reset();
    expect_it_serves();
  }
}

TEST_F(sqlite_store, is_unavailable_on_a_full_disk_and_keeps_nothing_half) {
  auto store = prepared();
  value(store->insert(rides(1, 10).views()));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit full{256UL * 1024, before.rlim_max}; // of any one file
  ::setrlimit(RLIMIT_FSIZE, &full);
  auto done = store->insert(rides(100, 20'000).views());
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(error(std::move(done)).kind, error_kind::unavailable);
  store.reset();
  EXPECT_EQ(other_program(path).count(), 10);
  expect_it_serves();
}

TEST_F(sqlite_store, takes_back_the_whole_batch_when_a_trigger_rolls_it_back) {
  prepared();
  other_program(path).run(
      "CREATE TRIGGER no AFTER INSERT ON datapoint WHEN NEW.id = 2 BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
  EXPECT_EQ(error(prepared()->insert(rides(1, 3).views())).kind, error_kind::unknown);
  EXPECT_EQ(other_program(path).count(), 0);
  other_program(path).run("DROP TRIGGER no");
  expect_it_serves();
}

TEST_F(sqlite_store, refuses_what_is_no_database) {
  path = folder.write("points.db",
                      "This is a letter, and it is long enough not to be taken for an empty database file at all.");
  auto refused = error(open_store(settings(), store::rides_schema()));
  EXPECT_EQ(refused.kind, error_kind::unfit);
  EXPECT_THAT(refused.message, HasSubstr(path));
}

TEST_F(sqlite_store, is_unavailable_where_the_folder_is_not_there) {
  auto elsewhere = settings();
  elsewhere.sqlite_path = (folder.path() / "missing/points.db").string();
  auto refused = error(open_store(elsewhere, store::rides_schema()));
  EXPECT_EQ(refused.kind, error_kind::unavailable);
  EXPECT_THAT(refused.message, HasSubstr("missing/points.db"));
}

TEST_F(sqlite_store, takes_a_table_whose_columns_are_spelled_in_another_case) {
  other_program(path).run(
      "CREATE TABLE \"Reading\" (ID INTEGER PRIMARY KEY, Sensor TEXT, Value REAL, Taken_At BIGINT, Quality "
      "SMALLINT, Count INTEGER, Note TEXT, \"SELECT\" BOOLEAN)");
  auto store = value(open_store(settings(), test::sensor_schema()));
  EXPECT_NO_THROW(value(store->prepare()));
}

} // namespace
