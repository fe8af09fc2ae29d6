#pragma once
// A node's part in a cluster: who it is to others, its port for edges and its way to writers.

#include "actors/node_supervisor.hpp"
#include "config.hpp"
#include "net/io_threads.hpp"
#include "net/link/credentials.hpp"
#include "net/link/link_listener.hpp"
#include "net/link/membership.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace goloca {

/// NODE_NAME, or the host's.
std::string name_of_this_node(const cluster_settings& of);

/// To be used in this order: open(), then what the supervisor needs, then seek_writers(). A node without links has all
/// of it, and nothing happens.
class node_links {
public:
  node_links(const config& from, net::io_threads& io, std::uint64_t boot);

  /// \throw std::runtime_error  the certificates cannot be used, and why.
  void open();
  /// \throw std::runtime_error  the address cannot be listened on.
  void listen();

  [[nodiscard]] bool dials() const { return settings_.has_clients() && !settings_.writers.empty(); }
  [[nodiscard]] bool listens() const { return settings_.has_store() && settings_.listen; }
  [[nodiscard]] const net::link::link_listener* door() const { return door_.get(); } // null: none

  [[nodiscard]] actors::link_supervisor_settings supervision(caf::actor_system& in) const;
  [[nodiscard]] actors::link_hosts_settings hosting() const;
  void serve(actors::link_hosts parent) { door_->serve(std::move(parent)); }

  void seek_writers(std::function<void(std::vector<std::string>)> changed);
  void close(); // edges that come now are not let in
  void stop();  // seeks no more

private:
  cluster_settings settings_;
  milliseconds request_timeout_;
  actors::link_hello hello_;
  std::shared_ptr<const store::schema> schema_;
  net::io_threads* io_;
  std::shared_ptr<net::link::credentials> identity_;
  std::shared_ptr<net::link::link_listener> door_;
  std::shared_ptr<net::link::membership> writers_;
};

} // namespace goloca
