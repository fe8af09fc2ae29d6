#include "actors/writer_supervisor.hpp"

#include "store/fault.hpp"

#include <algorithm>
#include <utility>

namespace goloca::actors {

namespace {

bool ended_by(const caf::error& why, failure what) {
  return why && why.category() == caf::atom("goloca") && why.code() == static_cast<std::uint8_t>(what);
}

/// No crash: the store said why.
bool ended_by_the_store(const caf::error& why) {
  return ended_by(why, failure::store_unavailable) || ended_by(why, failure::store_unknown) ||
         ended_by(why, failure::store_unfit);
}

} // namespace

std::optional<std::uint32_t> writer_supervisor_state::slot_of(const caf::actor_addr& writer) const {
  auto at = std::ranges::find_if(slots, [&](const auto& each) { return each.writer.address() == writer; });
  if (at == slots.end()) return std::nullopt;
  return static_cast<std::uint32_t>(at - slots.begin());
}

void writer_supervisor_state::note_ready(std::uint32_t which, writer_ready ready) {
  auto& of = slots[which];
  of.ready = true;
  of.attempt = 0;
  if (std::exchange(of.came_before, true)) ++counts.reconnects;
  came_once = true;
  announced.push_back(std::move(ready));
}

writers_status writer_supervisor_state::status() const {
  writers_status now{{}, counts, {}};
  for (const auto& each : slots) {
    auto what = each.ready    ? writer_status::state::connected
                : each.writer ? writer_status::state::connecting
                              : writer_status::state::waiting;
    now.slots.push_back({what, each.writer ? each.writer.id() : caf::actor_id{0}, each.starts_at, each.failures});
  }
  return now;
}

restart_decision writer_supervisor_state::after_death(std::uint32_t which, const caf::error& why, time_point now,
                                                      double jitter) {
  auto& dead = slots[which];
  std::erase_if(announced, [&](const auto& each) { return each.writer == dead.writer; });
  dead.writer = db_writer{};
  dead.ready = false;
  auto of_the_store = ended_by_the_store(why);
  missing_reason = reason_of(why);
  dead.failures.note(missing_reason, now);
  if (!came_once && ended_by(why, failure::store_unfit)) return {{}, why};
  if (!came_once && of_the_store) {
    if (++first_attempt < settings.first_attempts) return {settings.first_interval};
    return {{}, caf::make_error(failure::store_never_came, reason_of(why))};
  }
  auto& rule = settings.rule;
  rule.attempt = dead.attempt; // each slot has its own backoff, all share the count of crashes
  std::optional<std::chrono::nanoseconds> wait =
      of_the_store ? rule.after_unavailable(jitter) : rule.after_crash(now, jitter);
  dead.attempt = rule.attempt;
  if (wait) return {*wait};
  return {{},
          caf::make_error(failure::too_many_crashes, std::to_string(rule.intensity + 1) +
                                                         " crashes of db writers within " +
                                                         std::to_string(rule.window / std::chrono::seconds{1}) +
                                                         " s, the last: " + reason_of(why))};
}

namespace {

using supervisor_pointer = writer_supervisor::stateful_pointer<writer_supervisor_state>;

/// It has so little to do that a fault would find it asleep.
constexpr auto fault_look_interval = std::chrono::milliseconds{100};

void start(supervisor_pointer self, std::uint32_t slot) {
  auto writer = self->state.settings.spawn(writer_watcher{self});
  self->monitor(writer);
  auto& in = self->state.slots[slot];
  in.writer = std::move(writer);
  if (in.failures.count > 0 || self->state.settings.came_before) ++self->state.counts.restarts;
}

void restart(supervisor_pointer self, const writer_pool& pool, const caf::down_msg& death) {
  auto& state = self->state;
  auto slot = state.slot_of(death.source);
  if (!slot) return;
  auto was_ready = state.slots[*slot].ready;
  auto now = self->clock().now();
  auto decision = state.after_death(*slot, death.reason, now, state.settings.jitter());
  if (was_ready || !state.came_once || !ended_by_the_store(death.reason))
    state.settings.log_warning(state.missing_reason);
  if (state.announced.empty()) self->send(pool, writers_missing{state.missing_reason});
  if (decision.end) return self->quit(*decision.end);
  state.slots[*slot].starts_at = now + decision.wait;
  self->delayed_send(self, decision.wait, start_writer{*slot});
}

} // namespace

writer_supervisor::behavior_type run_writer_supervisor(supervisor_pointer self, writer_supervisor_settings settings,
                                                       writer_pool pool) {
  self->state.slots.resize(settings.writers, {.came_before = settings.came_before});
  self->state.came_once = settings.came_before;
  self->state.settings = std::move(settings);
  auto current = std::make_shared<writer_pool>(std::move(pool));
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  self->set_down_handler([=](const caf::down_msg& death) { restart(self, *current, death); });
  if (self->state.settings.look_for_faults) self->delayed_send(self, fault_look_interval, tick{});
  self->send(self, start_writer{0}); // the others once it is up: one of them makes the table
  return {
      [=](writer_ready& ready) {
        auto slot = self->state.slot_of(ready.writer.address());
        if (!slot) return;
        auto first = !std::exchange(self->state.others_started, true);
        if (!self->state.came_once) self->state.settings.on_first_ready(ready.promise);
        self->send(*current, ready);
        self->state.note_ready(*slot, std::move(ready));
        for (std::uint32_t other = 1; first && other < self->state.slots.size(); ++other) start(self, other);
      },
      [=](pool_changed& changed) {
        *current = std::move(changed.pool);
        const auto& state = self->state;
        for (const auto& ready : state.announced) self->send(*current, ready);
        if (state.announced.empty() && !state.missing_reason.empty()) {
          self->send(*current, writers_missing{state.missing_reason});
        }
      },
      [self](const start_writer& order) { start(self, order.slot); },
      [self](const tick& again) {
        faults::crash_at(faults::named::supervisor_crash);
        self->delayed_send(self, fault_look_interval, again);
      },
      [self](const writers_query&) { return self->state.status(); },
  };
}

} // namespace goloca::actors
