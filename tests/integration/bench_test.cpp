// `goloca bench` against `goloca serve`, both as the programs they are: every point is answered, counted once, and
// stands in the table.

#include "tests/support/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/ride_table.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;
using strings = std::vector<std::string>;

struct outcome {
  std::optional<int> code;
  std::string out;
  std::string err;
  [[nodiscard]] json report() const { return json::parse(out); }
};

outcome bench(const std::string& url, strings more) {
  strings arguments{"bench", url};
  arguments.insert(arguments.end(), more.begin(), more.end());
  child_process client{goloca_binary(), {.arguments = arguments}};
  auto code = client.wait(120s);
  return {code, client.out(), client.err()};
}

/// The lines of a file, each once.
std::set<std::string> lines_of(const std::string& file) {
  std::set<std::string> all;
  std::ifstream text{file};
  for (std::string line; std::getline(text, line);) EXPECT_TRUE(all.insert(line).second) << line << " comes twice";
  return all;
}

struct a_bench : ::testing::TestWithParam<std::string> {
  running_goloca service{goloca_binary()};
  scratch_folder folder;
  std::string acked_file = (folder.path() / "acked").string();

  /// 2,000 points over this way; the report.
  json run(strings more) {
    strings flags{"--via", GetParam(), "--json", "--acked", acked_file, "--duration", "60s", "--points", "2000"};
    flags.insert(flags.end(), more.begin(), more.end());
    auto ended = bench(service.url(), flags);
    EXPECT_EQ(ended.code, 0) << ended.err << ended.out;
    EXPECT_EQ(ended.err, "");
    return ended.report();
  }

  /// The acked ids are the table, no more and no less.
  void expect_the_table_to_be_the_acked_ids() {
    std::set<std::string> stored;
    for (const auto& [id, row] : rides_in_sqlite(service.sqlite_path())) stored.insert(id);
    EXPECT_EQ(lines_of(acked_file), stored);
  }
};

INSTANTIATE_TEST_SUITE_P(over, a_bench, ::testing::Values("websocket", "http"),
                         [](const auto& way) { return way.param; });

