#pragma once
// The node's figures as Prometheus reads them (its text format, version 0.0.4). Made anew for each scrape, of values
// that their owners told: there is no registry, so nobody counts under a lock.

#include "actors/node_status.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace goloca::net {

inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// What the sessions' side knows.
struct session_figures {
  std::string version; // of goloca
  std::string store;   // "postgres"
  std::string schema;  // the table's name
  std::uint64_t buffered_bytes = 0;
  std::uint64_t buffered_limit = 0;
};

/// All metrics, each with HELP and TYPE. What a part that did not answer would have told is left out; what is counted
/// is always there, and never goes down within a process's life.
std::string metrics_text(const actors::node_status& node, const session_figures& sessions);

} // namespace goloca::net
