// `goloca send --ledger` and `goloca verify`, as the programs they are, over a service that is killed in the middle and
// a table that somebody then meddles with.

#include "tests/support/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/ride_table.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/temporary_postgres.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <fstream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

struct outcome {
  std::optional<int> code;
  std::string out;
  std::string err;
};

outcome run(std::vector<std::string> arguments, environment variables = {}) {
  child_process one{goloca_binary(), {.arguments = std::move(arguments), .variables = std::move(variables)}};
  auto code = one.wait(120s);
  return {code, one.out(), one.err()};
}

/// Points with ids from 1 on, and as many without.
std::string points(int count) {
  std::string lines;
  for (int i = 1; i <= count; ++i) {
    auto n = std::to_string(i);
    lines += R"({"id":")" + n + R"(","user_id":"u)" + n + R"(","vehicle_model_id":12,"from_lat":12.5})" + '\n';
    lines += R"({"user_id":"w)" + n + R"(","vehicle_model_id":"12"})" + '\n';
  }
  return lines;
}

struct a_ledger_of_a_killed_service : testing::TestWithParam<std::string> {
  scratch_folder folder;
  std::string ledger = (folder.path() / "ledger").string();
  running_goloca service{goloca_binary()};

  [[nodiscard]] std::vector<std::string> sending(const std::string& file) const {
    return {"send", file, "--to", service.url(), "--via", GetParam(), "--ledger", ledger, "--batch", "50"};
  }
  [[nodiscard]] outcome ask_service() const { return run({"verify", "--ledger", ledger, "--from", service.url()}); }
  [[nodiscard]] outcome read_store(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"verify", "--ledger", ledger, "--sqlite-path", service.sqlite_path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  void meddle(const char* sql) const {
    sqlite3* table = nullptr;
    ASSERT_EQ(sqlite3_open(service.sqlite_path().c_str(), &table), SQLITE_OK);
    sqlite3_busy_timeout(table, 10'000);
    EXPECT_EQ(sqlite3_exec(table, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(table);
    sqlite3_close(table);
  }
};

INSTANTIATE_TEST_SUITE_P(over, a_ledger_of_a_killed_service, testing::Values("http", "websocket"),
                         [](const auto& way) { return way.param; });

TEST_P(a_ledger_of_a_killed_service, is_kept_after_the_sending_is_resumed_and_shows_what_is_meddled_with) {
  constexpr int half = 3'000;
  auto file = folder.write("points", points(half));
  {
    child_process sender{goloca_binary(), {.arguments = sending(file)}};
    // More than are on their way at once: the first of them have their answers by then.
    ASSERT_TRUE(eventually([&] { return count_in_sqlite(service.sqlite_path()) > 1'500; }, 60s)) << sender.err();
    service.kill();
    sender.signal(SIGKILL);
    ASSERT_TRUE(sender.wait());
  }
  ASSERT_LT(count_in_sqlite(service.sqlite_path()), 2U * half) << "it was to be killed in the middle";
  EXPECT_EQ(read_store().code, 0) << "what was acked is there, also while nobody serves";
  EXPECT_EQ(run({"verify", "--ledger", ledger, "--from", "http://127.0.0.1:1"}).code, 69);

  service.start();
  auto resumed = run(sending(file));
  EXPECT_EQ(resumed.code, 0) << resumed.err << service.log();
  EXPECT_THAT(resumed.out, HasSubstr("were acknowledged before"));
  EXPECT_EQ(count_in_sqlite(service.sqlite_path()), 2U * half) << "each once, also those without id";
  for (const auto& verdict : {ask_service(), read_store(), read_store({"--all"})}) {
    EXPECT_EQ(verdict.code, 0) << verdict.out << verdict.err;
    EXPECT_THAT(verdict.out, HasSubstr("6,000  acked, present once and unaltered\n"));
    EXPECT_THAT(verdict.out, HasSubstr(" 0  lost"));
    EXPECT_THAT(verdict.out, HasSubstr(" 0  altered"));
  }

  meddle("DELETE FROM datapoint WHERE id = 17");
  meddle("UPDATE datapoint SET from_lat = 12.25 WHERE id = 18");
  meddle("INSERT INTO datapoint (id, user_id, vehicle_model_id) VALUES (9000000, 'x', 'y')");
  for (const auto& verdict : {ask_service(), read_store()}) {
    EXPECT_EQ(verdict.code, 1) << verdict.out << verdict.err;
    EXPECT_THAT(verdict.out, HasSubstr(" 1  lost: acked, but not there: 17\n"));
    EXPECT_THAT(verdict.out, HasSubstr(" 1  altered: there, with another content: 18\n"));
  }
  auto all = read_store({"--all", "--json"});
  EXPECT_EQ(all.code, 1) << all.err;
  auto read = json::parse(all.out);
  EXPECT_EQ(read["kept_promise"], false);
  EXPECT_EQ(read["kept"]["count"], 2 * half - 2);
  EXPECT_EQ(read["lost"]["ids"], json::array({"17"}));
  EXPECT_EQ(read["altered"]["ids"], json::array({"18"}));
  EXPECT_EQ(read["never_sent"], (json{{"count", 1}, {"ids", {"9000000"}}}));
}

// -- the real rides, and PostgreSQL ------------------------------------------------------------------------

const std::string rides_path = GOLOCA_SOURCE_DIR "/../shared/data/rides.csv";

/// The rides that are sent: the real ones where they are, else some of our own.
std::pair<std::string, std::size_t> rides_file(const scratch_folder& folder) {
  std::ifstream there{rides_path};
  if (!there) return {folder.write("points", points(500)), 1'000};
  return {rides_path, rides_of_csv(rides_path).size()};
}

TEST(a_ledger_of_the_rides, is_kept_by_either_store_and_shows_what_is_lost) {
  scratch_folder folder;
  auto [file, count] = rides_file(folder);
  temporary_postgres server;
  environment in_postgres{{"STORE", "postgres"}, {"DATABASE_URL", server.conninfo()}};
  for (bool postgres : {false, true}) {
    SCOPED_TRACE(postgres ? "PostgreSQL" : "SQLite");
    running_goloca service{goloca_binary(), postgres ? in_postgres : environment{}};
    auto ledger = (folder.path() / (postgres ? "of_postgres" : "of_sqlite")).string();
    auto sent = run({"send", file, "--to", service.url(), "--ledger", ledger});
    ASSERT_EQ(sent.code, 0) << sent.err << service.log();
    auto store = postgres ? in_postgres : environment{{"SQLITE_PATH", service.sqlite_path()}};
    auto look = [&](std::vector<std::string> more = {}) {
      std::vector<std::string> arguments{"verify", "--ledger", ledger, "--json"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return run(arguments, store);
    };
    for (const auto& verdict : {look(), look({"--all"}), look({"--from", service.url()})}) {
      ASSERT_EQ(verdict.code, 0) << verdict.out << verdict.err;
      EXPECT_EQ(json::parse(verdict.out)["kept"]["count"], count) << verdict.out;
    }
    if (!postgres) continue;
    auto lost = server.query("DELETE FROM datapoint WHERE id = (SELECT max(id) FROM datapoint) RETURNING id");
    auto altered = server.query("UPDATE datapoint SET vehicle_model_id = 'another' WHERE id = (SELECT min(id) FROM "
                                "datapoint) RETURNING id");
    auto broken = look();
    EXPECT_EQ(broken.code, 1) << broken.out << broken.err;
    EXPECT_EQ(json::parse(broken.out)["lost"]["ids"], json::array({lost}));
    EXPECT_EQ(json::parse(broken.out)["altered"]["ids"], json::array({altered}));
  }
}

TEST(a_ledger_of_a_sending, stays_with_its_points_when_nothing_is_to_be_sent) {
  scratch_folder folder;
  running_goloca service{goloca_binary()};
  auto file = folder.write("points", points(10));
  auto ledger = (folder.path() / "ledger").string();
  std::vector<std::string> send{"send", file, "--to", service.url(), "--ledger", ledger, "--ledger-sync"};
  EXPECT_THAT(run(send).out, HasSubstr("20 sent: 20 stored"));
  auto again = run(send);
  EXPECT_EQ(again.code, 0) << again.err;
  EXPECT_THAT(again.out, HasSubstr("0 sent: "));
  EXPECT_THAT(again.out, HasSubstr("20 more were acknowledged before"));
}

TEST(a_ledger_of_a_sending, is_not_found_where_it_is_not) {
  scratch_folder folder;
  auto absent = (folder.path() / "absent").string();
  EXPECT_EQ(run({"verify", "--ledger", absent}).code, 64);
  EXPECT_EQ(run({"verify"}).code, 64);
  auto none = folder.write("none", "no ledger\n");
  EXPECT_EQ(run({"verify", "--ledger", none}).code, 64);
  EXPECT_EQ(run({"send", none, "--ledger", none}).code, 64) << "not over the points";
  auto empty = folder.write("empty", "");
  EXPECT_EQ(run({"verify", "--ledger", empty, "--sqlite-path", absent}).code, 69);
  EXPECT_EQ(run({"verify", "--ledger", empty, "--from", "http://127.0.0.1:1", "--all"}).code, 64);
  EXPECT_EQ(run({"verify", "--ledger", empty, "--from", "ftp://127.0.0.1"}).code, 64);
}

} // namespace
