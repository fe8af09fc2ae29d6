#include "actors/db_writer.hpp"

#include "store/fault.hpp"
#include "store/stepwise_insert.hpp"

#include <stdexcept>
#include <utility>

namespace goloca::actors {

namespace {

failure failure_of(store::error_kind kind) {
  switch (kind) {
  case store::error_kind::unavailable:
    return failure::store_unavailable;
  case store::error_kind::unknown:
    return failure::store_unknown;
  case store::error_kind::unfit:
    return failure::store_unfit;
  }
  return failure::store_unknown;
}

/// Ends the writer with the store's reason, which is also the answer to what was asked.
caf::error end_with(caf::scheduled_actor* self, const store::store_error& lost) {
  auto why = end_of(lost);
  self->quit(why);
  return why;
}

} // namespace

caf::error end_of(const store::store_error& lost) {
  return caf::make_error(failure_of(lost.kind), lost.message);
}

batch_result result_of(batch_id id, store::insert_result written, std::size_t points) {
  if (written.outcomes.size() != points) throw std::logic_error{"the store did not say what became of each point"};
  return {id, std::move(written)};
}

store::result<store::durability> db_writer_state::connect(const store::store_opener& open) {
  auto opened = open();
  if (auto* lost = std::get_if<store::store_error>(&opened)) return std::move(*lost);
  store = std::move(std::get<0>(opened));
  return store->prepare();
}

store::result<batch_result> db_writer_state::write(const insert_batch& batch) {
  rows.clear();
  for (const auto& range : batch.rows) {
    for (std::uint32_t i = 0; i < range.count; ++i) rows.push_back(range[i]);
  }
  faults::crash_at(faults::named::writer_crash);
  auto written = store->insert(rows);
  faults::crash_at(faults::named::writer_crash);
  if (auto* lost = std::get_if<store::store_error>(&written)) return std::move(*lost);
  busy_since_probe = true;
  return result_of(batch.id, std::move(std::get<store::insert_result>(written)), rows.size());
}

store::result<batch_result> db_writer_state::finish(batch_id begun) {
  auto written = store->in_steps()->finish();
  if (auto* lost = std::get_if<store::store_error>(&written)) return std::move(*lost);
  return batch_result{begun, std::move(std::get<store::insert_result>(written))};
}

std::shared_ptr<store::stepwise_insert> db_writer_state::steps() const {
  auto* steps = store->in_steps();
  if (steps == nullptr) return nullptr;
  return {store, steps};
}

store::result<find_result> db_writer_state::find(std::int64_t id) {
  auto looked = store->find(id);
  if (auto* lost = std::get_if<store::store_error>(&looked)) return std::move(*lost);
  auto row = std::move(std::get<0>(looked));
  return find_result{0, row ? find_result::state::found : find_result::state::missing, row, {}};
}

std::optional<store::store_error> db_writer_state::probe() {
  if (std::exchange(busy_since_probe, false)) return std::nullopt;
  return store->probe();
}

threaded_writer::behavior_type run_db_writer(threaded_writer::stateful_pointer<db_writer_state> self,
                                             db_writer_settings settings, writer_watcher watcher) {
  self->monitor(watcher);
  self->set_down_handler([self](const caf::down_msg&) { self->quit(caf::exit_reason::user_shutdown); });
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  self->send(self, connect_store{});
  return {
      [self](insert_batch& batch) -> caf::result<batch_result> {
        auto written = self->state.write(batch);
        if (auto* lost = std::get_if<store::store_error>(&written)) return end_with(self, *lost);
        return std::move(std::get<batch_result>(written));
      },
      [self](const find_request& asked) -> caf::result<find_result> {
        auto found = self->state.find(asked.id);
        if (auto* lost = std::get_if<store::store_error>(&found)) return end_with(self, *lost);
        return std::move(std::get<find_result>(found));
      },
      [self, settings, watcher](const connect_store&) {
        auto connected = self->state.connect(settings.open);
        if (auto* lost = std::get_if<store::store_error>(&connected)) return void(end_with(self, *lost));
        self->send(watcher, writer_ready{threaded_writer{self},
                                         std::move(std::get<store::durability>(connected)),
                                         {},
                                         self->state.steps()});
        if (settings.probe_interval.count() > 0) self->delayed_send(self, settings.probe_interval, probe_store{});
      },
      [self, interval = settings.probe_interval](const probe_store&) {
        if (auto lost = self->state.probe()) return void(end_with(self, *lost));
        if (interval.count() > 0) self->delayed_send(self, interval, probe_store{});
      },
      [self](const finish_insert& rest) -> caf::result<batch_result> {
        auto finished = self->state.finish(rest.begun.id);
        if (auto* lost = std::get_if<store::store_error>(&finished)) return end_with(self, *lost);
        return std::move(std::get<batch_result>(finished));
      },
  };
}

} // namespace goloca::actors
