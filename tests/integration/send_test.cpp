// `goloca send` against `goloca serve`, both as the programs they are, on both stores: the real rides, and what happens
// when the service or the database goes away in the middle.

#include "tests/support/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/ride_table.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/temporary_postgres.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <atomic>
#include <fstream>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;

const std::string rides_path = GOLOCA_SOURCE_DIR "/../shared/data/rides.csv";

// -- a service on each store, and its table as it is in the database ----------------------------------

struct world {
  virtual ~world() = default;
  virtual running_goloca& service() = 0;
  virtual ride_table stored() = 0;
  virtual std::uint64_t count() = 0;
};

struct sqlite_world final : world {
  running_goloca goloca{goloca_binary()};
  running_goloca& service() override { return goloca; }
  ride_table stored() override { return rides_in_sqlite(goloca.sqlite_path()); }
  std::uint64_t count() override { return count_in_sqlite(goloca.sqlite_path()); }
};

struct postgres_world final : world {
  temporary_postgres server;
  running_goloca goloca{goloca_binary(), {{"STORE", "postgres"}, {"DATABASE_URL", server.conninfo()}}};
  running_goloca& service() override { return goloca; }
  ride_table stored() override { return rides_in_postgres(server.conninfo()); }
  std::uint64_t count() override { return std::stoull(server.query("SELECT count(*) FROM datapoint")); }
};

// -- sending -------------------------------------------------------------------------------------------

struct outcome {
  std::optional<int> code;
  std::string out;
  std::string err;
};

child_process::options send_options(running_goloca& to, const std::string& file, const std::string& via,
                                    std::vector<std::string> more = {}) {
  std::vector<std::string> arguments{"send", file, "--to", to.url(), "--via", via};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return {.arguments = arguments, .variables = {}, .folder = {}, .piped_input = file == "-"};
}

outcome send(running_goloca& to, const std::string& file, const std::string& via, std::vector<std::string> more = {}) {
  child_process sender{goloca_binary(), send_options(to, file, via, std::move(more))};
  auto code = sender.wait(120s);
  return {code, sender.out(), sender.err()};
}

/// A minute: goloca starts, or PostgreSQL recovers, in the middle of it.
template <class Condition>
bool comes_true(Condition holds) {
  return eventually(holds, 60s);
}

/// A `goloca send -` whose input goes on until it is told to end: whatever happens meanwhile happens in the middle.
class endless_send {
public:
  endless_send(running_goloca& to, const std::string& via)
      : sender_{goloca_binary(), send_options(to, "-", via, {"--window", "1000"})}, writer_{[this] { write(); }} {}
  ~endless_send() {
    enough_ = true;
    sender_.signal(SIGKILL); // nothing, when finish() was called
    if (writer_.joinable()) writer_.join();
  }
  endless_send(const endless_send&) = delete;
  endless_send& operator=(const endless_send&) = delete;

  outcome finish() {
    enough_ = true;
    writer_.join();
    sender_.close_input();
    auto code = sender_.wait(120s);
    return {code, sender_.out(), sender_.err()};
  }
  [[nodiscard]] std::uint64_t written() const { return written_; }

private:
  void write() {
    sender_.write_input("id,user_id,vehicle_model_id,from_date,from_lat\n");
    while (!enough_) {
      std::string lines;
      for (int i = 0; i < 100; ++i) {
        auto id = std::to_string(++written_);
        lines += id + ",u" + id + ",12,1/1/2013 9:30,12.5\n";
      }
      if (!sender_.write_input(lines)) return;
    }
  }

  child_process sender_;
  std::atomic<bool> enough_{false};
  std::atomic<std::uint64_t> written_{0};
  std::thread writer_; // last: it uses all above
};

struct parameters {
  bool postgres;
  std::string via;
};

struct sending : testing::TestWithParam<parameters> {
  std::unique_ptr<world> made = make();
  running_goloca& service = made->service();

  static std::unique_ptr<world> make() {
    if (GetParam().postgres) return std::make_unique<postgres_world>();
    return std::make_unique<sqlite_world>();
  }
  void expect_every_point_once(const outcome& done, std::uint64_t points) {
    EXPECT_EQ(done.code, 0) << done.err << service.log();
    EXPECT_NE(done.out.find(" 0 refused in "), std::string::npos) << done.out;
    EXPECT_TRUE(done.out.starts_with(std::to_string(points) + " sent: ")) << done.out;
    EXPECT_EQ(made->count(), points); // ids are the primary key: as many rows as points are all of them, once
  }
  static bool without_rides() { return !std::ifstream{rides_path}; }
};

/// What SQLite has no server for.
struct sending_to_postgres : sending {};

const auto to_sqlite = testing::Values(parameters{false, "http"}, parameters{false, "websocket"});
const auto to_postgres = testing::Values(parameters{true, "http"}, parameters{true, "websocket"});

std::string name_of(const testing::TestParamInfo<parameters>& test) {
  return (test.param.postgres ? "postgres_over_" : "sqlite_over_") + test.param.via;
}

