#pragma once
// Keeps one link to each member: starts, watches and restarts them with a jittered backoff, without limit; a member
// that is no more is drained. Spawned and watched by the node supervisor; its links end with it.

#include "actors/node_link.hpp"
#include "actors/restart_rule.hpp"

#include <functional>

namespace goloca::actors {

struct link_supervisor_settings {
  restart_rule rule{};            // of each link
  std::function<double()> jitter; // 0 to 1
  std::function<node_link(const std::string& address, link_watcher)> spawn;
  std::function<void(const store::durability&)> on_first_ready = [](const auto&) {}; // once a node
  std::function<void(const std::string&)> log_warning = [](const auto&) {};
  std::function<void(const std::string&)> log_info = [](const auto&) {}; // a link came up, was drained
  std::vector<std::string> members = {};                                 // known already
};

link_supervisor::behavior_type run_link_supervisor(link_supervisor::stateful_pointer<struct link_supervisor_state> self,
                                                   link_supervisor_settings settings, writer_pool pool);

} // namespace goloca::actors
