#include "actors/connections.hpp"

#include <algorithm>

namespace goloca::actors {

void connections_state::enter(connection handle) {
  auto address = handle.address();
  members.emplace(std::move(address), member{std::move(handle)});
}

void connections_state::wake(const caf::actor_addr& who, time_point when) {
  auto at = members.find(who);
  if (at != members.end()) at->second.due = std::min(at->second.due, when);
}

void connections_state::upgrade(const caf::actor_addr& who) {
  auto at = members.find(who);
  if (at != members.end() && !std::exchange(at->second.websocket, true)) ++websockets;
}

void connections_state::leave(const caf::actor_addr& gone, const caf::error& why, time_point now) {
  auto at = members.find(gone);
  if (at == members.end()) return;
  if (why && why != caf::exit_reason::user_shutdown) {
    ++counts.crashed;
    crashes.note(reason_of(why), now);
  }
  if (at->second.websocket) --websockets;
  members.erase(at);
}

std::vector<connection> connections_state::take_due(time_point then) {
  std::vector<connection> taken;
  for (auto& [address, each] : members) {
    if (each.due > then) continue;
    each.due = time_point::max();
    each.ticked = true;
    taken.push_back(each.handle);
  }
  return taken;
}

time_point connections_state::next_due() const {
  auto earliest = time_point::max();
  for (const auto& [address, each] : members) earliest = std::min(earliest, each.due);
  return earliest;
}

std::vector<connection> connections_state::take_to_drain(std::size_t most_websockets) {
  std::vector<connection> taken;
  for (auto& [address, each] : members) {
    if (each.drains || (each.websocket && most_websockets == 0)) continue;
    if (each.websocket) --most_websockets;
    each.drains = true;
    taken.push_back(each.handle);
  }
  return taken;
}

std::vector<connection> connections_state::take_to_report() {
  std::vector<connection> all;
  for (auto& [address, each] : members) {
    auto ticked = std::exchange(each.ticked, false); // to be asked once: the tick is before the question
    if (ticked || each.due != time_point::max()) all.push_back(each.handle);
  }
  return all;
}

namespace {

using connections_pointer = connections::stateful_pointer<connections_state>;

caf::actor_addr sender_of(connections_pointer self) {
  return caf::actor_cast<caf::actor_addr>(self->current_sender());
}

template <class Message>
void tell_all(connections_pointer self, const Message& message) {
  for (const auto& [address, each] : self->state.members) self->send(each.handle, message);
}

void report_if_empty(connections_pointer self) {
  auto& state = self->state;
  if (!state.draining || !state.members.empty()) return;
  for (auto& each : std::exchange(state.waiting_for_the_end, {})) each.deliver(all_left{});
}

constexpr auto drain_step = std::chrono::milliseconds{20};

/// As many at a time as it takes to be through in time.
void begin_to_drain(connections_pointer self, std::chrono::nanoseconds over) {
  auto& state = self->state;
  auto steps = static_cast<std::uint64_t>(std::max<std::int64_t>(1, over / drain_step));
  state.draining = true;
  state.drained_at_once = static_cast<std::size_t>((state.websockets + steps - 1) / steps);
}

void drain_some(connections_pointer self) {
  auto& state = self->state;
  for (const auto& each : state.take_to_drain(state.drained_at_once)) self->send(each, drain{});
  auto left = std::ranges::any_of(state.members, [](const auto& each) { return !each.second.drains; });
  if (left) self->delayed_send(self, drain_step, drain_more{});
}

/// There is a tick in time for whoever is due at `when`: an interval before, as the connections answer what is due
/// within one; but not sooner than an interval from now, for each looks at all members.
void tick_before(connections_pointer self, time_point when, std::chrono::nanoseconds interval) {
  auto& next = self->state.next_tick;
  if (when == time_point::max()) return;
  auto now = self->clock().now();
  auto then = std::max(when - interval, now + interval);
  if (then >= next) return;
  next = then;
  self->delayed_send(self, then - now, tick{});
}

void tick_those_due(connections_pointer self, std::chrono::nanoseconds interval) {
  auto& state = self->state;
  auto now = self->clock().now();
  if (now >= state.next_tick) state.next_tick = time_point::max();
  for (const auto& due : state.take_due(now + interval)) self->send(due, tick{});
  tick_before(self, state.next_due(), interval);
}

connections_status status_of(connections_pointer self, std::uint64_t limit) {
  const auto& state = self->state;
  return {state.members.size(), state.websockets, limit, state.draining, state.crashes, state.counts, {}};
}

/// Answers once every connection that has something to report has done so, or is gone: then its last words are said.
caf::result<connections_status> collect_reports(connections_pointer self, std::uint64_t limit) {
  auto promise = self->make_response_promise<connections_status>();
  auto asked = self->state.take_to_report();
  auto missing = std::make_shared<std::size_t>(asked.size() + 1);
  auto count_down = [=]() mutable {
    if (--*missing == 0) promise.deliver(status_of(self, limit));
  };
  for (const auto& each : asked) {
    self->request(each, caf::infinite, report_account{})
        .then([=](const account_reported&) mutable { count_down(); }, [=](const caf::error&) mutable { count_down(); });
  }
  count_down();
  return promise;
}

void let_in(connections_pointer self, open_connection& client, const connections_settings& settings,
            const node_books& books, const writer_pool& pool) {
  auto& state = self->state;
  if (state.draining || state.members.size() >= settings.limit) {
    ++state.counts.refused;
    return client.out(connection_refused{});
  }
  state.enter(self->spawn<caf::monitored>(run_connection, std::move(client.out), settings.each, connection_parent{self},
                                          books, pool));
}

} // namespace

connections::behavior_type run_connections(connections_pointer self, connections_settings settings, node_books books,
                                           writer_pool pool) {
  auto current = std::make_shared<writer_pool>(std::move(pool));
  auto interval = settings.each.tick_interval;
  auto limit = settings.limit;
  self->set_down_handler([self](const caf::down_msg& death) {
    self->state.leave(death.source, death.reason, self->clock().now());
    report_if_empty(self);
  });
  return {
      [=](open_connection& client) { let_in(self, client, settings, books, *current); },
      [=](const wake_at& wanted) {
        self->state.wake(sender_of(self), wanted.when);
        tick_before(self, wanted.when, interval);
      },
      [self](const became_websocket&) { self->state.upgrade(sender_of(self)); },
      [=](const connections_query&) { return collect_reports(self, limit); },
      [=](pool_changed& changed) {
        *current = changed.pool;
        tell_all(self, changed);
      },
      [=](const drain&) -> caf::result<all_left> {
        if (!self->state.draining) {
          begin_to_drain(self, settings.drain_over);
          drain_some(self);
        }
        auto promise = self->make_response_promise<all_left>();
        self->state.waiting_for_the_end.push_back(promise);
        report_if_empty(self);
        return promise;
      },
      [self](const drain_more&) { drain_some(self); },
      [self](const give_up& order) { tell_all(self, order); },
      [=](const tick&) { tick_those_due(self, interval); },
  };
}

} // namespace goloca::actors
