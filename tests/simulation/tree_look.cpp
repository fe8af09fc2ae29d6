// A look into the tree between two steps: what must hold at each, and what where nothing is left to do.
#include "tests/simulation/state_of.hpp"
#include "tests/simulation/tree.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace goloca::simulation {

namespace {

using numbers = tree::numbers;

numbers numbers_in(const actors::writer_pool_state& pool) {
  numbers all;
  auto note = [&](const actors::waiting_run& run) {
    for (std::uint32_t i = 0; i < run.points.rows.count; ++i) all.emplace_back(run.client->id(), run.points.first + i);
  };
  std::ranges::for_each(pool.queue, note);
  for (const auto& [sequence, batch] : pool.in_flight) std::ranges::for_each(batch.runs, note);
  std::ranges::sort(all);
  return all;
}

/// How many of a client's points `first`, first + 1 … are there.
std::size_t count_of(const numbers& held, caf::actor_id client, std::uint64_t first, std::size_t count) {
  auto from = std::ranges::lower_bound(held, std::pair{client, first});
  return static_cast<std::size_t>(std::ranges::lower_bound(held, std::pair{client, first + count}) - from);
}

} // namespace

// -- at each step ---------------------------------------------------------------------------------

void tree::watch() {
  if (const auto* all = state_of<actors::connections_state>(entrance_->parent)) {
    if (all->members.size() > with_.max_connections) model_.breaks("5 bounded: too many connections");
  }
  const auto* parts = state_of<actors::node_supervisor_state>(node_);
  if (parts) model_.account_now(parts->book.sum(), *entrance_->account);
  if (parts && in_.lines) watch_links(*parts);
  const auto* pool = parts ? state_of<actors::writer_pool_state>(parts->pool) : nullptr;
  if (!pool) return;
  std::size_t admitted = 0; // what a dead writer gave back was admitted before, when there was room
  for (const auto& run : pool->queue) admitted += run.dispatched ? 0 : run.points.rows.count;
  if (admitted > with_.max_queued) {
    model_.breaks("5 bounded: " + std::to_string(admitted) + " points wait that were never dispatched");
  }
  if (on_.quiet()) watch_points(*parts, *pool);
}

/// Where nothing is on its way between actors, what somebody waits for is the pool's, once. Else it would wait until
/// its deadline, and say `timeout` for what nobody was at.
void tree::watch_points(const actors::node_supervisor_state& parts, const actors::writer_pool_state& pool) {
  auto held = numbers_in(pool);
  if (std::ranges::adjacent_find(held) != held.end()) model_.breaks("3: the pool has a point twice");
  watch_connections(held);
  if (parts.hosts) watch_hosts(parts.hosts, held);
}

void tree::watch_connections(const numbers& held) {
  const auto* all = state_of<actors::connections_state>(entrance_->parent);
  if (!all) return;
  for (const auto& [address, each] : all->members) {
    const auto* connection = state_of<actors::reporting_connection>(each.handle);
    if (!connection) continue;
    for (const auto& run : connection->window) {
      auto wanted = run.answer ? 0 : run.rows.count;
      if (count_of(held, each.handle.id(), run.first, run.rows.count) >= wanted) continue;
      return model_.breaks("2 one answer: connection #" + std::to_string(each.handle.id()) +
                           " waits for what nobody has, from point " + std::to_string(run.first) + " on");
    }
  }
}

namespace {

/// Points that a host will ask its pool for again, from number `first` on.
std::size_t crowded_of(const actors::link_host_state& host, std::uint64_t first, std::size_t points) {
  std::size_t count = 0;
  for (const auto& each : host.crowded) {
    if (each.first >= first && each.first < first + points) count += each.count;
  }
  return count;
}

} // namespace

void tree::watch_hosts(const actors::link_hosts& parent, const numbers& held) {
  const auto* all = state_of<actors::link_hosts_state>(parent);
  if (!all) return;
  for (const auto& [address, each] : all->members) {
    const auto* host = state_of<actors::link_host_state>(each.handle);
    if (!host) continue;
    for (const auto& [first, batch] : host->batches) {
      auto points = batch.result.result.outcomes.size();
      auto known = count_of(held, each.handle.id(), first, points) + crowded_of(*host, first, points);
      if (known >= batch.missing) continue;
      return model_.breaks("2 one answer: the host of " + each.node + " waits for what nobody has, of batch " +
                           std::to_string(batch.result.sequence));
    }
  }
}

/// A writer that hangs does not keep a batch for longer than it may.
void tree::watch_links(const actors::node_supervisor_state& parts) {
  const auto* all = state_of<actors::link_supervisor_state>(parts.links);
  if (!all) return;
  auto patience = link_patience(with_) + actors::node_link_settings{}.tick_interval + 20 * stage::most_lag;
  for (const auto& [address, of] : all->slots) {
    const auto* link = state_of<actors::node_link_state>(of.link);
    if (!link || link->in_flight.empty() || link->in_flight.begin()->second.since + patience >= on_.now()) continue;
    model_.breaks("2 one answer: the link to " + address + " waits for one for longer than it may");
  }
}

// -- at rest --------------------------------------------------------------------------------------

std::string tree::unrest() const {
  const auto* parts = state_of<actors::node_supervisor_state>(node_);
  if (!up() || !parts) return "there is no node";
  const auto* pool = state_of<actors::writer_pool_state>(parts->pool);
  if (!pool || !pool->queue.empty() || !pool->in_flight.empty()) return "the pool has work";
  if (pool->ready_now(0).writers == 0) return "the pool has no writer";
  if (auto links = unrest_of_links(*parts); !links.empty()) return links;
  return unrest_of_hosts(*parts);
}

std::string tree::unrest_of_links(const actors::node_supervisor_state& parts) const {
  if (!parts.links) return {};
  const auto* all = state_of<actors::link_supervisor_state>(parts.links);
  if (!all) return "there are no links";
  for (const auto& address : in_.lines->addresses()) {
    auto at = all->slots.find(address);
    auto up = at != all->slots.end() && at->second.announced && !at->second.leaving;
    const auto* link = up ? state_of<actors::node_link_state>(at->second.link) : nullptr;
    if (!link) return "there is no link to " + address;
    if (!link->idle()) return "the link to " + address + " has work";
  }
  return {};
}

std::string tree::unrest_of_hosts(const actors::node_supervisor_state& parts) const {
  if (!parts.hosts) return {};
  const auto* all = state_of<actors::link_hosts_state>(parts.hosts);
  if (!all || all->members.size() != with_.cluster->edges) return "it does not host each edge once";
  for (const auto& [address, each] : all->members) {
    const auto* host = state_of<actors::link_host_state>(each.handle);
    if (!host || !host->batches.empty()) return "the host of " + each.node + " has work";
  }
  return {};
}

} // namespace goloca::simulation
