#include "tests/simulation/tree.hpp"

#include <string>
#include <utility>

namespace goloca::simulation {

using namespace std::chrono_literals;

namespace {

/// What a living actor knows; null when it is dead.
template <class State, class Handle>
const State* state_of(const Handle& who) {
  if (!who) return nullptr;
  auto* actor = caf::actor_cast<caf::abstract_actor*>(who);
  if (actor->getf(caf::abstract_actor::is_terminated_flag)) return nullptr;
  return &dynamic_cast<typename Handle::template stateful_base<State>&>(*actor).state;
}

} // namespace

tree::tree(stage& on, promises& model, const settings& with, std::shared_ptr<model_table> table,
           std::shared_ptr<door> entrance)
    : on_{on}, model_{model}, with_{with}, table_{std::move(table)}, entrance_{std::move(entrance)} {}

actors::node_supervisor_settings tree::settings_of_node() {
  actors::node_supervisor_settings made;
  made.pool.max_queued = with_.max_queued;
  made.pool.max_batch = with_.max_batch;
  made.pool.parallel_from = with_.parallel_from;
  made.writers.writers = with_.writers;
  made.writers.first_attempts = 3;
  made.writers.first_interval = 100ms;
  made.writers.rule.intensity = with_.restart_intensity;
  made.writers.jitter = [this] { return static_cast<double>(on_.random.below(1'001)) / 1'000; };
  made.writers.spawn = [this](actors::writer_watcher watcher) { return spawn_writer(std::move(watcher)); };
  made.clients.limit = with_.max_connections;
  made.clients.each.new_id = [next = std::int64_t{2'000'000}]() mutable { return next++; };
  made.operators = made.clients;
  made.rule.intensity = with_.restart_intensity;
  made.incarnation = [this] { return ++incarnations_; };
  made.open = [this](actors::entrance where, actors::connections parent) {
    if (where == actors::entrance::operators) return void(operators_ = std::move(parent));
    entrance_->parent = std::move(parent);
  };
  made.end = [this](const caf::error& why) {
    if (on_.traces()) on_.note("the node cannot go on: " + actors::reason_of(why));
    start_again();
  };
  made.log_warning = [this](const std::string& what) {
    if (on_.traces()) on_.note("warning: " + what);
  };
  return made;
}

/// In production it is detached: here it has a stack of its own.
actors::db_writer tree::spawn_writer(actors::writer_watcher watcher) {
  auto writer =
      on_.system.spawn(actors::run_db_writer, actors::db_writer_settings{table_->opener(), 200ms}, std::move(watcher));
  on_.give_own_stack(caf::actor_cast<caf::strong_actor_ptr>(writer));
  caf::actor_cast<caf::abstract_actor*>(writer)->attach_functor([this, id = writer->id()](const caf::error& why) {
    model_.writer_lost(why, on_.now());
    std::erase_if(writers_, [id](const auto& each) { return each->id() == id; });
  });
  return writers_.emplace_back(writer);
}

void tree::start() {
  entrance_->account = std::make_shared<book>(); // which the node supervisor keeps, whoever else dies
  node_ = on_.system.spawn(actors::run_node_supervisor, settings_of_node());
}

/// The process ends, and whoever watches it starts it again.
void tree::start_again() {
  if (std::exchange(starts_again_, true) || ended_) return;
  on_.after(std::chrono::microseconds{on_.random.between(1'000, 100'000)}, "the process ends", [this] {
    model_.pool_lost(on_.now());
    caf::anon_send_exit(node_, caf::exit_reason::user_shutdown);
    on_.after(20ms, "the process starts again", [this] {
      starts_again_ = false;
      start();
    });
  });
}

void tree::kill(victim whom, std::size_t which) {
  auto end = [](const auto& handle) {
    if (handle) caf::anon_send_exit(handle, caf::exit_reason::kill);
  };
  const auto* parts = state_of<actors::node_supervisor_state>(node_);
  switch (whom) {
  case victim::writer:
    if (!writers_.empty()) end(writers_[which % writers_.size()]);
    return;
  case victim::writer_supervisor:
    return parts ? end(parts->writers) : void();
  case victim::pool:
    model_.pool_lost(on_.now());
    return parts ? end(parts->pool) : void();
  case victim::connections:
    return end(entrance_->parent);
  case victim::operators:
    return end(operators_);
  case victim::node:
    model_.pool_lost(on_.now());
    return end(node_);
  case victim::connection: // the client's to tell
    return;
  }
}

void tree::watch() {
  if (const auto* all = state_of<actors::connections_state>(entrance_->parent)) {
    if (all->members.size() > with_.max_connections) model_.breaks("5 bounded: too many connections");
  }
  const auto* parts = state_of<actors::node_supervisor_state>(node_);
  if (parts) model_.account_now(parts->book.sum(), *entrance_->account);
  const auto* pool = parts ? state_of<actors::writer_pool_state>(parts->pool) : nullptr;
  if (!pool) return;
  std::size_t admitted = 0; // what a dead writer gave back was admitted before, when there was room
  for (const auto& run : pool->queue) admitted += run.dispatched ? 0 : run.points.rows.count;
  if (admitted > with_.max_queued) {
    model_.breaks("5 bounded: " + std::to_string(admitted) + " points wait that were never dispatched");
  }
}

std::shared_ptr<std::optional<actors::account>> tree::drain() {
  auto slip = std::make_shared<std::optional<actors::account>>();
  auto ask = [slip](caf::event_based_actor* self, const actors::node_supervisor& whom) {
    self->request(whom, caf::infinite, actors::drain{})
        .then([slip](const actors::drained& done) { *slip = done.total; }, [](const caf::error&) {});
  };
  askers_.push_back(on_.system.spawn(ask, node_));
  return slip;
}

void tree::end() {
  ended_ = true;
  caf::anon_send_exit(node_, caf::exit_reason::kill);
  for (const auto& each : askers_) caf::anon_send_exit(each, caf::exit_reason::kill);
  askers_.clear();
}

} // namespace goloca::simulation
