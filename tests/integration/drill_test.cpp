// `goloca drill` as the program it is: a few faults from one end to the other, what it leaves, and how it is
// interrupted.

#include "tests/support/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::HasSubstr;

/// A drill in a temporary folder of its own, so that what it leaves is seen.
struct a_drill : testing::Test {
  scratch_folder folder;
  std::string temporary = (folder.path() / "tmp").string();
  std::string into = (folder.path() / "into").string();

  a_drill() { std::filesystem::create_directory(temporary); }
  [[nodiscard]] child_process::options with(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "drill");
    return {.arguments = std::move(arguments), .variables = {{"TMPDIR", temporary}}};
  }
  [[nodiscard]] std::string text_of(const std::string& name) const {
    std::ifstream file{into + '/' + name};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
};

TEST_F(a_drill, kills_goloca_and_locks_its_file_and_finds_every_promise_kept) {
  std::filesystem::permissions(folder.path(), std::filesystem::perms::others_exec, std::filesystem::perm_options::add);
  child_process drill{goloca_binary(),
                      with({"--only", "^(goloca.killed/http/sqlite|sqlite.locked/websocket|postgres.crashed/http)",
                            "--into", into, "--json"})};
  ASSERT_EQ(drill.wait(150s), 0) << drill.out() << drill.err();
  auto said = json::parse(drill.out());
  EXPECT_EQ(said["kept"], true);
  ASSERT_EQ(said["runs"].size(), 3U);
  for (const auto& run : said["runs"]) {
    if (run["skipped"] != "") continue; // no PostgreSQL here
    EXPECT_GT(run["acked"], 100) << run["fault"];
    EXPECT_EQ(run["lost"], 0);
    EXPECT_EQ(run["doubled"], 0);
    EXPECT_EQ(run["altered"], 0);
    EXPECT_GT(run["outage_ms"], 100) << "it did happen: " << run["fault"];
    EXPECT_LE(run["recovery_ms"], 2'000);
  }
  EXPECT_EQ(json::parse(text_of("drill.json")), said);
  EXPECT_THAT(text_of("drill.html"), HasSubstr("goloca.killed/http/sqlite"));
  EXPECT_TRUE(std::filesystem::is_empty(temporary)) << "it left something behind";
}

TEST_F(a_drill, lists_its_runs) {
  child_process drill{goloca_binary(), with({"--list", "--only", "postgres.frozen/"})};
  EXPECT_EQ(drill.wait(), 0);
  EXPECT_THAT(drill.out(), HasSubstr("postgres.frozen/http/postgres: "));
  EXPECT_THAT(drill.out(), HasSubstr("postgres.frozen/websocket/postgres: "));
  EXPECT_THAT(drill.out(), ::testing::Not(HasSubstr("sqlite")));
}

TEST_F(a_drill, lists_its_runs_on_a_cluster) {
  child_process drill{goloca_binary(), with({"--cluster", "cluster.sh", "--list", "--only", "^link"})};
  EXPECT_EQ(drill.wait(), 0);
  EXPECT_THAT(drill.out(), HasSubstr("link.cut/websocket/postgres: "));
  EXPECT_THAT(drill.out(), ::testing::Not(HasSubstr("goloca.killed")));
}

TEST_F(a_drill, says_when_no_cluster_is_up) {
  auto script = temporary + "/cluster.sh";
  std::ofstream{script} << "#!/bin/sh\necho 'cluster: there is none'\nexit 1\n";
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  child_process drill{goloca_binary(), with({"--cluster", script})};
  EXPECT_EQ(drill.wait(), 64);
  EXPECT_THAT(drill.err(), HasSubstr("there is none"));
}

TEST_F(a_drill, says_when_there_is_no_such_run) {
  child_process none{goloca_binary(), with({"--only", "no such fault"})};
  EXPECT_EQ(none.wait(), 64);
  child_process wrong{goloca_binary(), with({"--only", "("})};
  EXPECT_EQ(wrong.wait(), 64);
  EXPECT_THAT(wrong.err(), HasSubstr("regular expression"));
}

TEST_F(a_drill, takes_everything_down_when_it_is_interrupted) {
  child_process drill{goloca_binary(), with({"--only", "goloca.frozen/.*/sqlite"})};
  auto under_way = [this] {
    std::error_code vanished; // a folder may while we look
    std::filesystem::recursive_directory_iterator at{temporary, vanished}, end;
    for (; !vanished && at != end; at.increment(vanished))
      if (at->path().filename() == "ledger") return true;
    return false;
  };
  ASSERT_TRUE(eventually(under_way, 60s)) << drill.err();
  drill.signal(SIGINT);
  EXPECT_EQ(drill.wait(60s), 130) << drill.err();
  EXPECT_TRUE(std::filesystem::is_empty(temporary));
}

} // namespace
