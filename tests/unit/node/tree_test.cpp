// Reads the tree itself: who includes whom, that nothing lies about unused, and that what the README names is there.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using strings = std::vector<std::string>;
using ::testing::IsEmpty;

const fs::path root = GOLOCA_SOURCE_DIR;

/// Every file of the tree by its path from the root, with its text. Neither what is built nor what is hidden.
const std::map<std::string, std::string>& files() {
  static const auto all = [] {
    std::map<std::string, std::string> read;
    for (auto at = fs::recursive_directory_iterator{root}; at != fs::recursive_directory_iterator{}; ++at) {
      auto name = at->path().filename().string();
      if (at->is_directory() && (name == "build" || name.front() == '.')) at.disable_recursion_pending();
      if (!at->is_regular_file() || name.find(".db") != std::string::npos) continue;
      std::ostringstream text;
      text << std::ifstream{at->path()}.rdbuf();
      read.emplace(at->path().lexically_relative(root).generic_string(), text.str());
    }
    return read;
  }();
  return all;
}

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}
bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}
bool is_header(const std::string& path) {
  return ends_with(path, ".hpp");
}
bool is_source(const std::string& path) {
  return ends_with(path, ".cpp");
}

/// The first folder of a path; "main" for main.cpp, "node" for what else stands at the top.
std::string room_of(const std::string& path) {
  auto slash = path.find('/');
  if (slash != std::string::npos) return path.substr(0, slash);
  return path == "main.cpp" ? "main" : "node";
}

/// main → node → net → actors → store: a room includes its own files and those of lower rooms.
int height(const std::string& room) {
  static const std::map<std::string, int> heights = {{"store", 0}, {"actors", 1}, {"net", 2},
                                                     {"node", 3},  {"main", 4},   {"tests", 5}};
  auto found = heights.find(room);
  return found == heights.end() ? -1 : found->second;
}

strings all_matches(const std::string& text, const std::string& pattern) {
  strings found;
  std::regex wanted{pattern, std::regex::multiline};
  for (std::sregex_iterator at{text.begin(), text.end(), wanted}, end; at != end; ++at) found.push_back((*at)[1]);
  return found;
}
strings own_includes(const std::string& text) {
  return all_matches(text, "^# *include \"([^\"]+)\"");
}
/// What `includer` means by "name": a path from the root, or, in tests, a file beside it.
std::string resolve(const std::string& includer, const std::string& name) {
  auto beside = (fs::path{includer}.parent_path() / name).generic_string();
  return starts_with(includer, "tests/") && files().count(beside) > 0 ? beside : name;
}
strings foreign_includes(const std::string& text) {
  return all_matches(text, "^# *include <([^>]+)>");
}

/// `text` without its line comments: what a comment names is no dependency.
std::string code_of(const std::string& text) {
  return std::regex_replace(text, std::regex{"//[^\n]*"}, "");
}

/// Made by CMake from a .in file of that name, so nobody's.
bool is_generated(const std::string& path) {
  auto slash = path.rfind('/') == std::string::npos ? 0 : path.rfind('/') + 1;
  return files().count(path + ".in") + files().count(path.substr(slash) + ".in") > 0;
}

/// The files of a room (by the start of their paths) that include what starts with one of `banned`.
strings includers(const std::string& room, const strings& banned, const strings& but = {}) {
  strings wrong;
  for (const auto& [path, text] : files()) {
    if (!starts_with(path, room) || (!is_header(path) && !is_source(path))) continue;
    if (std::find(but.begin(), but.end(), path) != but.end()) continue;
    for (const auto& name : foreign_includes(text))
      for (const auto& start : banned)
        if (starts_with(name, start)) wrong.push_back(path + " includes <" + name + ">");
  }
  return wrong;
}

const strings sql = {"pqxx", "libpq", "postgres", "sqlite3"};

