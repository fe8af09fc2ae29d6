#include "actors/writer_pool.hpp"

#include "store/fault.hpp"

namespace goloca::actors {

namespace {

using pool_pointer = writer_pool::stateful_pointer<writer_pool_state>;

void send_all(pool_pointer self, client_replies replies, time_point now) {
  for (auto& [client, reply] : replies) {
    reply.at = now;
    self->send(caf::actor_cast<reply_receiver>(client), std::move(reply));
  }
}

/// While points wait, time is looked at.
void watch_time(pool_pointer self) {
  if (!self->state.needs_tick() || std::exchange(self->state.ticking, true)) return;
  self->delayed_send(self, self->state.settings.tick_interval, tick{});
}

/// Not at once: a burst over many connections is as many requests, and those that are here already shall be in the
/// batch.
void dispatch_soon(pool_pointer self) {
  auto& state = self->state;
  if (!state.can_dispatch()) return watch_time(self);
  if (!std::exchange(state.dispatching, true)) self->send(self, dispatch_queued{});
}

/// While a batch waits for those that were answered, there has to be an end to it. Where nothing is queued there is no
/// batch, whatever the rule has in mind for the next one: its time may be past, and would come again and again.
void watch_gathering(pool_pointer self) {
  auto& state = self->state;
  if (state.queue.empty() || state.gather.until() == time_point::min()) return;
  if (std::exchange(state.gathering, true)) return;
  self->delayed_send(self, state.gather.until() - self->clock().now(), gather_ended{});
}

void tell_commits(pool_pointer self) {
  self->state.settings.on_commits(self->state.commits(), self->state.last_commit);
}

void dispatch(pool_pointer self);

/// The next batch goes first: its writer is at work while the last one's clients are told. But not before the requests
/// that are here already.
void take_result(pool_pointer self, const batch_result& done) {
  faults::crash_at(faults::named::pool_crash);
  auto now = self->clock().now();
  auto replies = self->state.finish(done, now);
  tell_commits(self);
  if (self->mailbox().empty()) dispatch(self);
  send_all(self, std::move(replies), now);
  dispatch_soon(self);
}

/// Gives work to every free writer that is worth it.
void dispatch(pool_pointer self) {
  self->state.dispatching = false;
  while (auto next = self->state.next_batch(self->clock().now())) {
    self->request(next->first, caf::infinite, std::move(next->second))
        .then([self](const batch_result& done) { take_result(self, done); },
              [](const caf::error&) {}); // the writer ends: its down message gives its batches back
    tell_commits(self);
  }
  watch_time(self);
  watch_gathering(self);
}

} // namespace

writer_pool::behavior_type run_writer_pool(pool_pointer self, writer_pool_settings settings,
                                           std::uint64_t incarnation) {
  self->state.settings = std::move(settings);
  self->state.incarnation = incarnation;
  tell_commits(self);
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  self->set_down_handler([self](const caf::down_msg& death) {
    send_all(self, self->state.lose_writer(death.source, death.reason), self->clock().now());
    tell_commits(self);
    dispatch_soon(self);
  });
  return {
      [self](insert_request& request) {
        faults::crash_at(faults::named::pool_crash);
        auto client = self->current_sender();
        auto refused = self->state.admit(client, std::move(request));
        if (!refused.runs.empty()) self->send(caf::actor_cast<reply_receiver>(client), std::move(refused));
        dispatch_soon(self);
      },
      [self](const find_request& asked) -> caf::result<find_result> {
        using state = find_result::state;
        if (self->state.in_flight_here(asked.id)) return find_result{0, state::in_flight, nullptr, {}};
        if (auto writer = self->state.writer_to_ask(self->clock().now())) return self->delegate(*writer, asked);
        return find_result{0, state::unavailable, nullptr, self->state.missing_reason};
      },
      [self](const readiness_query& asked) { return self->state.ready_now(asked.number); },
      [self](writer_ready& ready) {
        self->monitor(ready.writer);
        self->state.add_writer(std::move(ready));
        dispatch_soon(self);
      },
      [self](const writer_leaving& gone) { self->state.retire_writer(gone.writer); },
      [self](writers_missing& missing) { self->state.missing_reason = std::move(missing.reason); },
      [self](const dispatch_queued&) { dispatch(self); },
      [self](const gather_ended&) {
        self->state.gathering = false;
        dispatch(self);
      },
      [self](const tick&) {
        self->state.ticking = false;
        auto now = self->clock().now();
        send_all(self, self->state.expire(now), now);
        dispatch_soon(self);
      },
      [self](const pool_query&) { return self->state.status(); },
  };
}

} // namespace goloca::actors
