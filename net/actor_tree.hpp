#pragma once
// The tree of actors as operators see it: GET /actors.

#include "actors/node_status.hpp"

#include <chrono>
#include <string>

namespace goloca::net {

/// A JSON object for the node supervisor, with its children and theirs in "children": each has "actor", "state",
/// "restarts", "last_failure" (null, or its reason and when), and what else there is to say. Connections are counts,
/// not entries. "answered_in_ms" tells how long an actor's mailbox is, in time. A part that did not answer in time is
/// "not answering". \param now  the wall clock's time of node.at.
std::string actor_tree(const actors::node_status& node,
                       std::chrono::system_clock::time_point now = std::chrono::system_clock::now());

} // namespace goloca::net
