#include "actors/node_supervisor.hpp"

#include <utility>

namespace goloca::actors {

/// From the doors inwards.
node_supervisor_state::~node_supervisor_state() {
  for (const auto& each : {clients, operators}) caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  if (hosts) caf::anon_send_exit(hosts, caf::exit_reason::user_shutdown);
  if (links) caf::anon_send_exit(links, caf::exit_reason::user_shutdown);
  if (writers) caf::anon_send_exit(writers, caf::exit_reason::user_shutdown);
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

void node_supervisor_state::check_balance() {
  for (std::size_t by = 0; by < transports; ++by) {
    const auto& of = book.points[by].points;
    if (of.conserved() || std::exchange(imbalance_told, true)) continue;
    settings.log_error("the account of " + to_string(static_cast<transport>(by)) +
                       " does not balance, which is a bug: " + std::to_string(of.received) + " points received, " +
                       std::to_string(of.answered()) + " answered, " + std::to_string(of.in_flight) +
                       " in flight: " + std::to_string(of.unaccounted()) + " are nowhere");
  }
}

namespace {

using node_pointer = node_supervisor::stateful_pointer<node_supervisor_state>;

constexpr auto patience = std::chrono::seconds{1}; // with a part that is asked how it is

void start_pool(node_pointer self) {
  auto& state = self->state;
  auto settings = state.settings.pool;
  settings.last_words = [books = node_books{self}](const pool_counts& last) {
    caf::anon_send(books, pool_ended{last});
  };
  state.pool = self->spawn<caf::monitored>(run_writer_pool, std::move(settings), state.settings.incarnation());
}

void start_writers(node_pointer self) {
  auto& state = self->state;
  if (!state.settings.has_store) return;
  auto settings = state.settings.writers;
  settings.last_words = [books = node_books{self}](const writer_counts& last) {
    caf::anon_send(books, writers_ended{last});
  };
  state.writers = self->spawn<caf::monitored>(run_writer_supervisor, std::move(settings), state.pool);
}

void start_links(node_pointer self) {
  auto& state = self->state;
  if (state.settings.links) {
    state.links = self->spawn<caf::monitored>(run_link_supervisor, *state.settings.links, state.pool);
  }
}

void start_hosts(node_pointer self) {
  auto& state = self->state;
  if (!state.settings.hosts) return;
  state.hosts = self->spawn<caf::monitored>(run_link_hosts, *state.settings.hosts, state.pool);
  state.settings.open_links(state.hosts);
}

void start_connections(node_pointer self, entrance where) {
  auto& state = self->state;
  auto& settings = where == entrance::clients ? state.settings.clients : state.settings.operators;
  auto& handle = where == entrance::clients ? state.clients : state.operators;
  handle = self->spawn<caf::monitored>(run_connections, settings, node_books{self}, state.pool);
  state.settings.open(where, handle);
}

/// Everybody who sends to the pool gets the new one.
void replace_pool(node_pointer self) {
  auto& state = self->state;
  start_pool(self);
  if (state.writers) self->send(state.writers, pool_changed{state.pool});
  if (state.links) self->send(state.links, pool_changed{state.pool});
  if (state.hosts) self->send(state.hosts, pool_changed{state.pool});
  self->send(state.clients, pool_changed{state.pool});
  self->send(state.operators, pool_changed{state.pool});
}

/// Only the process can help. What still lives goes on until it is told to drain.
void end_node(node_pointer self, const caf::error& why) {
  if (!std::exchange(*self->state.ended, true)) self->state.settings.end(why);
}

/// When a parent dies meanwhile, the next one is asked again (restart).
template <class Parent>
void drain_guests(node_pointer self, const Parent& parent, bool node_supervisor_state::*left) {
  self->request(parent, caf::infinite, drain{})
      .then(
          [self, left](const all_left&) {
            auto& state = self->state;
            state.*left = true;
            if (!state.clients_left || !state.edges_left) return;
            state.check_balance();
            for (auto& each : std::exchange(state.waiting_for_the_end, {})) each.deliver(drained{state.book.sum()});
          },
          [](const caf::error&) {});
}

/// Clients and edges; the ways to the store stay for what they have sent.
void drain_doors(node_pointer self) {
  auto& state = self->state;
  state.draining = true;
  state.edges_left = !state.hosts;
  drain_guests(self, state.clients, &node_supervisor_state::clients_left);
  if (state.hosts) drain_guests(self, state.hosts, &node_supervisor_state::edges_left);
}

/// Which of the children that is; nothing for one that was replaced already.
std::optional<node_part> part_of(const node_supervisor_state& state, const caf::actor_addr& child) {
  if (state.writers == child) return node_part::writer_supervisor;
  if (state.links == child) return node_part::link_supervisor;
  if (state.hosts == child) return node_part::link_hosts;
  if (state.pool == child) return node_part::writer_pool;
  if (state.clients == child) return node_part::client_connections;
  if (state.operators == child) return node_part::operator_connections;
  return std::nullopt;
}

/// What is known of it stays counted. Pools and writer supervisors tell it themselves, with their last words.
void note_end(account_book& book, node_part what, const caf::error& why, time_point now) {
  book.failures[static_cast<std::size_t>(what)].note(reason_of(why), now);
  auto of = [&](entrance where) -> auto& {
    return book.connections[static_cast<std::size_t>(where)];
  };
  if (what == node_part::client_connections) of(entrance::clients).end(of(entrance::clients).present);
  if (what == node_part::operator_connections) of(entrance::operators).end(of(entrance::operators).present);
}

void restart(node_pointer self, const caf::down_msg& death) {
  auto& state = self->state;
  auto now = self->clock().now();
  if (auto part = part_of(state, death.source)) note_end(state.book, *part, death.reason, now);
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
  if (death.source == state.links) return start_links(self);
  if (death.source == state.hosts) {
    start_hosts(self);
    if (state.draining) drain_guests(self, state.hosts, &node_supervisor_state::edges_left);
    return;
  }
  if (death.source == state.operators) return start_connections(self, entrance::operators);
  start_connections(self, entrance::clients);
  if (state.draining) drain_guests(self, state.clients, &node_supervisor_state::clients_left);
}

// -- questions -------------------------------------------------------------------------------------

/// A look around that is under way.
struct looking {
  node_status found{};
  std::size_t missing = 1; // answers, and whoever asks for them
  std::function<void(node_status)> use{};
};

/// One part is done, with an answer or without.
void one_less(node_pointer self, looking& at) {
  if (--at.missing > 0) return;
  auto& state = self->state;
  state.check_balance();
  at.found.at = self->clock().now();
  at.found.draining = state.draining;
  state.book.copy_to(at.found);
  at.use(std::move(at.found));
}

/// Nothing where the node has no such part.
template <class Status, class Handle, class Question, class Use>
void ask(node_pointer self, const Handle& whom, Question question, const std::shared_ptr<looking>& at,
         std::optional<Status>& answer, Use use) {
  if (!whom) return;
  ++at->missing;
  self->request(whom, patience, question)
      .then(
          [self, at, &answer, use, asked = self->clock().now()](Status& said) {
            use(said);
            said.answered_after = self->clock().now() - asked;
            answer = std::move(said);
            one_less(self, *at);
          },
          [self, at](const caf::error&) { one_less(self, *at); });
}

/// The book's place for what a part counts: noted at once, for its last words may be the next to come.
template <class Counts>
auto into(counts_of_many<Counts>& known) {
  return [&known](const auto& said) { known.know(said.counts); };
}

/// Asks every part how it is, and so every connection for its account; `use` gets what came in time.
void look_around(node_pointer self, std::function<void(node_status)> use) {
  auto& state = self->state;
  auto& book = state.book;
  auto at = std::make_shared<looking>();
  at->use = std::move(use);
  auto& [clients, operators] = at->found.connections;
  auto exists = [&](node_part which) -> bool& { return at->found.exists[static_cast<std::size_t>(which)]; };
  exists(node_part::writer_supervisor) = state.settings.has_store;
  exists(node_part::link_supervisor) = state.settings.links.has_value();
  exists(node_part::link_hosts) = state.settings.hosts.has_value();
  auto uncounted = [](const auto&) {};
  ask(self, state.pool, pool_query{}, at, at->found.pool, into(book.pools));
  ask(self, state.writers, writers_query{}, at, at->found.writers, into(book.writers));
  ask(self, state.links, links_query{}, at, at->found.links, uncounted);
  ask(self, state.hosts, hosts_query{}, at, at->found.hosts, uncounted);
  ask(self, state.clients, connections_query{}, at, clients, into(book.connections[0]));
  ask(self, state.operators, connections_query{}, at, operators, into(book.connections[1]));
  one_less(self, *at);
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
  start_links(self);
  start_hosts(self);
  start_connections(self, entrance::clients);
  start_connections(self, entrance::operators);
  return {
      [self](const account_report& told) { self->state.book.add(told); },
      [self](const status_query& asked) {
        auto promise = self->make_response_promise<status_told>();
        look_around(self, [promise, number = asked.number](node_status found) mutable {
          promise.deliver(status_told{number, std::make_shared<node_status>(std::move(found)), {}});
        });
        return promise;
      },
      [self](members_changed& now) {
        auto& state = self->state;
        if (!state.settings.links) return;
        state.settings.links->members = now.addresses; // for one that takes the place of this one
        self->send(state.links, std::move(now));
      },
      [self](const pool_ended& end) { self->state.book.pools.end(end.last); },
      [self](const writers_ended& end) { self->state.book.writers.end(end.last); },
      [self](const account_query&) {
        auto promise = self->make_response_promise<account>();
        look_around(self, [self, promise](const node_status&) mutable { promise.deliver(self->state.book.sum()); });
        return promise;
      },
      [self](const drain&) -> caf::result<drained> {
        auto promise = self->make_response_promise<drained>();
        self->state.waiting_for_the_end.push_back(promise);
        drain_doors(self);
        return promise;
      },
      [self](const give_up& order) { self->send(self->state.clients, order); },
  };
}

} // namespace goloca::actors
