// The binary as a person calls it: what it prints, where, and with which exit code. Nothing here listens.

#include "setting.hpp"
#include "tests/support/child_process.hpp"
#include "tests/support/scratch_folder.hpp"
#include "version.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>

#include <sys/wait.h>

namespace {

using goloca::test::scratch_folder;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

struct ending {
  int code;
  std::string out, err;
  [[nodiscard]] std::string all() const { return out + err; }
};

/// In a folder of its own, with an empty environment but for what a test puts there.
struct the_command_line : ::testing::Test {
  scratch_folder folder;

  ending run(const std::string& arguments, const std::string& environment = "") const {
    auto file = [&](const char* name) { return (folder.path() / name).string(); };
    auto command = "cd '" + folder.path().string() + "' && env -i " + environment + " '" +
                   goloca::test::goloca_binary() + "' " + arguments + " >'" + file("out") + "' 2>'" + file("err") +
                   "' </dev/null";
    int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, read("out"), read("err")};
  }

  [[nodiscard]] std::string read(const std::string& name) const {
    std::ostringstream text;
    text << std::ifstream{folder.path() / name}.rdbuf();
    return text.str();
  }
};

TEST_F(the_command_line, prints_its_version) {
  for (auto arguments : {"version", "--version"}) {
    auto ended = run(arguments);
    EXPECT_EQ(ended.code, 0);
    EXPECT_EQ(ended.out, std::string{"goloca "} + goloca::version + '\n');
  }
}

TEST_F(the_command_line, explains_itself) {
  auto ended = run("--help");
  EXPECT_EQ(ended.code, 0);
  for (auto command : {"serve", "send", "verify", "bench", "check-config", "schema", "version"})
    EXPECT_THAT(ended.out, HasSubstr(command));
  EXPECT_EQ(run("send --help").code, 0);
  EXPECT_EQ(run("bench --help").code, 0);
}

TEST_F(the_command_line, lists_every_setting_as_a_flag_of_serve) {
  auto ended = run("serve --help");
  EXPECT_EQ(ended.code, 0);
  for (const auto& one : goloca::declared_settings()) EXPECT_THAT(ended.out, HasSubstr(one.flag()));
}

TEST_F(the_command_line, ends_with_64_when_it_is_not_understood) {
  for (auto arguments :
       {"sevre", "--colour red", "serve --colour=red", "send", "send a b", "send a --via pigeon", "send a --window 0",
        "send a --batch x", "send a --give-up-after 0", "send a --give-up-after soon", "--port", "--port 1 --port 2",
        "version 1", "serve check-config", "--port 1 send a", "check-config --config"}) {
    auto ended = run(arguments);
    EXPECT_EQ(ended.code, 64) << arguments << '\n' << ended.err;
    EXPECT_NE(ended.err, "") << arguments;
    EXPECT_EQ(ended.out, "") << arguments;
  }
}

TEST_F(the_command_line, ends_with_64_when_a_bench_is_not_understood) {
  const std::string bench = "bench http://127.0.0.1:1";
  EXPECT_EQ(run(bench).code, 69) << "nothing listens";
  for (auto arguments :
       {" b", " --via pigeon", " --window 0", " --array 0", " --rate -1", " --rate x", " --replays 2", " --duration 0",
        " --duration soon", " --duration 25h", " --warmup x", " --points 0", " --first-id 0",
        " --first-id 4611686018427387905", " --connections x", " --rats 5", " --acked", " --acked no/such/folder"}) {
    auto ended = run(bench + arguments);
    EXPECT_EQ(ended.code, 64) << arguments << '\n' << ended.err;
    EXPECT_NE(ended.err, "") << arguments;
    EXPECT_EQ(ended.out, "") << arguments;
  }
  for (auto wrong : {"bench", "bench ftp://127.0.0.1", "--port 1 bench http://127.0.0.1:1"})
    EXPECT_EQ(run(wrong).code, 64);
}

TEST_F(the_command_line, says_which_flag_was_meant) {
  EXPECT_THAT(run("--prot 81").err, HasSubstr("goloca has no flag --prot; did you mean --port?"));
  EXPECT_THAT(run("send a --windwo 5").err, HasSubstr("send has no flag --windwo; did you mean --window?"));
  EXPECT_THAT(run("send a --port 5").err, HasSubstr("send has no flag --port"));
}

TEST_F(the_command_line, does_not_repeat_a_password_behind_a_misspelt_flag) {
  for (auto arguments : {"--postgres-pasword hunter2", "--postgres-pasword=hunter2", "serve --postgres-pasword hunter2",
                         "-postgres-password=hunter2", "--postgres-password a hunter2",
                         "--postgres-password hunter2 --postgres-password hunter2"}) {
    auto ended = run(arguments);
    EXPECT_EQ(ended.code, 64) << arguments;
    EXPECT_THAT(ended.all(), Not(HasSubstr("hunter2"))) << arguments;
  }
}

