#include "actors/writer_pool.hpp"

namespace goloca::actors {

namespace {

using pool_pointer = writer_pool::stateful_pointer<writer_pool_state>;

void send_all(pool_pointer self, client_replies replies) {
  for (auto& [client, reply] : replies) self->send(caf::actor_cast<reply_receiver>(client), std::move(reply));
}

/// Gives work to every idle writer that is worth it, and sees to it that time is noticed while points wait.
void dispatch(pool_pointer self) {
  while (auto next = self->state.next_batch(self->clock().now())) {
    self->request(next->first, caf::infinite, std::move(next->second))
        .then(
            [self](const batch_result& done) {
              send_all(self, self->state.finish(done));
              dispatch(self);
            },
            [](const caf::error&) {}); // the writer ends: its down message gives the batch back
  }
  if (self->state.needs_tick() && !std::exchange(self->state.ticking, true)) {
    self->delayed_send(self, self->state.settings.tick_interval, tick{});
  }
}

} // namespace

writer_pool::behavior_type run_writer_pool(pool_pointer self, writer_pool_settings settings,
                                           std::uint64_t incarnation) {
  self->state.settings = settings;
  self->state.incarnation = incarnation;
  self->set_down_handler([self](const caf::down_msg& death) {
    send_all(self, self->state.lose_writer(death.source, death.reason));
    dispatch(self);
  });
  return {
      [self](insert_request& request) {
        auto client = self->current_sender();
        auto refused = self->state.admit(client, std::move(request));
        if (!refused.runs.empty()) self->send(caf::actor_cast<reply_receiver>(client), std::move(refused));
        dispatch(self);
      },
      [self](const find_request& asked) -> caf::result<find_result> {
        using state = find_result::state;
        if (self->state.in_flight_here(asked.id)) return find_result{0, state::in_flight, nullptr, {}};
        if (auto writer = self->state.writer_to_ask()) return self->delegate(*writer, asked);
        return find_result{0, state::unavailable, nullptr, self->state.missing_reason};
      },
      [self](const readiness_query& asked) { return self->state.ready_now(asked.number); },
      [self](writer_ready& ready) {
        self->monitor(ready.writer);
        self->state.add_writer(std::move(ready));
        dispatch(self);
      },
      [self](writers_missing& missing) { self->state.missing_reason = std::move(missing.reason); },
      [self](const tick&) {
        self->state.ticking = false;
        send_all(self, self->state.expire(self->clock().now()));
        dispatch(self);
      },
  };
}

} // namespace goloca::actors
