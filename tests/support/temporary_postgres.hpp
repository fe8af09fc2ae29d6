#pragma once
// A PostgreSQL server of a test's own.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace goloca::test {

struct temporary_postgres_options {
  std::vector<std::string> settings = {};    // lines of postgresql.conf: "max_connections = 10"
  bool tcp = false;                          // listen on a free loopback port too
  bool tls = false;                          // there, with a certificate that nobody else signed
  std::string host_authentication = "trust"; // for TCP: "scram-sha-256" asks for the password
};

/// In a folder of its own under the system's for temporary files, on a Unix socket there. fsync is on, for durability
/// is what is tested. Runs as the user postgres when we are root, which PostgreSQL refuses. It dies with the test,
/// however that ends. Every function throws std::runtime_error, with the end of the server's log, where the server does
/// not do as it should.
class temporary_postgres {
public:
  explicit temporary_postgres(const temporary_postgres_options& options = {});
  ~temporary_postgres();
  temporary_postgres(const temporary_postgres&) = delete;
  temporary_postgres& operator=(const temporary_postgres&) = delete;

  void start();        // returns once it takes connections
  void stop();         // as pg_ctl -m fast: connections are cut, nothing is lost
  void crash();        // as pg_ctl -m immediate: the next start recovers from the log
  void restart();      // stop, start
  void reload() const; // rereads its settings; returns at once

  /// Stops the processes of the server and of every connection where they are (SIGSTOP); sockets stay open, nobody
  /// answers.
  void freeze() const;
  void thaw() const;

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; } // of the socket
  [[nodiscard]] std::uint16_t port() const { return port_; }                    // also names the socket

  /// By the socket, as superuser.
  [[nodiscard]] std::string conninfo() const;

  /// Runs SQL as superuser on a connection of its own; gives the first field, or nothing.
  std::string query(const std::string& sql, const std::string& database = "postgres") const;

private:
  void configure(const temporary_postgres_options& options);
  void end(int signal);
  void signal_all(int signal) const;
  [[nodiscard]] std::string log_end() const;

  std::filesystem::path folder_;
  std::uint16_t port_ = 0;
  pid_t pid_ = -1;
};

} // namespace goloca::test