TEST(tree, includes_only_its_own_and_lower_rooms) {
  strings wrong;
  for (const auto& [path, text] : files()) {
    if (!is_header(path) && !is_source(path)) continue;
    ASSERT_GE(height(room_of(path)), 0) << path << ": a room that DESIGN's layout does not have";
    for (const auto& written : own_includes(text)) {
      auto name = resolve(path, written);
      if (is_generated(name)) continue;
      if (files().count(name) == 0)
        wrong.push_back(path + " includes \"" + name + "\", which is not a path from the root");
      else if (height(room_of(name)) > height(room_of(path)))
        wrong.push_back(path + " includes \"" + name + '"');
    }
  }
  EXPECT_THAT(wrong, IsEmpty());
}

TEST(tree, keeps_actors_and_sockets_out_of_the_store) {
  EXPECT_THAT(includers("store/", {"caf/", "boost/", "spdlog/", "CLI/"}), IsEmpty());
}

TEST(tree, keeps_sockets_json_and_sql_out_of_the_actors) {
  auto banned = sql;
  banned.insert(banned.end(), {"boost/", "nlohmann/", "CLI/"});
  EXPECT_THAT(includers("actors/", banned), IsEmpty());
  for (const auto& [path, text] : files()) {
    if (!starts_with(path, "actors/")) continue;
    EXPECT_THAT(all_matches(code_of(text), "(\"(?:INSERT|SELECT|CREATE|COPY|ALTER) )"), IsEmpty()) << path;
  }
}

TEST(tree, keeps_sql_out_of_the_net) {
  EXPECT_THAT(includers("net/", sql), IsEmpty());
}

TEST(tree, lets_only_the_bridge_know_both_asio_and_caf) {
  EXPECT_THAT(includers("net/", {"caf/"}, {"net/actor_bridge.hpp", "net/actor_bridge.cpp"}), IsEmpty());
  for (const auto& [path, text] : files()) {
    if (!starts_with(path, "net/") || starts_with(path, "net/actor_bridge")) continue;
    EXPECT_THAT(all_matches(code_of(text), "\\b(caf::\\w+)"), IsEmpty()) << path;
  }
}

// g++ 12 compiles these without a word, and resumes the wrong frame: seen as a crash at the first request.
TEST(tree, awaits_neither_as_an_operand_of_a_condition_nor_in_an_ifs_initialiser) {
  const auto* operand = "((?:&&|\\|\\||\\?|\\?[^;\\n]*:) *[!(]*co_await\\b.*)";
  const auto* initialiser = "(\\bif \\([^;\\n]*\\bco_await\\b[^;\\n]*\\);?[^;\\n]*;[^;\\n]*\\) .*)";
  for (const auto& [path, text] : files()) {
    if ((!is_header(path) && !is_source(path)) || path == "tests/unit/node/tree_test.cpp") continue;
    EXPECT_THAT(all_matches(code_of(text), operand), IsEmpty()) << path;
    EXPECT_THAT(all_matches(code_of(text), initialiser), IsEmpty()) << path;
  }
  EXPECT_EQ(all_matches("  while (!done && co_await next()) {", operand).size(), 1U);
  EXPECT_EQ(all_matches("  auto x = there ? co_await one() : two;", operand).size(), 1U);
  EXPECT_EQ(all_matches("  auto x = there ? one : co_await two();", operand).size(), 1U);
  EXPECT_EQ(all_matches("  if (auto got = co_await next(a); got != 0) return;", initialiser).size(), 1U);
  EXPECT_THAT(all_matches("  if (ready && open) co_await next();", operand), IsEmpty());
  EXPECT_THAT(all_matches("  if (ready(a)) co_await next(b);", initialiser), IsEmpty());
}

TEST(tree, includes_every_header_somewhere) {
  strings included;
  for (const auto& [path, text] : files())
    for (const auto& name : own_includes(text))
      if (resolve(path, name) != path) included.push_back(resolve(path, name));
  strings orphans;
  for (const auto& [path, text] : files())
    if (is_header(path) && std::find(included.begin(), included.end(), path) == included.end()) orphans.push_back(path);
  EXPECT_THAT(orphans, IsEmpty());
}

