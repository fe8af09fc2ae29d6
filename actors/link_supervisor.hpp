#pragma once
// Keeps one link to each member: starts, watches and restarts them with a jittered backoff, without limit; a member
// that is no more is drained. Spawned and watched by the node supervisor; its links end with it.

#include "actors/node_link.hpp"
#include "actors/restart_rule.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace goloca::actors {

struct link_supervisor_settings {
  restart_rule rule{};            // of each link
  std::function<double()> jitter; // 0 to 1
  std::function<node_link(const std::string& address, link_watcher)> spawn;
  std::function<void(const store::durability&)> on_first_ready = [](const auto&) {}; // once a supervisor
  std::function<void(const std::string&)> log_warning = [](const auto&) {};
  std::function<void(const std::string&)> log_info = [](const auto&) {}; // a link came up, was drained
  std::vector<std::string> members = {};                                 // known already
};

/// No clock: the caller passes `now`. Invariant: a slot that is wanted has a link, or a start on its way; one that is
/// not has a link that finishes what it has.
struct link_supervisor_state {
  static inline const char* name = "link_supervisor";

  struct slot {
    node_link link{};
    bool wanted = true;
    std::optional<writer_ready> announced = std::nullopt; // connected, and takes batches
    bool leaving = false;
    time_point since{};        // connected: since when
    time_point starts_at{};    // while there is no link
    restart_rule rule{};       // its own backoff
    failure_record failures{}; // of its links
    std::string told{};        // the failure that was logged last; empty after a success
    link_named peer{};
    link_report report{};
  };

  link_supervisor_settings settings{};
  std::map<std::string, slot> slots{}; // by address
  bool came_once = false;
  bool draining = false;
  std::string missing_reason{};
  std::uint64_t restarts = 0;

  /// Who is new (to be started now), and who is no more (its link, to be drained). A member that comes back keeps its
  /// link.
  struct change {
    std::vector<std::string> start{};
    std::vector<node_link> drain{};
  };
  [[nodiscard]] change set_members(const std::vector<std::string>& addresses);

  /// May it be started now? Not one that has a link, is no member or has a later start on its way.
  [[nodiscard]] bool is_due(const std::string& address, time_point now) const;

  [[nodiscard]] std::map<std::string, slot>::iterator find(const caf::actor_addr& link);

  /// \return when to start it again, as a wait; nothing: it is forgotten.
  [[nodiscard]] std::optional<std::chrono::nanoseconds>
  after_death(std::map<std::string, slot>::iterator at, const caf::error& why, time_point now, double jitter);
  [[nodiscard]] bool has_writer() const; // one that takes batches
  [[nodiscard]] links_status status() const;
};

link_supervisor::behavior_type run_link_supervisor(link_supervisor::stateful_pointer<link_supervisor_state> self,
                                                   link_supervisor_settings settings, writer_pool pool);

} // namespace goloca::actors
