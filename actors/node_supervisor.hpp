#pragma once
// The root of the tree: starts the writer pool, the writer supervisor, the links' parts where the node has some, and
// the parents of the connections in this order, restarts what dies, and ends the node when that does not help. Nobody
// watches it but the process (node.cpp). It keeps the books: when it dies the process ends, so nothing that was counted
// is ever lost to a restart.

#include "actors/account_book.hpp"
#include "actors/connections.hpp"
#include "actors/link_hosts.hpp"
#include "actors/link_supervisor.hpp"
#include "actors/writer_pool.hpp"
#include "actors/writer_supervisor.hpp"

#include <functional>

namespace goloca::actors {

struct node_supervisor_settings {
  writer_pool_settings pool;
  writer_supervisor_settings writers;
  bool has_store = true;                         // false: an edge, without writers of its own
  std::optional<link_supervisor_settings> links; // to writer nodes
  std::optional<link_hosts_settings> hosts;      // for edges
  connections_settings clients;
  connections_settings operators;
  restart_rule rule{};                             // for the pool and the parents of connections
  std::function<std::uint64_t()> incarnation;      // random, for each new pool
  std::function<void(entrance, connections)> open; // this is where new connections go from now on; any thread
  std::function<void(link_hosts)> open_links = [](const auto&) {}; // the same for edges' hellos
  std::function<void(const caf::error&)> end; // the node cannot go on; any thread; called once or never
  std::function<void(const std::string&)> log_warning;
  std::function<void(const std::string&)> log_error = [](const auto&) {}; // a bug of ours
};

/// What it is asked for comes within a second or so, with what was found by then.
using node_supervisor =
    node_books::extend<caf::reacts_to<members_changed>, caf::replies_to<account_query>::with<account>,
                       caf::replies_to<drain>::with<drained>, caf::reacts_to<give_up>>;

struct node_supervisor_state {
  static inline const char* name = "node_supervisor";
  node_supervisor_settings settings{};
  writer_pool pool{};
  writer_supervisor writers{}; // null where there is none, as the next two
  link_supervisor links{};
  link_hosts hosts{};
  connections clients{};
  connections operators{};
  account_book book{};
  bool imbalance_told = false;                                 // once is enough
  std::shared_ptr<bool> ended = std::make_shared<bool>(false); // `end` was called; outlives the actor
  std::optional<time_point> escalated{};                       // when the writer supervisor last gave up
  bool draining = false;
  bool clients_left = false; // since then
  bool edges_left = false;
  std::vector<caf::typed_response_promise<drained>> waiting_for_the_end{}; // one per drain

  node_supervisor_state() = default;
  node_supervisor_state(const node_supervisor_state&) = delete;
  node_supervisor_state& operator=(const node_supervisor_state&) = delete;

  /// It ended, whatever by: its children end too.
  ~node_supervisor_state();

  /// A point that is nowhere is a bug: the log says so.
  void check_balance();

  /// May the writers' subtree be started again? Once; a second time only when the first is ten windows past.
  [[nodiscard]] bool may_restart_writers(const caf::error& why, time_point now);
};

node_supervisor::behavior_type run_node_supervisor(node_supervisor::stateful_pointer<node_supervisor_state> self,
                                                   node_supervisor_settings settings);

} // namespace goloca::actors
