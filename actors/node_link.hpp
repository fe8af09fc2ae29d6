#pragma once
// An edge's end of a link to a writer node: to the pool a db writer like any other, with more than one batch at a time.
// Spawned and watched by the link supervisor. Whatever goes wrong with the link ends the actor, so the pool has one
// case (its batches go back) and a restart a fresh connection.

#include "actors/messages.hpp"

#include <chrono>
#include <map>
#include <optional>

namespace goloca::actors {

struct node_link_settings {
  std::string address; // host:port, for the dialler and for people
  link_dialer dial;
  /// A batch without a result for so long means that the writer hangs: less than half of REQUEST_TIMEOUT, so that
  /// another still has the time.
  std::chrono::nanoseconds patience = std::chrono::seconds{4};
  std::chrono::nanoseconds tick_interval = std::chrono::milliseconds{100}; // while there is anything to wait for
};

node_link::behavior_type run_node_link(node_link::stateful_pointer<struct node_link_state> self,
                                       node_link_settings settings, link_watcher watcher);

} // namespace goloca::actors
