#pragma once
// A cluster that deploy/cluster.sh has brought up on this machine: its nodes, and what can be done to them.

#include "net/client/drill/waiting.hpp"
#include "net/client/url.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace goloca::net::drill {

/// Used by one thread: each call runs the script to its end.
class cluster {
public:
  using words = std::vector<std::string>;

  /// \param script  deploy/cluster.sh. \throw drill_failure  it has no cluster that is up
  explicit cluster(std::string script);

  /// Has the script do it, a verb and its nodes: {"kill", "edge-1"}. \return what it printed.
  /// \throw drill_failure  it could not
  std::string tell(const words& what) const;

  [[nodiscard]] std::vector<std::string> nodes(const std::string& kind) const; // "edge", "writer", "db"; in order
  [[nodiscard]] std::vector<std::string> nodes() const;                        // goloca's own: edges and writers
  [[nodiscard]] const std::string& address_of(const std::string& node) const;
  [[nodiscard]] const std::string& host() const { return host_; }         // this machine, as the nodes see it
  [[nodiscard]] bool has_older() const { return has_older_; }             // a program of the release before
  [[nodiscard]] const std::string& database() const { return database_; } // a libpq URL of all of its hosts
  [[nodiscard]] std::filesystem::path log_of(const std::string& node) const { return folder_ / node / "goloca.log"; }

  [[nodiscard]] client::url door(const std::string& edge) const; // for clients
  [[nodiscard]] client::url admin(const std::string& node) const;

  /// The database that takes writes. Waits for one. \throw drill_failure  none does, for long
  [[nodiscard]] std::string leader() const;

  [[nodiscard]] bool ready(const std::string& node) const;

  /// Every database follows the leader, every node is ready, and every edge has a link to every writer.
  [[nodiscard]] bool well() const;

  /// Stops the node in order, and starts it again; returns once it is ready. \throw drill_failure
  void restart(const std::string& node) const;

private:
  [[nodiscard]] bool databases_are_whole() const;
  [[nodiscard]] bool linked(const std::string& edge) const;

  std::string script_;
  std::filesystem::path folder_;
  std::string host_;
  bool has_older_ = false;
  std::string database_;
  std::map<std::string, std::string> addresses_; // by node
};

} // namespace goloca::net::drill
