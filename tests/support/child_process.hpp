#pragma once
// Programs that tests start, and goloca above all.

#include "tests/support/free_port.hpp"
#include "tests/support/scratch_folder.hpp"

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::test {

using environment = std::map<std::string, std::string>;

/// The goloca under test: the one built beside the tests, or the one that the variable GOLOCA_BINARY names.
[[nodiscard]] std::string goloca_binary();

/// One program. It does not outlive this object, nor the thread that started it.
class child_process {
public:
  struct options {
    std::vector<std::string> arguments = {};
    environment variables = {};        // besides PATH, HOME, TMPDIR and the sanitizers' options, which are ours
    std::filesystem::path folder = {}; // that it runs in; empty: one of its own
    bool piped_input = false;          // false: it reads nothing
  };
  /// Throws std::runtime_error when it cannot be started.
  child_process(const std::string& program, options with);
  ~child_process();
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;

  [[nodiscard]] pid_t pid() const { return pid_; }
  void signal(int number) const; // when it is over, nothing happens

  /// Its exit code, or 128 and the number of the signal that ended it; nothing when it still runs after `patience`.
  std::optional<int> wait(std::chrono::milliseconds patience = std::chrono::seconds{30});

  /// What it wrote so far.
  [[nodiscard]] std::string out() const;
  [[nodiscard]] std::string err() const;

  /// Writes to its input, waiting while it reads nothing. \return false when it has closed it. May be called from
  /// another thread than the rest.
  bool write_input(std::string_view text) const;
  void close_input();

private:
  void start(const std::string& program, const options& with);

  scratch_folder scratch_; // out and err, and where it runs
  pid_t pid_ = -1;
  int pid_handle_ = -1; // a pidfd: readable when it is over
  int input_ = -1;
  std::optional<int> ended_;
};

/// A goloca that serves on loopback, from goloca_binary(). Ready when the constructor returns; on SQLite in a folder of
/// its own, unless the settings say otherwise. Throws std::runtime_error, with the end of its log, when it does not get
/// ready.
class running_goloca {
public:
  /// \param program   goloca_binary().
  /// \param settings  as environment variables; they win over what this class sets.
  explicit running_goloca(std::string program, environment settings = {});

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string sqlite_path() const { return (folder_.path() / "goloca.db").string(); }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }

  void start();     // again, on the same ports with the same settings, once it is over
  void terminate(); // SIGTERM
  void kill();      // SIGKILL, and waits
  std::optional<int> wait(std::chrono::milliseconds patience = std::chrono::seconds{30}) {
    return process_->wait(patience);
  }
  [[nodiscard]] bool ready() const;                                 // what /readyz says
  [[nodiscard]] std::string log() const { return process_->err(); } // of the last start

private:
  void await_ready();

  std::string program_;
  environment settings_;
  scratch_folder folder_;
  std::uint16_t port_;
  std::uint16_t admin_port_;
  std::unique_ptr<child_process> process_;
};

} // namespace goloca::test