TEST_F(the_command_line, checks_the_config_and_says_where_each_value_is_from) {
  (void)folder.write("config.env", "MAX_BATCH=7\nPORT=1\n");
  auto ended = run("check-config --port=3 --postgres-password hunter2", "REQUEST_TIMEOUT=4 PORT=2");
  EXPECT_EQ(ended.code, 0) << ended.err;
  EXPECT_THAT(ended.out,
              AllOf(StartsWith("PORT=3 "), HasSubstr("# --port\n"), HasSubstr("# config.env:1\n"),
                    HasSubstr("# environment\n"), HasSubstr("POSTGRES_PASSWORD=********"), Not(HasSubstr("hunter2"))));
}

TEST_F(the_command_line, takes_settings_before_the_command_too) {
  EXPECT_THAT(run("--port 3 check-config").out, StartsWith("PORT=3 "));
}

TEST_F(the_command_line, ends_with_78_and_all_faults_when_the_config_is_wrong) {
  (void)folder.write("config.env", "PORT=x\nCOLOUR=red\n");
  for (auto command : {"check-config", "serve", "", "schema"}) {
    auto ended = run(std::string{command} + " --max-batch 0", "LOG_LEVEL=loud");
    EXPECT_EQ(ended.code, 78) << command;
    EXPECT_EQ(ended.out, "") << command;
    EXPECT_THAT(ended.err, AllOf(HasSubstr("config.env:1: PORT=x: "), HasSubstr("config.env:2: COLOUR: "),
                                 HasSubstr("environment: LOG_LEVEL=loud: "), HasSubstr("--max-batch: MAX_BATCH=0: ")));
  }
}

TEST_F(the_command_line, ends_with_78_when_the_named_file_is_not_there) {
  EXPECT_EQ(run("check-config").code, 0);
  EXPECT_EQ(run("check-config --config config.env").code, 78);
  EXPECT_EQ(run("--config other.env").code, 78);
  (void)folder.write("other.env", "PORT=5\n");
  EXPECT_THAT(run("--config other.env check-config").out, HasSubstr("# other.env:1"));
}

TEST_F(the_command_line, reads_a_secret_from_a_file_and_never_prints_it) {
  (void)folder.write("secret", "hunter2\n");
  const std::pair<const char*, const char*> ways[] = {
      {"", "POSTGRES_PASSWORD=hunter2"},
      {"", "POSTGRES_PASSWORD_FILE=secret"},
      {"", "POSTGRES_PASSWORD_FILE=hunter2"},
      {"--postgres-password hunter2", ""},
      {"--postgres-password-file secret", ""},
      {"", "DATABASE_URL=postgresql://u:hunter2@h/d"},
      {"", "DATABASE_URL=postgresql://u:hunter2@h:99999/d"},
      {"", "'DATABASE_URL=host=h passwrod=hunter2'"},
      {"", "'DATABASE_URL=host=h password=hunter2 port='"},
      {"", "\"DATABASE_URL=host=h password='hunter2\""},
      {"", "DATABASE_URL=hunter2"},
  };
  for (auto [flags, environment] : ways) {
    auto ended = run(std::string{"check-config "} + flags, environment);
    EXPECT_TRUE(ended.code == 0 || ended.code == 78) << ended.code;
    EXPECT_THAT(ended.all(), AllOf(Not(""), Not(HasSubstr("hunter2")))) << flags << environment;
  }
}

TEST_F(the_command_line, prints_the_schema_in_force) {
  auto rides = run("schema");
  EXPECT_EQ(rides.code, 0);
  EXPECT_THAT(rides.out, HasSubstr("\"vehicle_model_id\""));
  EXPECT_THAT(run("schema --schema /absent.json").err, HasSubstr("SCHEMA=/absent.json"));
  EXPECT_EQ(run("schema", "SCHEMA=" GOLOCA_SOURCE_DIR "/store/rides.schema.json").out, rides.out);
}

TEST_F(the_command_line, prints_the_readmes_table_and_the_sample_file_whatever_the_config) {
  EXPECT_THAT(run("check-config --markdown", "PORT=x").out, HasSubstr("| `PORT` | `8080` |"));
  EXPECT_THAT(run("check-config --sample", "PORT=x").out, HasSubstr("\n#PORT=8080\n"));
}

TEST_F(the_command_line, prints_the_table_of_settings_that_stands_in_the_readme) {
  std::ostringstream text;
  text << std::ifstream{GOLOCA_SOURCE_DIR "/README.md"}.rdbuf();
  const std::string readme = text.str(), start = "<!-- settings -->\n", end = "<!-- /settings -->";
  auto from = readme.find(start), to = readme.find(end);
  ASSERT_TRUE(from < to && to != std::string::npos) << "README.md has no lines " << start << "and " << end;
  from += start.size();
  EXPECT_EQ(readme.substr(from, to - from), run("check-config --markdown").out)
      << "README.md's settings are not the program's: put between its lines " << start << "and " << end
      << " what `goloca check-config --markdown` prints";
}

TEST_F(the_command_line, says_when_its_output_is_lost) {
  auto command = "'" + goloca::test::goloca_binary() + "' version >/dev/full 2>/dev/null";
  int status = std::system(command.c_str());
  EXPECT_EQ(WEXITSTATUS(status), 74);
}

} // namespace
