#pragma once
// A writer node's ends of its links: for the pool each is a client, whose batches it merges with those of others. The
// parent checks hellos. Spawned and watched by the node supervisor; its hosts end with it, and so do their links.

#include "actors/link_host.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

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

/// No more than one line a second, for something that a peer may repeat as often as it likes.
class line_limit {
public:
  /// \return the line to write now; nothing: it is counted.
  [[nodiscard]] std::optional<std::string> say(std::string what, time_point now);
  /// What was counted, as a line, once its second is over; nothing when that is nothing.
  [[nodiscard]] std::optional<std::string> rest(time_point now);
  [[nodiscard]] bool has_rest() const { return counted_ > 0; }

  static constexpr std::chrono::seconds interval{1};

private:
  std::optional<time_point> said_{}; // last
  std::uint64_t counted_ = 0;
  std::string last_{};
};

struct link_hosts_state {
  static inline const char* name = "link_hosts";

  struct member {
    link_host handle;
    std::string node;
    std::string from;
    std::uint64_t boot = 0;
    time_point since{};
    host_report report{};
  };

  link_hosts_settings settings{};
  std::map<caf::actor_addr, member> members{};
  std::uint64_t refused = 0;
  bool draining = false;
  line_limit refusals{};
  bool ticking = false;                                                     // a tick is on its way
  std::vector<caf::typed_response_promise<all_left>> waiting_for_the_end{}; // one per drain

  /// Why it cannot be linked; nothing: it can, as far as this node knows without asking.
  [[nodiscard]] std::optional<std::string> fault_of(const link_hello& hello) const;
  [[nodiscard]] link_welcome welcome_for(const link_hello& hello, const readiness& now) const;
  [[nodiscard]] hosts_status status() const;
};

link_hosts::behavior_type run_link_hosts(link_hosts::stateful_pointer<link_hosts_state> self,
                                         link_hosts_settings settings, writer_pool pool);

} // namespace goloca::actors
