// config.env's grammar, and the layers over each other.

#include "settings.hpp"

#include "settings_file.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

namespace {

using namespace goloca;
using goloca::test::scratch_folder;
using ::testing::HasSubstr;
using ::testing::Not;

/// The one value of a file of one line.
std::string value_of(std::string_view line) {
  auto parsed = parse_settings_file(line);
  EXPECT_TRUE(parsed.faults.empty()) << line << ": " << parsed.faults.front().what;
  return parsed.lines.size() == 1 ? parsed.lines.front().value : "(" + std::to_string(parsed.lines.size()) + " lines)";
}

std::string fault_of(std::string_view text) {
  auto parsed = parse_settings_file(text);
  return parsed.faults.empty() ? "" : std::to_string(parsed.faults.front().line) + ": " + parsed.faults.front().what;
}

TEST(a_settings_file, holds_a_value_a_line) {
  EXPECT_EQ(value_of("PORT=8081"), "8081");
  EXPECT_EQ(value_of("  PORT =\t8081  "), "8081");
  EXPECT_EQ(value_of("export PORT=8081"), "8081");
  EXPECT_EQ(value_of("PORT=8081\r\n"), "8081");
  EXPECT_EQ(value_of("\xef\xbb\xbfPORT=8081"), "8081");
  EXPECT_EQ(value_of("DATABASE_URL=host=a password=b=c"), "host=a password=b=c");
}

TEST(a_settings_file, takes_quotes_away_and_nothing_else) {
  EXPECT_EQ(value_of(R"(A="a b")"), "a b");
  EXPECT_EQ(value_of("A='a b'"), "a b");
  EXPECT_EQ(value_of("A=\" a # b \"  # comment"), " a # b ");
  EXPECT_EQ(value_of(R"(A='it is "so"')"), R"(it is "so")");
  EXPECT_EQ(value_of(R"(A="\n$HOME")"), R"(\n$HOME)");
  EXPECT_EQ(value_of("A=it's"), "it's");
}

TEST(a_settings_file, ends_an_unquoted_value_at_a_blank_and_a_hash) {
  EXPECT_EQ(value_of("A=b # comment"), "b");
  EXPECT_EQ(value_of("A=b\t# comment"), "b");
  EXPECT_EQ(value_of("A=b#c"), "b#c");
  EXPECT_EQ(value_of("A=#c"), "(0 lines)");
  EXPECT_EQ(value_of("A= # comment"), "(0 lines)");
}

TEST(a_settings_file, skips_comments_blank_lines_and_empty_values) {
  auto parsed = parse_settings_file("# PORT=1\n\n   \n \t# x\nPORT=\nPORT=\"\"\nA=1");
  EXPECT_TRUE(parsed.faults.empty());
  ASSERT_EQ(parsed.lines.size(), 1u);
  EXPECT_EQ(parsed.lines[0].number, 7u);
}

TEST(a_settings_file, reports_every_broken_line_by_its_number) {
  auto parsed = parse_settings_file("PORT\nA=1\n=2\n1A=3\nA B=4\nC=\"x\nD='x' y\n");
  std::vector<std::size_t> lines;
  for (const auto& fault : parsed.faults) lines.push_back(fault.line);
  EXPECT_THAT(lines, ::testing::ElementsAre(1, 3, 4, 5, 6, 7));
  EXPECT_EQ(parsed.lines.size(), 1u);
}

TEST(a_settings_file, says_what_is_wrong_with_a_line) {
  EXPECT_EQ(fault_of("PORT 8080"), "1: not of the form KEY=VALUE");
  EXPECT_EQ(fault_of("\nA=\"x"), "2: A: the quote is not closed on its line");
  EXPECT_EQ(fault_of("A=\"x\"y"), "1: A: there is more text after the closing quote");
  EXPECT_EQ(fault_of("A=\xff"), "1: not UTF-8");
  EXPECT_EQ(fault_of(std::string_view{"A=b\0c", 5}), "1: a NUL byte");
}

TEST(a_settings_file, quotes_nothing_of_a_broken_line) {
  for (auto text : {"POSTGRES_PASSWORD hunter2", "POSTGRES_PASSWORD: hunter2", "hunter2", "POSTGRES_PASSWORD hunter2=",
                    "POSTGRES_PASSWORD=\"hunter2", "POSTGRES_PASSWORD='x' hunter2", "\xffhunter2"})
    EXPECT_THAT(fault_of(text), ::testing::AllOf(Not(""), Not(HasSubstr("hunter2")))) << text;
}

/// Reads layers and keeps both results.
struct reading {
  config_faults faults;
  settings all;
  explicit reading(const setting_layers& layers) { all = read_settings(layers, faults); }

