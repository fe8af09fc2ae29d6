#pragma once
// A program that the drill starts: goloca, PostgreSQL, psql.

#include "net/client/drill/workplace.hpp"
#include "net/client/load/descriptor.hpp"

#include <csignal>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::net::drill {

using environment = std::map<std::string, std::string>;

struct child_options {
  std::vector<std::string> arguments = {};
  environment variables = {};        // besides PATH, TMPDIR and the sanitizers' options, which are ours
  std::filesystem::path folder = {}; // that it runs in
  std::filesystem::path log = {};    // what it writes is appended here
  std::optional<account> as = {};
  std::size_t max_files = 0; // RLIMIT_NOFILE; 0: ours
  int when_we_die = SIGKILL; // the signal that it gets then
  bool piped_input = false;  // false: it reads nothing
};

/// It does not outlive this object, nor the thread that made it, however that ends.
class child {
public:
  /// \throw drill_failure  it cannot be started
  child(const std::string& program, const child_options& with);
  ~child();
  child(const child&) = delete;
  child& operator=(const child&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number); // when it is over, nothing happens

  /// Its exit code, or 128 and the number of the signal that ended it; nothing while it runs.
  std::optional<int> ended();
  std::optional<int> wait(milliseconds patience);
  void kill(); // SIGKILL, and waits

  void write(std::string_view text) const; // to its input
  void close_input() { input_.close(); }

private:
  pid_t pid_ = -1;
  load::descriptor input_;
  std::optional<int> ended_;
};

/// Runs it to its end. \return its exit code. \throw drill_failure  it does not end in time
int run_to_end(const std::string& program, const child_options& with, milliseconds patience);

} // namespace goloca::net::drill
