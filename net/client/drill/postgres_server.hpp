#pragma once
// A PostgreSQL server of a run's own, and what a person at its machine may do to it.

#include "net/client/drill/child.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace goloca::net::drill {

/// In a folder of its own, on a Unix socket there and a loopback port. fsync is on, for durability is what is drilled.
/// It dies with the thread that started it. Every function throws drill_failure where the server does not do as it
/// should.
class postgres_server {
public:
  /// \param data   a cluster, made by postgres_cluster. \param settings  lines of postgresql.conf
  postgres_server(std::filesystem::path programs, std::filesystem::path folder, std::filesystem::path data,
                  const std::vector<std::string>& settings);
  ~postgres_server();
  postgres_server(const postgres_server&) = delete;
  postgres_server& operator=(const postgres_server&) = delete;

  /// Returns once it takes connections. \param options  as "-c name=value", for this start alone.
  void start(const std::vector<std::string>& options = {});
  void stop();                        // as pg_ctl -m fast: connections are cut, nothing is lost
  void crash();                       // as pg_ctl -m immediate: the next start recovers from the log
  bool running();                     // a full disk may have ended it
  [[nodiscard]] bool accepts() const; // a new connection, for SQL
  void signal_all(int number) const;  // the server and the processes of all connections
  void reload() { process_->signal(SIGHUP); }

  /// SQL as the superuser, by psql. \return what it says, without the last line end.
  std::string ask(const std::string& sql, const std::string& database = "goloca") const;

  /// A session that stays: psql, which runs what is written to it.
  [[nodiscard]] std::unique_ptr<child> session(const std::string& user, const std::filesystem::path& log) const;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_; } // of the socket
  [[nodiscard]] std::string url() const;                   // DATABASE_URL of the role goloca, by the socket
  [[nodiscard]] std::string url(std::uint16_t port) const; // by a loopback port, ours or another's
  [[nodiscard]] std::filesystem::path log() const { return folder_ / "postgres.log"; }

private:
  void end(int signal);
  [[nodiscard]] bool takes_connections() const;
  [[nodiscard]] child_options psql(const std::string& user, const std::string& database) const;

  std::filesystem::path programs_;
  std::filesystem::path folder_;
  std::filesystem::path data_;
  std::uint16_t port_;
  std::unique_ptr<child> process_;
};

} // namespace goloca::net::drill
