// Programs that the drill starts.

#include "net/client/drill/child.hpp"
#include "net/client/drill/local_call.hpp"
#include "net/client/drill/service.hpp"
#include "tests/support/eventually.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace goloca::net::drill;
using namespace std::chrono_literals;
using goloca::test::eventually;

struct a_child : testing::Test {
  workplace home;

  [[nodiscard]] child_options shell(const std::string& script) const {
    return {.arguments = {"-c", script}, .folder = home.path(), .log = home.path() / "log"};
  }
  [[nodiscard]] std::string log() const {
    std::ifstream file{home.path() / "log"};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
};

TEST_F(a_child, says_how_it_ended) {
  EXPECT_EQ(run_to_end("/bin/sh", shell("exit 7"), 20s), 7);
  EXPECT_EQ(run_to_end("/bin/sh", shell("kill -TERM $$"), 20s), 128 + SIGTERM);
  EXPECT_EQ(run_to_end("/no/such/program", shell(""), 20s), 127);
  EXPECT_EQ(describe_ending(7), "ended with exit code 7");
  EXPECT_EQ(describe_ending(128 + 9), "was ended by signal 9");
  EXPECT_EQ(describe_ending(std::nullopt), "does not end");
}

TEST_F(a_child, runs_in_its_folder_with_our_PATH_and_what_it_is_given_and_nothing_else) {
  ::setenv("DATABASE_URL", "secret", 1);
  auto with = shell("pwd; echo $GIVEN; test -n \"$PATH\" && test -z \"$DATABASE_URL\" && echo clean");
  with.variables = {{"GIVEN", "this"}};
  EXPECT_EQ(run_to_end("/bin/sh", with, 20s), 0);
  EXPECT_EQ(log(), home.path().string() + "\nthis\nclean\n");
  ::unsetenv("DATABASE_URL");
}

TEST_F(a_child, has_no_more_files_than_it_may) {
  auto with = shell("ulimit -n");
  with.max_files = 64;
  run_to_end("/bin/sh", with, 20s);
  EXPECT_EQ(log(), "64\n");
}

TEST_F(a_child, writes_its_log_although_we_have_more_files_open_than_it_may) {
  std::vector<std::ifstream> ours;
  for (int i = 0; i < 70; ++i) ours.emplace_back("/dev/null");
  auto with = shell("echo here");
  with.max_files = 64;
  EXPECT_EQ(run_to_end("/bin/sh", with, 20s), 0);
  EXPECT_EQ(log(), "here\n");
}

TEST_F(a_child, hears_what_is_written_to_it) {
  auto with = shell("read line; echo heard $line");
  with.piped_input = true;
  child one{"/bin/sh", with};
  one.write("this\n");
  EXPECT_EQ(one.wait(20s), 0);
  EXPECT_EQ(log(), "heard this\n");
}

TEST_F(a_child, does_not_outlive_its_owner_nor_the_thread_that_made_it) {
  pid_t pid = 0;
  {
    child one{"/bin/sh", shell("sleep 600")};
    pid = one.pid();
    EXPECT_EQ(::kill(pid, 0), 0);
  }
  EXPECT_EQ(::kill(pid, 0), -1);
  for (int nth = 0; nth < 20; ++nth) { // the thread ends as soon as it can
    std::unique_ptr<child> orphan;
    std::thread{[&] { orphan = std::make_unique<child>("/bin/sh", shell("sleep 600")); }}.join();
    EXPECT_EQ(orphan->wait(20s), 128 + SIGKILL);
  }
}

TEST_F(a_child, is_not_waited_for_by_whoever_is_asked_to_end) {
  child one{"/bin/sh", shell("sleep 600")};
  asked_to_end() = true;
  EXPECT_THROW(one.wait(600s), interrupted);
  asked_to_end() = false;
  EXPECT_EQ(one.wait(10ms), std::nullopt);
  EXPECT_THROW(run_to_end("/bin/sh", shell("sleep 600"), 10ms), drill_failure);
}

TEST(a_workplace, is_gone_with_what_is_in_it) {
  std::filesystem::path path;
  {
    workplace home;
    path = home.path();
    std::ofstream{path / "file"} << "text";
    EXPECT_TRUE(std::filesystem::exists(path));
  }
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST(a_local_call, is_over_when_nobody_answers) {
  EXPECT_FALSE(call(free_port(), "GET", "/readyz", {}, 200ms));
}

TEST(a_service_that_ends_by_itself, is_started_again_and_remembered) {
  workplace home;
  service one{"/bin/false", {}, home.path(), 0};
  one.start();
  EXPECT_TRUE(eventually([&] {
    one.look_after();
    return one.crashes().size() >= 2;
  }));
  EXPECT_EQ(one.crashes().front(), 1);
  one.kill();
  auto so_far = one.crashes().size();
  one.look_after();
  EXPECT_EQ(one.crashes().size(), so_far) << "now it is to be down";
}

} // namespace
