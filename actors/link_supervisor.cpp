#include "actors/link_supervisor.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace goloca::actors {

link_supervisor_state::change link_supervisor_state::set_members(const std::vector<std::string>& addresses) {
  change made;
  if (draining) return made;
  std::set<std::string> members{addresses.begin(), addresses.end()};
  for (auto& [address, of] : slots) {
    of.wanted = members.erase(address) > 0;
    if (!of.wanted && of.link) made.drain.push_back(of.link);
  }
  std::erase_if(slots, [](const auto& each) { return !each.second.wanted && !each.second.link; });
  for (const auto& address : members) {
    slots[address].rule = settings.rule;
    made.start.push_back(address);
  }
  return made;
}

bool link_supervisor_state::is_due(const std::string& address, time_point now) const {
  auto at = slots.find(address);
  return at != slots.end() && at->second.wanted && !at->second.link && at->second.starts_at <= now;
}

std::map<std::string, link_supervisor_state::slot>::iterator link_supervisor_state::find(const caf::actor_addr& link) {
  return std::ranges::find_if(slots, [&](const auto& each) { return each.second.link == link; });
}

std::optional<std::chrono::nanoseconds> link_supervisor_state::after_death(std::map<std::string, slot>::iterator at,
                                                                           const caf::error& why, time_point now,
                                                                           double jitter) {
  auto& of = at->second;
  if (!of.wanted) {
    missing_reason = "the link to " + at->first + " ended, for that is no member any longer";
    slots.erase(at);
    return std::nullopt;
  }
  // One that only comes up to fail again is no success.
  if (of.since != time_point{} && now - of.since >= of.rule.most) of.rule.succeeded();
  of.link = node_link{};
  of.announced.reset();
  of.leaving = false;
  of.since = {};
  of.report = {};
  missing_reason = why == caf::exit_reason::user_shutdown ? "link to " + at->first + " was drained" : reason_of(why);
  of.failures.note(missing_reason, now);
  auto wait = of.rule.after_unavailable(jitter);
  of.starts_at = now + wait;
  return wait;
}

bool link_supervisor_state::has_writer() const {
  return std::ranges::any_of(slots, [](const auto& each) { return each.second.announced.has_value(); });
}

links_status link_supervisor_state::status() const {
  links_status now{{}, restarts, {}};
  for (const auto& [address, of] : slots) {
    using state = link_status::state;
    auto what = !of.link       ? state::waiting
                : of.leaving   ? state::leaving
                : of.announced ? state::connected
                               : state::connecting;
    now.links.push_back({address, of.peer.node, what, of.link ? of.link.id() : caf::actor_id{0}, of.starts_at,
                         of.failures, of.report.round_trip, of.report.batch_time, of.report.in_flight,
                         of.report.credit});
  }
  return now;
}

namespace {

using supervisor_pointer = link_supervisor::stateful_pointer<link_supervisor_state>;
using shared_pool = std::shared_ptr<writer_pool>;

void start(supervisor_pointer self, const std::string& address) {
  auto& state = self->state;
  if (!state.is_due(address, self->clock().now())) return;
  auto& of = state.slots.at(address);
  of.link = state.settings.spawn(address, link_watcher{self});
  self->monitor(of.link);
  if (of.failures.count > 0) ++state.restarts;
}

void change_members(supervisor_pointer self, const std::vector<std::string>& addresses) {
  auto change = self->state.set_members(addresses);
  for (const auto& link : change.drain) self->send(link, drain{});
  for (const auto& address : change.start) start(self, address);
}

void tell_if_missing(supervisor_pointer self, const writer_pool& pool) {
  const auto& state = self->state;
  if (!state.has_writer() && !state.missing_reason.empty()) self->send(pool, writers_missing{state.missing_reason});
}

void restart(supervisor_pointer self, const writer_pool& pool, const caf::down_msg& death) {
  auto& state = self->state;
  auto at = state.find(death.source);
  if (at == state.slots.end()) return;
  auto address = at->first;
  auto was_announced = at->second.announced.has_value();
  auto wait = state.after_death(at, death.reason, self->clock().now(), state.settings.jitter());
  if (!wait) {
    state.settings.log_info(state.missing_reason);
    return tell_if_missing(self, pool);
  }
  // Each try of one that stays away would say the same.
  auto& of = state.slots.at(address);
  if (was_announced || of.told != of.failures.last) state.settings.log_warning(of.failures.last);
  of.told = of.failures.last;
  tell_if_missing(self, pool);
  self->delayed_send(self, *wait, start_link{address});
}

void announce(supervisor_pointer self, const writer_pool& pool, writer_ready& ready) {
  auto& state = self->state;
  auto at = state.find(ready.writer.address());
  if (at == state.slots.end()) return;
  auto& of = at->second;
  if (!std::exchange(state.came_once, true)) state.settings.on_first_ready(ready.promise);
  state.settings.log_info("link to " + at->first + " (" + of.peer.node + ") is up");
  of.since = self->clock().now();
  of.told.clear();
  of.report.credit = ready.capacity.batches;
  self->send(pool, ready);
  of.announced = std::move(ready);
}

void retire(supervisor_pointer self, const writer_pool& pool, const writer_leaving& gone) {
  auto& state = self->state;
  auto at = state.find(gone.writer.address());
  if (at == state.slots.end()) return;
  at->second.leaving = true;
  at->second.announced.reset();
  state.missing_reason = "link to " + at->first + " (" + at->second.peer.node + ") drains";
  state.settings.log_info(state.missing_reason);
  self->send(pool, gone);
  tell_if_missing(self, pool);
}

/// The slot of the link that sent the current message; null for a stranger.
link_supervisor_state::slot* sender_slot(supervisor_pointer self) {
  auto at = self->state.find(caf::actor_cast<caf::actor_addr>(self->current_sender()));
  return at == self->state.slots.end() ? nullptr : &at->second;
}

} // namespace

link_supervisor::behavior_type run_link_supervisor(supervisor_pointer self, link_supervisor_settings settings,
                                                   writer_pool pool) {
  self->state.settings = std::move(settings);
  auto current = std::make_shared<writer_pool>(std::move(pool));
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  self->set_down_handler([=](const caf::down_msg& death) { restart(self, *current, death); });
  change_members(self, self->state.settings.members);
  return {
      [=](writer_ready& ready) { announce(self, *current, ready); },
      [=](const writer_leaving& gone) { retire(self, *current, gone); },
      [self](link_named& named) {
        if (auto* of = sender_slot(self)) of->peer = std::move(named);
      },
      [self](const link_report& report) {
        if (auto* of = sender_slot(self)) of->report = report;
      },
      [self](const members_changed& changed) { change_members(self, changed.addresses); },
      [self](const start_link& order) { start(self, order.address); },
      [=](pool_changed& changed) {
        *current = std::move(changed.pool);
        for (const auto& [address, of] : self->state.slots) {
          if (of.announced) self->send(*current, *of.announced);
        }
        tell_if_missing(self, *current);
      },
      [self](const drain&) {
        change_members(self, {});
        self->state.draining = true;
      },
      [self](const links_query&) { return self->state.status(); },
  };
}

} // namespace goloca::actors
