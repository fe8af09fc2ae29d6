#include "tests/simulation/tree.hpp"

#include "actors/stepwise_writer.hpp"
#include "tests/simulation/state_of.hpp"

#include <iterator>
#include <string>
#include <utility>

namespace goloca::simulation {

using namespace std::chrono_literals;

tree::tree(stage& on, promises& model, const settings& with, std::shared_ptr<model_table> table,
           std::shared_ptr<door> entrance, place in)
    : on_{on}, model_{model}, with_{with}, table_{std::move(table)}, entrance_{std::move(entrance)}, in_{in} {}

actors::node_supervisor_settings tree::settings_of_node() {
  actors::node_supervisor_settings made;
  made.pool.max_queued = with_.max_queued;
  made.pool.max_batch = with_.max_batch;
  made.pool.parallel_from = with_.parallel_from;
  made.writers.writers = with_.writers;
  made.writers.first_attempts = 3;
  made.writers.first_interval = 100ms;
  made.writers.rule.intensity = with_.restart_intensity;
  made.writers.jitter = jitter();
  made.writers.spawn = [this](actors::writer_watcher watcher) { return spawn_writer(std::move(watcher)); };
  made.clients.limit = with_.max_connections;
  auto first_id = 2'000'000 + 100'000 * static_cast<std::int64_t>(in_.number); // chance's, which is each node's own
  made.clients.each.new_id = [next = first_id]() mutable { return next++; };
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
  made.log_warning = warner();
  if (in_.lines) join_cluster(made);
  return made;
}

std::function<double()> tree::jitter() {
  return [this] { return static_cast<double>(on_.random.below(1'001)) / 1'000; };
}

std::function<void(const std::string&)> tree::warner() {
  return [this](const std::string& what) {
    if (on_.traces()) on_.note("warning: " + what);
  };
}

// -- in a cluster ---------------------------------------------------------------------------------

void tree::join_cluster(actors::node_supervisor_settings& made) {
  auto& lines = *in_.lines;
  actors::link_hello own{{}, "cluster", lines.name_of(in_.number), lines.begin_process(in_.number), "schema"};
  if (lines.is_edge(in_.number)) {
    made.has_store = false;
    made.pool.max_batch = with_.cluster->edge_batch;
    made.links = supervision(own);
  } else {
    made.hosts = hosting(own);
    made.open_links = [this](actors::link_hosts parent) { in_.lines->serve(in_.number, std::move(parent)); };
  }
}

/// As node_links.cpp has it.
nanoseconds tree::link_patience(const settings& with) {
  return with.request_timeout * 2 / 5;
}

actors::link_supervisor_settings tree::supervision(const actors::link_hello& own) {
  actors::link_supervisor_settings made;
  made.rule.most = 2s;
  made.jitter = jitter();
  made.members = in_.lines->addresses();
  made.log_warning = warner();
  made.spawn = [this, dial = in_.lines->dialer_of(in_.number, own)](const std::string& address,
                                                                    actors::link_watcher watcher) {
    actors::node_link_settings of_link{address, dial, link_patience(with_)};
    auto link = on_.system.spawn(actors::run_node_link, std::move(of_link), std::move(watcher));
    caf::actor_cast<caf::abstract_actor*>(link)->attach_functor(
        [this](const caf::error& why) { model_.writer_lost(why, on_.now()); });
    return link;
  };
  return made;
}

actors::link_hosts_settings tree::hosting(const actors::link_hello& own) {
  actors::link_hosts_settings made;
  made.own = own;
  made.node = own.node;
  made.boot = own.boot;
  made.credit = with_.cluster->credit;
  made.log_warning = warner();
  return made;
}

void tree::regroup(std::vector<std::string> members) {
  caf::anon_send(node_, actors::members_changed{std::move(members)});
}

// -- its process ----------------------------------------------------------------------------------

/// As in production: with a thread, or before one.
actors::db_writer tree::spawn_writer(actors::writer_watcher watcher) {
  auto supervisor = watcher.address();
  if (on_.random.once_in(2)) return known(spawn_with_thread(200ms, std::move(watcher)), supervisor);
  actors::stepwise_writer_settings made;
  made.probe_interval = 200ms;
  made.spawn = [this](actors::writer_watcher front) { return spawn_with_thread({}, std::move(front)); };
  made.watch = [this](int) -> actors::socket_watch {
    if (on_.random.once_in(8)) return nullptr;
    return [this](store::socket_event, std::function<void()> then) {
      on_.after(std::chrono::microseconds{on_.random.between(10, 2'000)}, "a socket is ready", std::move(then));
    };
  };
  auto writer = on_.system.spawn(actors::run_stepwise_writer, std::move(made), std::move(watcher));
  on_.give_own_stack(caf::actor_cast<caf::strong_actor_ptr>(writer)); // its store takes time, too
  return known(writer, supervisor);
}

/// In production it is detached: here it has a stack of its own.
actors::db_writer tree::spawn_with_thread(nanoseconds probe_interval, actors::writer_watcher watcher) {
  actors::db_writer_settings made{table_->opener(), probe_interval};
  auto writer = on_.system.spawn(actors::run_db_writer, std::move(made), std::move(watcher));
  on_.give_own_stack(caf::actor_cast<caf::strong_actor_ptr>(writer));
  return writer;
}

actors::db_writer tree::known(const actors::db_writer& writer, const caf::actor_addr& supervisor) {
  auto forgotten = [supervisor](const caf::error& why) {
    auto parent = caf::actor_cast<caf::strong_actor_ptr>(supervisor);
    return why == caf::exit_reason::unreachable && parent &&
           !caf::actor_cast<caf::abstract_actor*>(parent)->getf(caf::abstract_actor::is_terminated_flag);
  };
  caf::actor_cast<caf::abstract_actor*>(writer)->attach_functor([=, this, id = writer->id()](const caf::error& why) {
    if (forgotten(why)) model_.breaks("a writer ends as nobody holds it, and not by its store");
    model_.writer_lost(why, on_.now());
    std::erase_if(writers_, [id](const auto& each) { return each.id() == id; });
  });
  writers_.push_back(writer.address());
  return writer;
}

void tree::start() {
  ++processes_;
  starts_again_ = rolls_ = false;
  entrance_->account = std::make_shared<book>(); // which the node supervisor keeps, whoever else dies
  node_ = on_.system.spawn(actors::run_node_supervisor, settings_of_node());
}

/// The process ends, and whoever watches it starts it again.
void tree::start_again() {
  if (std::exchange(starts_again_, true) || ended_) return;
  on_.after(std::chrono::microseconds{on_.random.between(1'000, 100'000)}, "the process ends", [this] {
    model_.pool_lost(on_.now());
    caf::anon_send_exit(node_, caf::exit_reason::user_shutdown);
    if (in_.lines) in_.lines->end_process(in_.number);
    on_.after(20ms, "the process starts again", [this] { start(); });
  });
}

void tree::roll() {
  constexpr auto shutdown_timeout = 8s;
  if (!up()) return;
  rolls_ = true;
  auto end = [this, process = processes_] {
    if (process == processes_) start_again();
  };
  drain(end);
  on_.after(shutdown_timeout, "a drain has had its time", end);
}

void tree::kill(victim whom, std::size_t which) {
  auto end = [](const auto& handle) {
    if (handle) caf::anon_send_exit(handle, caf::exit_reason::kill);
  };
  auto end_one_of = [&](const auto* all, auto handle_of) {
    if (all && !all->empty())
      end(handle_of(*std::next(all->begin(), static_cast<std::ptrdiff_t>(which % all->size()))));
  };
  const auto* parts = state_of<actors::node_supervisor_state>(node_);
  switch (whom) {
  case victim::writer:
    if (!writers_.empty()) end(caf::actor_cast<caf::actor>(writers_[which % writers_.size()]));
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
    if (in_.lines && on_.random.once_in(2)) in_.lines->vanish(in_.number);
    return end(node_);
  case victim::link: {
    const auto* of = parts ? state_of<actors::link_supervisor_state>(parts->links) : nullptr;
    return end_one_of(of ? &of->slots : nullptr, [](const auto& slot) { return slot.second.link; });
  }
  case victim::link_supervisor:
    return parts ? end(parts->links) : void();
  case victim::host: {
    const auto* of = parts ? state_of<actors::link_hosts_state>(parts->hosts) : nullptr;
    return end_one_of(of ? &of->members : nullptr, [](const auto& member) { return member.second.handle; });
  }
  case victim::hosts:
    return parts ? end(parts->hosts) : void();
  case victim::connection: // the client's to tell
    return;
  }
}

std::shared_ptr<std::optional<actors::account>> tree::drain(std::function<void()> done) {
  auto slip = std::make_shared<std::optional<actors::account>>();
  auto ask = [slip, done = std::move(done)](caf::event_based_actor* self, const actors::node_supervisor& whom) {
    self->request(whom, caf::infinite, actors::drain{})
        .then(
            [=](const actors::drained& all) {
              *slip = all.total;
              done();
            },
            [](const caf::error&) {});
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
