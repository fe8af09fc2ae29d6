#pragma once
// A writer node's ends of its links: for the pool each is a client, whose batches it merges with those of others. The
// parent checks hellos. Spawned and watched by the node supervisor; its hosts end with it, and so do their links.

#include "actors/messages.hpp"

#include <functional>
#include <string>

namespace goloca::actors {

struct link_hosts_settings {
  link_hello own{};         // what an edge's must match: versions, cluster, schema
  std::string node;         // our name
  std::uint64_t boot = 0;   // ours
  std::uint32_t credit = 4; // batches a link
  std::size_t most_links = 256;
  std::chrono::nanoseconds readiness_interval = std::chrono::milliseconds{500}; // a pool without writers ends the links
  std::function<void(const std::string&)> log_warning = [](const auto&) {};
  std::function<void(const std::string&)> log_info = [](const auto&) {};
};

link_hosts::behavior_type run_link_hosts(link_hosts::stateful_pointer<struct link_hosts_state> self,
                                         link_hosts_settings settings, writer_pool pool);

} // namespace goloca::actors
