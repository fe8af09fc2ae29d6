#include "actors/stepwise_writer.hpp"

#include "store/fault.hpp"

#include <utility>

namespace goloca::actors {

stepwise_writer_state::stepwise_writer_state() = default;

stepwise_writer_state::~stepwise_writer_state() {
  auto why = caf::make_error(failure::store_unavailable, std::string{"the writer ended"});
  if (at_hand) at_hand->second.deliver(why);
  for (auto& each : waiting) each.refuse(why);
}

namespace {

using writer_pointer = stepwise_writer::stateful_pointer<stepwise_writer_state>;

/// Now, or when what is under way is done.
template <class Result, class Work>
void in_turn(writer_pointer self, caf::typed_response_promise<Result> answer, Work work) {
  auto& state = self->state;
  if (!std::exchange(state.busy, true)) return work();
  auto refuse = [answer = std::move(answer)](const caf::error& why) mutable { answer.deliver(why); };
  state.waiting.push_back({std::move(work), std::move(refuse)});
}

void next_turn(writer_pointer self) {
  auto& state = self->state;
  state.busy = false;
  if (state.waiting.empty()) return;
  auto next = std::move(state.waiting.front());
  state.waiting.pop_front();
  state.busy = true;
  next.work();
}

/// Has the one with the thread do it.
template <class Result, class Request>
void have_done(writer_pointer self, Request request, caf::typed_response_promise<Result> answer) {
  self->request(self->state.threaded, caf::infinite, std::move(request))
      .then(
          [=](Result& done) mutable {
            self->state.busy_since_probe = true;
            answer.deliver(std::move(done));
            next_turn(self);
          },
          [=](const caf::error& why) mutable { answer.deliver(why); }); // it ends: so do we, by its down message
}

auto take_at_hand(stepwise_writer_state& of) {
  auto taken = std::move(*of.at_hand);
  of.at_hand.reset();
  return taken;
}

void finish_with_thread(writer_pointer self) {
  auto [batch, answer] = take_at_hand(self->state);
  auto points = self->state.rows.size();
  self->request(caf::actor_cast<threaded_writer>(self->state.threaded), caf::infinite, finish_insert{std::move(batch)})
      .then(
          [=, answer = answer](batch_result& done) mutable {
            self->state.busy_since_probe = true;
            answer.deliver(result_of(done.id, std::move(done.result), points));
            next_turn(self);
          },
          [answer = answer](const caf::error& why) mutable { answer.deliver(why); });
}

void go_on(writer_pointer self) {
  auto& state = self->state;
  auto step = state.steps->proceed();
  if (const auto* event = std::get_if<store::socket_event>(&step)) {
    return state.watch(*event, [to = stepwise_writer{self}] { caf::anon_send(to, socket_ready{}); });
  }
  if (std::holds_alternative<store::needs_thread>(step)) return finish_with_thread(self);
  if (const auto* lost = std::get_if<store::store_error>(&step)) return self->quit(end_of(*lost));
  faults::crash_at(faults::named::writer_crash);
  auto done = result_of(state.at_hand->first.id, std::move(std::get<store::insert_result>(step)), state.rows.size());
  state.busy_since_probe = true;
  take_at_hand(state).second.deliver(std::move(done));
  next_turn(self);
}

void write(writer_pointer self, insert_batch batch, stepwise_writer_state::answer answer) {
  auto& state = self->state;
  const auto& ranges = state.at_hand.emplace(std::move(batch), std::move(answer)).first.rows;
  faults::crash_at(faults::named::writer_crash);
  state.rows.clear();
  for (const auto& range : ranges) {
    for (std::uint32_t i = 0; i < range.count; ++i) state.rows.push_back(range[i]);
  }
  if (state.watch && state.steps->begin(state.rows)) return go_on(self);
  auto [whole, asker] = take_at_hand(state);
  have_done(self, std::move(whole), std::move(asker));
}

void probe(writer_pointer self) {
  auto& state = self->state;
  if (std::exchange(state.busy_since_probe, false) || state.busy) return;
  state.busy = true;
  self->request(state.threaded, caf::infinite, probe_store{}).then([=] { next_turn(self); }, [](const caf::error&) {});
}

void watch_others(writer_pointer self, const writer_watcher& watcher) {
  self->monitor(self->state.threaded);
  self->monitor(watcher);
  self->set_down_handler([self](const caf::down_msg& death) {
    if (death.source == self->state.threaded.address()) return self->quit(death.reason);
    self->quit(caf::exit_reason::user_shutdown);
  });
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
}

/// A socket that never waits needs no watch.
socket_watch watch_of(const stepwise_writer_settings& settings, store::stepwise_insert* steps) {
  if (steps == nullptr) return nullptr;
  if (steps->socket() < 0) return [](store::socket_event, const std::function<void()>&) {};
  return settings.watch(steps->socket());
}

} // namespace

stepwise_writer::behavior_type run_stepwise_writer(writer_pointer self, stepwise_writer_settings settings,
                                                   writer_watcher watcher) {
  self->state.threaded = settings.spawn(writer_watcher{stepwise_writer{self}});
  watch_others(self, watcher);
  return {
      [self](insert_batch& batch) -> caf::result<batch_result> {
        auto answer = self->make_response_promise<batch_result>();
        in_turn(self, answer, [=, batch = std::move(batch)]() mutable { write(self, std::move(batch), answer); });
        return answer;
      },
      [self](const find_request& asked) -> caf::result<find_result> {
        auto answer = self->make_response_promise<find_result>();
        in_turn(self, answer, [=] { have_done(self, asked, answer); });
        return answer;
      },
      [](const connect_store&) {}, // the one with the thread does
      [self, interval = settings.probe_interval](const probe_store&) {
        probe(self);
        self->delayed_send(self, interval, probe_store{});
      },
      [=](writer_ready& ready) {
        self->state.watch = watch_of(settings, ready.steps.get());
        self->state.steps = std::move(ready.steps);
        self->send(watcher, writer_ready{stepwise_writer{self}, std::move(ready.promise), ready.capacity, nullptr});
        self->delayed_send(self, settings.probe_interval, probe_store{});
      },
      [self](const socket_ready&) { go_on(self); },
  };
}

} // namespace goloca::actors