TEST(tree, compiles_every_source) {
  // As CMakeLists.txt has it: the rooms whole, what is named, in tests the support files and what ends in _test.cpp.
  const std::regex globbed{
      "(store|actors|net)/.*|tests/support/[^/]*|tests/unit/(store|actors|net|node)/[^/]*_test\\.cpp|"
      "tests/integration/[^/]*_test\\.cpp|tests/simulation/[^/]*|"
      "tests/fuzz/[^/]*_fuzz\\.cpp"}; // deploy/fuzz.sh builds each of the last
  const auto& lists =
      files().at("CMakeLists.txt") + files().at("tests/CMakeLists.txt") + files().at("tests/fuzz/CMakeLists.txt");
  strings orphans;
  for (const auto& [path, text] : files())
    if (is_source(path) && !std::regex_match(path, globbed) && lists.find(path) == std::string::npos)
      orphans.push_back(path);
  EXPECT_THAT(orphans, IsEmpty());
}

TEST(tree, names_every_file_of_deploy_somewhere_else) {
  strings orphans;
  for (const auto& [path, ignored] : files()) {
    if (!starts_with(path, "deploy/") && !starts_with(path, "tests/deploy/")) continue;
    auto name = fs::path{path}.filename().string();
    auto named = [&, &at = path](const auto& other) {
      return other.first != at && other.second.find(name) != std::string::npos;
    };
    if (std::none_of(files().begin(), files().end(), named)) orphans.push_back(path);
  }
  EXPECT_THAT(orphans, IsEmpty());
}

/// Which functions that stand at the left margin are longer than `limit` lines: "net/codec.cpp:12: 57 lines". `count`
/// gets all.
strings long_functions(std::size_t limit, std::size_t& count) {
  strings found;
  for (const auto& [path, text] : files()) {
    if (!is_source(path) || starts_with(path, "tests/")) continue;
    std::istringstream lines{text};
    std::size_t number = 0, start = 0;
    bool function = false;
    for (std::string line; std::getline(lines, line);) {
      ++number;
      if (start == 0 && !line.empty() && (std::isalpha(static_cast<unsigned char>(line[0])) != 0)) {
        start = number;
        function = !std::regex_search(line, std::regex{"^(namespace|struct|class|enum|union|using|extern) ?"});
      }
      bool ends = !line.empty() && (line[0] == '}' || (start == number && (line.back() == ';' || line.back() == '}')));
      if (start != 0 && (ends || line.empty() || (!function && line.back() == '{'))) {
        if (function && line[0] == '}') {
          ++count;
          if (number - start + 1 > limit)
            found.push_back(path + ':' + std::to_string(start) + ": " + std::to_string(number - start + 1) + " lines");
        }
        if (ends || !function) start = 0;
      }
    }
  }
  return found;
}

TEST(tree, keeps_95_of_100_functions_under_40_lines) {
  std::size_t count = 0;
  auto longer = long_functions(40, count);
  ASSERT_GT(count, 50U);
  EXPECT_LE(longer.size() * 20, count) << ::testing::PrintToString(longer);
}

// -- the README ----------------------------------------------------------------------------------------

TEST(readme, names_files_that_are_there) {
  for (const auto* document : {"README.md", "deploy/RUNBOOK.md"}) {
    strings missing;
    for (const auto& name : all_matches(files().at(document), "((?:deploy|store|actors|net|tests)/[\\w./-]*\\w)"))
      if (!fs::exists(root / name)) missing.push_back(name);
    EXPECT_THAT(missing, IsEmpty()) << document;
  }
}

TEST(readme, names_commands_that_goloca_has) {
  std::string sources;
  for (const auto& [path, text] : files())
    if (is_source(path) && !starts_with(path, "tests/")) sources += text;
  for (const auto* document : {"README.md", "deploy/RUNBOOK.md"}) {
    auto commands = all_matches(files().at(document), "(?:^\\$ |`|release/|bin/)goloca ([a-z][a-z-]+)");
    for (const auto& command : commands)
      EXPECT_NE(sources.find('"' + command + '"'), std::string::npos) << document << ": goloca " << command;
  }
  EXPECT_THAT(all_matches(files().at("README.md"), "goloca (send)"), ::testing::Not(IsEmpty()));
}

TEST(readme, names_options_that_test_sh_has) {
  const auto& script = files().at("deploy/test.sh");
  for (const auto& option : all_matches(files().at("README.md"), "deploy/test\\.sh (--[a-z]+)"))
    EXPECT_NE(script.find(option + ")"), std::string::npos) << option;
}

} // namespace