  std::string text(std::string_view key) const {
    auto at = all.find(key);
    return at == all.end() ? "(not set)" : at->second.text;
  }
  std::string where(std::string_view key) const {
    auto at = all.find(key);
    return at == all.end() ? "(not set)" : at->second.where;
  }
  std::string messages() const {
    std::string joined;
    for (const auto& fault : faults) joined += fault.message() + '\n';
    return joined;
  }
};

struct layers : ::testing::Test {
  scratch_folder folder;
  std::string file(std::string_view text) const { return folder.write("config.env", text); }
};

TEST_F(layers, lie_over_each_other_flags_on_top) {
  auto path = file("PORT=1\nSTORE=sqlite\nMAX_BATCH=7\n");
  reading r{{path, true, {{"PORT", "2"}, {"STORE", "postgres"}}, {{"PORT", "3"}}}};
  EXPECT_EQ(r.messages(), "");
  EXPECT_EQ(r.text("PORT"), "3");
  EXPECT_EQ(r.where("PORT"), "--port");
  EXPECT_EQ(r.text("STORE"), "postgres");
  EXPECT_EQ(r.where("STORE"), "environment");
  EXPECT_EQ(r.text("MAX_BATCH"), "7");
  EXPECT_EQ(r.where("MAX_BATCH"), path + ":3");
}

TEST_F(layers, leave_a_value_when_the_one_above_is_empty) {
  reading r{{file("PORT=1"), true, {{"PORT", ""}}, {}}};
  EXPECT_EQ(r.text("PORT"), "1");
  EXPECT_EQ(r.messages(), "");
}

TEST_F(layers, take_an_empty_flag_as_it_is_said) {
  reading r{{file("ADMIN_ADDRESS=127.0.0.1:1"), true, {}, {{"ADMIN_ADDRESS", ""}}}};
  EXPECT_EQ(r.text("ADMIN_ADDRESS"), "");
}

TEST_F(layers, do_without_the_file_unless_it_was_named) {
  auto absent = (folder.path() / "absent.env").string();
  EXPECT_EQ((reading{{absent, false, {}, {}}}.messages()), "");
  EXPECT_EQ((reading{{absent, true, {}, {}}}.messages()), absent + ": cannot read it: No such file or directory\n");
}

TEST_F(layers, refuse_a_file_that_is_a_folder_even_when_it_was_not_named) {
  EXPECT_THAT((reading{{folder.path().string(), false, {}, {}}}.messages()), HasSubstr("Is a directory"));
}

TEST_F(layers, refuse_an_endless_file) {
  EXPECT_THAT((reading{{"/dev/zero", true, {}, {}}}.messages()), HasSubstr("it is longer than 1MiB"));
}

TEST_F(layers, refuse_an_unknown_key_in_the_file_and_say_what_was_meant) {
  auto path = file("NUM_POOL_WORKRES=4\nCOLOUR=red\nport=1\nPORT_FIEL=/x\n");
  reading r{{path, true, {}, {}}};
  EXPECT_EQ(r.messages(), path + ":1: NUM_POOL_WORKRES: there is no such setting; did you mean NUM_POOL_WORKERS?\n" + //
                              path + ":2: COLOUR: there is no such setting\n" +                                       //
                              path + ":3: port: there is no such setting; did you mean PORT?\n" +                     //
                              path + ":4: PORT_FIEL: there is no such setting\n");
}

TEST_F(layers, do_not_show_the_value_of_an_unknown_key) {
  EXPECT_THAT((reading{{file("POSTGRES_PASWORD=hunter2"), true, {}, {}}}.messages()), Not(HasSubstr("hunter2")));
}

TEST_F(layers, look_over_unknown_keys_in_the_environment) {
  reading r{{file(""), true, {{"PATH", "/bin"}, {"PROT", "1"}}, {}}};
  EXPECT_EQ(r.messages(), "");
  EXPECT_TRUE(r.all.empty());
}

TEST_F(layers, refuse_a_key_that_comes_twice_in_the_file) {
  auto path = file("PORT=1\nMAX_BATCH=2\nPORT=1\n");
  EXPECT_EQ((reading{{path, true, {}, {}}}.messages()),
            path + ":3: PORT: it is set twice, the first time in " + path + ":1\n");
}

TEST_F(layers, read_a_key_from_the_file_that_its_twin_names) {
  auto secret = folder.write("secret", "hunter2\n");
  for (const auto& r : {reading{{file("POSTGRES_PASSWORD_FILE=" + secret), true, {}, {}}},
                        reading{{file(""), true, {{"POSTGRES_PASSWORD_FILE", secret}}, {}}},
                        reading{{file(""), true, {}, {{"POSTGRES_PASSWORD_FILE", secret}}}}}) {
    EXPECT_EQ(r.messages(), "");
    EXPECT_EQ(r.text("POSTGRES_PASSWORD"), "hunter2");
    EXPECT_THAT(r.where("POSTGRES_PASSWORD"), HasSubstr('(' + secret + ')'));
  }
}

TEST_F(layers, strip_one_line_end_of_such_a_file_and_no_more) {
  auto read = [&](std::string_view text) {
    return reading{{file(""), true, {{"SQLITE_PATH_FILE", folder.write("value", text)}}, {}}}.text("SQLITE_PATH");
  };
  EXPECT_EQ(read("a"), "a");
  EXPECT_EQ(read("a\r\n"), "a");
  EXPECT_EQ(read("a\n\n"), "a\n");
  EXPECT_EQ(read(" a "), " a ");
}

TEST_F(layers, take_every_key_from_a_file) {
  reading r{{file("PORT_FILE=" + folder.write("port", "81\n")), true, {}, {}}};
  EXPECT_EQ(r.text("PORT"), "81");
}

TEST_F(layers, refuse_a_key_and_its_file_side_by_side) {
  auto secret = folder.write("secret", "hunter2");
  auto path = file("POSTGRES_PASSWORD=hunter3\nPOSTGRES_PASSWORD_FILE=" + secret);
  EXPECT_EQ((reading{{path, true, {}, {}}}.messages()),
            path + ":2: POSTGRES_PASSWORD_FILE: POSTGRES_PASSWORD is set as well, in " + path +
                ":1: keep one of them\n");
  EXPECT_THAT((reading{{file(""), true, {{"PORT", "1"}, {"PORT_FILE", secret}}, {}}}.messages()),
              HasSubstr("keep one of them"));
  EXPECT_THAT((reading{{file(""), true, {}, {{"PORT", "1"}, {"PORT_FILE", secret}}}}.messages()),
              HasSubstr("keep one of them"));
}

TEST_F(layers, prefer_a_key_above_to_a_file_below_which_is_not_even_read) {
  reading r{{file("PORT_FILE=/absent/port"), true, {{"PORT", "5"}}, {}}};
  EXPECT_EQ(r.messages(), "");
  EXPECT_EQ(r.text("PORT"), "5");
}

TEST_F(layers, prefer_a_file_above_to_a_key_below) {
  reading r{{file("PORT=1"), true, {{"PORT_FILE", folder.write("port", "2")}}, {}}};
  EXPECT_EQ(r.messages(), "");
  EXPECT_EQ(r.text("PORT"), "2");
}

TEST_F(layers, say_why_a_value_file_cannot_be_used) {
  auto message = [&](const std::string& path) {
    return reading{{file(""), true, {{"PORT_FILE", path}}, {}}}.messages();
  };
  EXPECT_EQ(message("/absent"), "environment: PORT_FILE=/absent: cannot read that file: No such file or directory\n");
  EXPECT_THAT(message(folder.path().string()), HasSubstr("Is a directory"));
  EXPECT_THAT(message(folder.write("empty", "\n")), HasSubstr("that file is empty"));
  EXPECT_THAT(message("/dev/zero"), HasSubstr("it is longer than 64KiB"));
}

TEST_F(layers, say_why_a_file_without_permission_cannot_be_used) {
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  auto path = file("PORT=1");
  ASSERT_EQ(chmod(path.c_str(), 0), 0);
  EXPECT_THAT((reading{{path, false, {}, {}}}.messages()), HasSubstr("Permission denied"));
}

TEST_F(layers, hide_a_password_that_was_written_where_its_file_should_be) {
  auto said = reading{{file("POSTGRES_PASSWORD_FILE=hunter2"), true, {}, {}}}.messages();
  EXPECT_THAT(said, HasSubstr("POSTGRES_PASSWORD_FILE=********: cannot read that file"));
  EXPECT_THAT(said, Not(HasSubstr("hunter2")));
}

TEST_F(layers, report_all_faults_and_keep_what_is_good) {
  auto path = file("PORT=1\nrubbish\nCOLOUR=red\nMAX_BATCH=2\nMAX_BATCH=3\nSCHEMA_FILE=/absent\n");
  reading r{{path, true, {}, {}}};
  EXPECT_EQ(r.faults.size(), 4u);
  EXPECT_EQ(r.text("PORT"), "1");
}

TEST(process_environment, has_the_path_of_this_process) {
  ASSERT_EQ(setenv("GOLOCA_TEST_VALUE", "a=b", 1), 0);
  auto all = process_environment();
  EXPECT_EQ(all["GOLOCA_TEST_VALUE"], "a=b");
  unsetenv("GOLOCA_TEST_VALUE");
}

} // namespace
