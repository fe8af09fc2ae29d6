#pragma once
// The goloca that is drilled: a child process, started again by us as systemd would.

#include "net/client/drill/child.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace goloca::net::drill {

/// What /readyz says.
struct readiness_told {
  bool ready = false;
  std::uint64_t queued = 0; // points
  std::uint64_t capacity = 0;
  std::vector<std::string> faults = {}; // switched on
};

class service {
public:
  /// \param settings  as environment variables, besides ports and timeouts, over which they win.
  service(std::string program, environment settings, std::filesystem::path folder, std::size_t max_files);

  void start();                                        // at once; whether it is ready is another question
  void kill();                                         // SIGKILL, and waits; it stays down until start()
  std::optional<int> terminate(milliseconds patience); // SIGTERM: its exit code; it stays down until start()
  void signal(int number);                             // SIGSTOP, SIGCONT

  /// Starts it again when it ended by itself a moment ago.
  void look_after();

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::uint16_t admin_port() const { return admin_port_; }
  [[nodiscard]] pid_t pid() const { return process_->pid(); }
  [[nodiscard]] std::optional<readiness_told> readiness() const; // nothing: it does not answer
  [[nodiscard]] bool ready() const;
  [[nodiscard]] bool running() { return process_ && !process_->ended(); }
  [[nodiscard]] const std::filesystem::path& log() const { return log_; }
  [[nodiscard]] const std::vector<int>& crashes() const { return crashes_; } // exit codes of ends that nobody asked for

private:
  std::string program_;
  environment settings_;
  std::filesystem::path folder_;
  std::filesystem::path log_;
  std::size_t max_files_;
  std::uint16_t port_;
  std::uint16_t admin_port_;
  std::unique_ptr<child> process_;
  bool meant_to_run_ = false;
  std::optional<time_point> start_again_at_;
  std::vector<int> crashes_;
};

/// "ended with exit code 70", "was ended by signal 11", "does not end".
std::string describe_ending(std::optional<int> code);

/// What a point's answer may take, by the settings that the drill gives.
inline constexpr milliseconds request_timeout{1'000};
inline constexpr milliseconds answer_patience = request_timeout + milliseconds{sanitized ? 1'000 : 500}; // and the way
inline constexpr milliseconds shutdown_timeout{2'000};

} // namespace goloca::net::drill