INSTANTIATE_TEST_SUITE_P(sqlite, sending, to_sqlite, name_of);
INSTANTIATE_TEST_SUITE_P(postgres, sending, to_postgres, name_of);
INSTANTIATE_TEST_SUITE_P(postgres, sending_to_postgres, to_postgres, name_of);

TEST_P(sending, stores_the_real_rides_column_by_column_and_again_only_duplicates) {
  if (without_rides()) GTEST_SKIP() << rides_path << " is not here";
  auto expected = rides_of_csv(rides_path);
  ASSERT_EQ(expected.size(), 1000u);

  auto first = send(service, rides_path, GetParam().via);
  EXPECT_EQ(first.code, 0) << first.err << service.log();
  EXPECT_TRUE(first.out.starts_with("1000 sent: 1000 stored, 0 duplicates, 0 refused in ")) << first.out;
  auto stored = made->stored();
  EXPECT_EQ(stored.size(), expected.size());
  for (const auto& [id, columns] : expected) {
    ASSERT_TRUE(stored.contains(id)) << id;
    for (const auto& [column, value] : columns) EXPECT_EQ(stored[id][column], value) << id << ' ' << column;
    EXPECT_EQ(stored[id].size(), columns.size());
  }

  auto second = send(service, rides_path, GetParam().via);
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_TRUE(second.out.starts_with("1000 sent: 0 stored, 1000 duplicates, 0 refused in ")) << second.out;
  EXPECT_EQ(made->stored(), stored);
}

TEST_P(sending, keeps_what_was_refused_with_its_reason_and_stores_the_rest) {
  scratch_folder folder;
  auto file = folder.write("rides.csv", "id,user_id,vehicle_model_id,from_lat\n"
                                        "1,u,12,12.5\n"
                                        "2,u,12,91\n"
                                        "3,u\n"
                                        "1,u,12,13.5\n"
                                        "5,,12,12.5\n"
                                        "6,u,12,NULL\n");
  auto rejects = (folder.path() / "rejects").string();
  auto done = send(service, file, GetParam().via, {"--rejects", rejects, "--batch", "1", "--window", "1"});
  EXPECT_EQ(done.code, 1) << done.err;
  EXPECT_TRUE(done.out.starts_with("6 sent: 2 stored, 0 duplicates, 4 refused")) << done.out;
  std::map<int, json> by_line;
  std::ifstream lines{rejects};
  for (std::string line; std::getline(lines, line);) {
    auto one = json::parse(line);
    by_line[one["line"]] = one;
  }
  ASSERT_EQ(by_line.size(), 4u);
  EXPECT_EQ(by_line[3]["code"], "invalid");
  EXPECT_NE(by_line[3]["error"].get<std::string>().find("from_lat"), std::string::npos) << by_line[3];
  EXPECT_EQ(by_line[3]["point"]["id"], "2");
  EXPECT_EQ(by_line[4]["code"], "unreadable");
  EXPECT_EQ(by_line[5]["code"], "conflict");
  EXPECT_EQ(by_line[6]["code"], "invalid");
  auto stored = made->stored();
  EXPECT_EQ(stored.size(), 2u);
  EXPECT_EQ(stored["1"]["from_lat"], "12.5") << "the stored row stays";
}

TEST_P(sending, goes_on_when_the_service_is_terminated_and_started_again) {
  endless_send endless{service, GetParam().via};
  ASSERT_TRUE(comes_true([&] { return made->count() > 500; })) << service.log();
  service.terminate();
  EXPECT_EQ(service.wait(), 0) << service.log();
  auto before = made->count();
  service.start();
  ASSERT_TRUE(comes_true([&] { return made->count() > before + 500; })) << service.log();
  auto done = endless.finish();
  expect_every_point_once(done, endless.written());
}

TEST_P(sending, goes_on_when_the_service_is_killed_and_started_again) {
  endless_send endless{service, GetParam().via};
  ASSERT_TRUE(comes_true([&] { return made->count() > 500; })) << service.log();
  service.kill();
  auto before = made->count();
  service.start();
  ASSERT_TRUE(comes_true([&] { return made->count() > before + 500; })) << service.log();
  auto done = endless.finish();
  expect_every_point_once(done, endless.written());
}

TEST_P(sending_to_postgres, goes_on_when_postgresql_is_restarted_or_crashes) {
  auto& server = static_cast<postgres_world&>(*made).server;
  endless_send endless{service, GetParam().via};
  for (auto crash : {false, true}) {
    auto before = made->count();
    ASSERT_TRUE(comes_true([&] { return made->count() > before + 500; })) << service.log();
    crash ? server.crash() : server.stop();
    server.start();
    before = made->count();
    ASSERT_TRUE(comes_true([&] { return made->count() > before + 500; })) << service.log();
  }
  auto done = endless.finish();
  expect_every_point_once(done, endless.written());
}

} // namespace
