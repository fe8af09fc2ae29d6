#pragma once

#include "actors/node_status.hpp"
#include "net/net_settings.hpp"

#include <string>

namespace goloca::net {

/// /cluster: this node, and its links to others, as a JSON object.
[[nodiscard]] std::string cluster_page(const actors::node_status& node, const node_name& name);

} // namespace goloca::net
