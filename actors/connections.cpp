#include "actors/connections.hpp"

namespace goloca::actors {

void connections_state::enter(connection handle) {
  auto address = handle.address();
  members.emplace(std::move(address), member{std::move(handle)});
}

void connections_state::note(const caf::actor_addr& from, const account_delta& delta) {
  auto at = members.find(from);
  if (at == members.end()) return;
  auto answered = delta.change.answered();
  at->second.in_flight += delta.change.received - answered;
  at->second.next_deadline = delta.next_deadline;
  total += delta.change;
  total.in_flight += delta.change.received - answered;
}

void connections_state::leave(const caf::actor_addr& gone) {
  auto at = members.find(gone);
  if (at == members.end()) return;
  total.add(verdict::timeout, at->second.in_flight);
  total.in_flight -= at->second.in_flight;
  members.erase(at);
}

std::vector<connection> connections_state::due(time_point now) const {
  std::vector<connection> late;
  for (const auto& [address, each] : members) {
    if (each.next_deadline <= now) late.push_back(each.handle);
  }
  return late;
}

namespace {

using connections_pointer = connections::stateful_pointer<connections_state>;

template <class Message>
void tell_all(connections_pointer self, const Message& message) {
  for (const auto& [address, each] : self->state.members) self->send(each.handle, message);
}

void report_if_empty(connections_pointer self) {
  auto& state = self->state;
  if (!state.draining || !state.members.empty()) return;
  for (auto& each : std::exchange(state.waiting_for_the_end, {})) each.deliver(drained{state.total});
}

/// While anything is in flight, time has to be looked at.
void keep_ticking(connections_pointer self, std::chrono::nanoseconds interval) {
  if (self->state.total.in_flight > 0 && !std::exchange(self->state.ticking, true)) {
    self->delayed_send(self, interval, tick{});
  }
}

} // namespace

connections::behavior_type run_connections(connections_pointer self, connections_settings settings, writer_pool pool) {
  auto current = std::make_shared<writer_pool>(std::move(pool));
  self->set_down_handler([self](const caf::down_msg& death) {
    self->state.leave(death.source);
    report_if_empty(self);
  });
  return {
      [=](open_connection& client) {
        if (self->state.draining || self->state.members.size() >= settings.limit) {
          return client.out(connection_refused{});
        }
        auto spawned = self->spawn<caf::monitored>(run_connection, std::move(client.out), settings.each,
                                                   account_keeper{self}, *current);
        self->state.enter(std::move(spawned));
      },
      [=](const account_delta& delta) {
        self->state.note(caf::actor_cast<caf::actor_addr>(self->current_sender()), delta);
        keep_ticking(self, settings.each.tick_interval);
      },
      [self](const account_query&) { return self->state.total; },
      [=](pool_changed& changed) {
        *current = changed.pool;
        tell_all(self, changed);
      },
      [self](const drain& order) -> caf::result<drained> {
        self->state.draining = true;
        auto promise = self->make_response_promise<drained>();
        self->state.waiting_for_the_end.push_back(promise);
        tell_all(self, order);
        report_if_empty(self);
        return promise;
      },
      [self](const give_up& order) { tell_all(self, order); },
      [=](const tick& now) {
        self->state.ticking = false;
        for (const auto& late : self->state.due(self->clock().now() + settings.each.tick_interval)) {
          self->send(late, now);
        }
        keep_ticking(self, settings.each.tick_interval);
      },
  };
}

} // namespace goloca::actors