TEST_P(a_bench, has_every_point_acked_and_stored) {
  auto report = run({});
  EXPECT_EQ(report["sent"], 2'000);
  EXPECT_EQ(report["acked"], 2'000);
  EXPECT_EQ(report["duplicates"], 0);
  EXPECT_EQ(report["failed"], 0);
  EXPECT_EQ(report["unanswered"], 0);
  EXPECT_GT(report["rate"], 0);
  EXPECT_GT(report["cpu_seconds"], 0);
  EXPECT_LE(report["latency_ms"]["p50"], report["latency_ms"]["p99.9"]);
  EXPECT_LE(report["latency_ms"]["p99.9"], report["latency_ms"]["max"]);
  std::uint64_t in_histogram = 0, in_timeline = 0;
  for (const auto& [index, bucket] : report["histogram_ms"].items()) in_histogram += bucket.at(1).get<std::uint64_t>();
  for (const auto& [index, slot] : report["timeline_100ms"].items()) in_timeline += slot.get<std::uint64_t>();
  EXPECT_EQ(in_histogram, 2'000U);
  EXPECT_EQ(in_timeline, 2'000U);
  expect_the_table_to_be_the_acked_ids();
}

TEST_P(a_bench, sends_arrays) {
  auto report = run({"--array", "30", "--window", "4", "--connections", "3"});
  EXPECT_EQ(report["acked"], 2'000);
  EXPECT_EQ(report["sent"], 2'000);
  expect_the_table_to_be_the_acked_ids();
}

TEST_P(a_bench, sends_acked_points_again_as_duplicates) {
  for (const auto* array : {"1", "10"}) {
    auto report = run({"--replays", "0.2", "--array", array, "--connections", "2", "--window", "4"});
    EXPECT_EQ(report["sent"], 2'000);
    EXPECT_EQ(report["acked"].get<int>() + report["duplicates"].get<int>(), 2'000);
    EXPECT_NEAR(report["duplicates"].get<int>(), 400, 60) << array;
    EXPECT_EQ(lines_of(acked_file).size(), report["acked"].get<std::size_t>());
  }
}

TEST_P(a_bench, keeps_to_a_schedule) {
  auto report = run({"--rate", "4000", "--connections", "5"});
  EXPECT_EQ(report["acked"], 2'000);
  EXPECT_EQ(report["behind"], 0);
  EXPECT_GE(report["seconds"], 0.499) << "the last one is due at 499.75 ms";
  expect_the_table_to_be_the_acked_ids();
}

TEST_P(a_bench, pipelines_as_far_as_it_is_told) {
  EXPECT_EQ(run({"--window", "16", "--connections", "2"})["acked"], 2'000);
  expect_the_table_to_be_the_acked_ids();
}

TEST_P(a_bench, with_the_same_first_id_sends_the_same_points) {
  EXPECT_EQ(run({"--first-id", "1", "--connections", "1"})["acked"], 2'000);
  auto again = run({"--first-id", "1", "--connections", "1"});
  EXPECT_EQ(again["acked"], 0);
  EXPECT_EQ(again["duplicates"], 2'000);
  EXPECT_EQ(lines_of(acked_file).size(), 2'000U) << "they are stored, whoever stored them";
}

TEST_P(a_bench, does_not_count_the_warm_up) {
  auto ended = bench(service.url(), {"--via", GetParam(), "--json", "--warmup", "200ms", "--duration", "200ms",
                                     "--acked", acked_file, "--connections", "2", "--window", "1"});
  ASSERT_EQ(ended.code, 0) << ended.err;
  auto report = ended.report();
  EXPECT_GT(report["warmup"]["acked"], 0);
  EXPECT_GT(report["acked"], 0);
  EXPECT_EQ(lines_of(acked_file).size(),
            report["warmup"]["acked"].get<std::size_t>() + report["acked"].get<std::size_t>());
  expect_the_table_to_be_the_acked_ids();
}

TEST_P(a_bench, counts_refused_points_by_their_code_and_ends_with_1) {
  ASSERT_EQ(
      raw_client{service.port()}.post("/add_datapoint", R"({"id":"5","user_id":"x","vehicle_model_id":"1"})").status,
      201U);
  auto ended =
      bench(service.url(), {"--via", GetParam(), "--json", "--first-id", "1", "--connections", "1", "--points", "10"});
  EXPECT_EQ(ended.code, 1) << ended.err;
  auto report = ended.report();
  EXPECT_EQ(report["acked"], 9);
  EXPECT_EQ(report["failed_by_code"], (json{{"conflict", 1}}));
}

TEST_P(a_bench, ends_with_1_when_the_service_dies_and_keeps_what_was_acked) {
  child_process client{goloca_binary(),
                       {.arguments = {"bench", service.url(), "--via", GetParam(), "--json", "--acked", acked_file,
                                      "--duration", "60s"}}};
  ASSERT_TRUE(eventually([&] { return count_in_sqlite(service.sqlite_path()) >= 500; }, 60s)) << client.err();
  service.kill();
  ASSERT_EQ(client.wait(60s), 1) << "at once: nothing is left to send on";
  auto report = json::parse(client.out());
  EXPECT_GT(report["unanswered"], 0);
  EXPECT_EQ(report["sent"].get<std::uint64_t>(),
            report["acked"].get<std::uint64_t>() + report["unanswered"].get<std::uint64_t>());
  EXPECT_NE(client.err().find("connections broke"), std::string::npos) << client.err();
  service.start();
  std::set<std::string> stored;
  for (const auto& [id, row] : rides_in_sqlite(service.sqlite_path())) stored.insert(id);
  for (const auto& id : lines_of(acked_file)) ASSERT_TRUE(stored.contains(id)) << id;
}

TEST_P(a_bench, reports_in_words_unless_told_otherwise) {
  auto ended = bench(service.url(), {"--via", GetParam(), "--points", "100"});
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_NE(ended.out.find("sent 100, acked 100, duplicates 0, failed 0, unanswered 0"), std::string::npos)
      << ended.out;
  EXPECT_NE(ended.out.find("p99.9"), std::string::npos) << ended.out;
}

TEST(a_bench_without_a_service, ends_with_69) {
  auto url = "http://127.0.0.1:" + std::to_string(free_port());
  for (const auto* via : {"websocket", "http"}) {
    auto ended = bench(url, {"--via", via, "--json"});
    EXPECT_EQ(ended.code, 69);
    EXPECT_NE(ended.err.find("refused"), std::string::npos) << ended.err;
    EXPECT_EQ(ended.out, "");
  }
}

TEST(a_bench_without_a_service, ends_with_64_when_it_cannot_be_meant) {
  scratch_folder folder;
  EXPECT_EQ(bench("https://127.0.0.1:1", {}).code, 64);
  EXPECT_EQ(bench("http://127.0.0.1:1", {"--acked", (folder.path() / "no" / "file").string()}).code, 64);
}

/// With one I/O thread the actors run on it, with more on one of their own.
TEST(a_service, carries_a_load_and_drains_with_any_number_of_io_threads) {
  for (const std::string threads : {"1", "3"}) {
    running_goloca service{goloca_binary(), {{"IO_THREADS", threads}}};
    for (const std::string way : {"websocket", "http"}) {
      auto ended = bench(service.url(), {"--via", way, "--json", "--duration", "60s", "--points", "2000"});
      ASSERT_EQ(ended.code, 0) << threads << way << ended.err;
      EXPECT_EQ(ended.report()["acked"], 2'000);
    }
    EXPECT_EQ(count_in_sqlite(service.sqlite_path()), 4'000);
    service.terminate();
    EXPECT_EQ(service.wait(), 0);
    EXPECT_NE(service.log().find("4000 points received: 4000 stored"), std::string::npos) << service.log();
  }
}

} // namespace
