#include "actors/node_supervisor.hpp"

#include <utility>

namespace goloca::actors {

/// From the doors inwards.
node_supervisor_state::~node_supervisor_state() {
  for (const auto& each : {clients, operators}) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(writers, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(pool, caf::exit_reason::user_shutdown);
}

bool node_supervisor_state::may_restart_writers(const caf::error& why, time_point now) {
  auto is = [&](failure what) { return why == caf::make_error(what); };
  if (is(failure::store_unfit) || is(failure::store_never_came)) return false; // for a person
  if (!is(failure::too_many_crashes))
    return settings.rule.after_crash(now, 0).has_value(); // its own, not its children's
  if (escalated && now - *escalated < 10 * settings.rule.window) return false;
  escalated = now;
  return true;
}

namespace {

using node_pointer = node_supervisor::stateful_pointer<node_supervisor_state>;

void start_pool(node_pointer self) {
  auto& state = self->state;
  state.pool = self->spawn<caf::monitored>(run_writer_pool, state.settings.pool, state.settings.incarnation());
}

void start_writers(node_pointer self) {
  auto& state = self->state;
  state.writers = self->spawn<caf::monitored>(run_writer_supervisor, state.settings.writers, state.pool);
}

void start_connections(node_pointer self, entrance where) {
  auto& state = self->state;
  auto& settings = where == entrance::clients ? state.settings.clients : state.settings.operators;
  auto& handle = where == entrance::clients ? state.clients : state.operators;
  handle = self->spawn<caf::monitored>(run_connections, settings, state.pool);
  state.settings.open(where, handle);
}

/// Everybody who sends to the pool gets the new one.
void replace_pool(node_pointer self) {
  auto& state = self->state;
  start_pool(self);
  self->send(state.writers, pool_changed{state.pool});
  self->send(state.clients, pool_changed{state.pool});
  self->send(state.operators, pool_changed{state.pool});
}

/// Only the process can help. What still lives goes on until it is told to drain.
void end_node(node_pointer self, const caf::error& why) {
  if (!std::exchange(*self->state.ended, true)) self->state.settings.end(why);
}

/// When the parent of connections dies meanwhile, the next one is asked again (restart).
void drain_clients(node_pointer self) {
  self->request(self->state.clients, caf::infinite, drain{})
      .then(
          [self](const drained& done) {
            for (auto& each : std::exchange(self->state.waiting_for_the_end, {})) each.deliver(done);
          },
          [](const caf::error&) {});
}

void restart(node_pointer self, const caf::down_msg& death) {
  auto& state = self->state;
  auto now = self->clock().now();
  if (death.source == state.writers) {
    if (!state.may_restart_writers(death.reason, now)) return end_node(self, death.reason);
    state.settings.log_warning("restarting the db writers' supervisor: " + reason_of(death.reason));
    state.settings.writers.came_before = true;
    return start_writers(self);
  }
  state.settings.log_warning("restarting an actor that died: " + reason_of(death.reason));
  // No wait before these: they do nothing at start that could fail, and until they are back the node is deaf.
  if (!state.settings.rule.after_crash(now, 0)) return end_node(self, death.reason);
  if (death.source == state.pool) return replace_pool(self);
  if (death.source == state.operators) return start_connections(self, entrance::operators);
  start_connections(self, entrance::clients);
  if (state.draining) drain_clients(self);
}

} // namespace

node_supervisor::behavior_type run_node_supervisor(node_pointer self, node_supervisor_settings settings) {
  self->state.settings = std::move(settings);
  self->set_down_handler([self](const caf::down_msg& death) { restart(self, death); });
  // Nobody supervises the root: where it crashes, the process is told like of anything else that cannot be mended.
  self->attach_functor([end = self->state.settings.end, ended = self->state.ended](const caf::error& why) {
    if (why && why != caf::exit_reason::user_shutdown && !std::exchange(*ended, true)) end(why);
  });
  start_pool(self);
  start_writers(self);
  start_connections(self, entrance::clients);
  start_connections(self, entrance::operators);
  return {
      [self](const account_query& asked) { return self->delegate(self->state.clients, asked); },
      [self](const drain&) -> caf::result<drained> {
        auto promise = self->make_response_promise<drained>();
        self->state.waiting_for_the_end.push_back(promise);
        self->state.draining = true;
        drain_clients(self);
        return promise;
      },
      [self](const give_up& order) { self->send(self->state.clients, order); },
  };
}

} // namespace goloca::actors
