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
  auto settings = state.settings.writers;
  settings.last_words = [books = node_books{self}](const writer_counts& last) {
    caf::anon_send(books, writers_ended{last});
  };
  state.writers = self->spawn<caf::monitored>(run_writer_supervisor, std::move(settings), state.pool);
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
          [self](const all_left&) {
            auto& state = self->state;
            state.check_balance();
            for (auto& each : std::exchange(state.waiting_for_the_end, {})) each.deliver(drained{state.book.sum()});
          },
          [](const caf::error&) {});
}

/// Which of the children that is; nothing for one that was replaced already.
std::optional<node_part> part_of(const node_supervisor_state& state, const caf::actor_addr& child) {
  if (state.writers == child) return node_part::writer_supervisor;
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
  if (death.source == state.operators) return start_connections(self, entrance::operators);
  start_connections(self, entrance::clients);
  if (state.draining) drain_clients(self);
}

// -- questions -------------------------------------------------------------------------------------

/// A look around that is under way.
struct looking {
  node_status found{};
  std::size_t missing = 4;
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

/// \param known  the book's place for what it counts: noted at once, for its last words may be the next to come.
template <class Status, class Handle, class Question, class Counts>
void ask(node_pointer self, const Handle& whom, Question question, const std::shared_ptr<looking>& at,
         std::optional<Status>& answer, counts_of_many<Counts>& known) {
  self->request(whom, patience, question)
      .then(
          [self, at, &answer, &known, asked = self->clock().now()](Status& said) {
            known.know(said.counts);
            said.answered_after = self->clock().now() - asked;
            answer = std::move(said);
            one_less(self, *at);
          },
          [self, at](const caf::error&) { one_less(self, *at); });
}

/// Asks every part how it is, and so every connection for its account; `use` gets what came in time.
void look_around(node_pointer self, std::function<void(node_status)> use) {
  auto& state = self->state;
  auto& book = state.book;
  auto at = std::make_shared<looking>();
  at->use = std::move(use);
  auto& [clients, operators] = at->found.connections;
  ask(self, state.pool, pool_query{}, at, at->found.pool, book.pools);
  ask(self, state.writers, writers_query{}, at, at->found.writers, book.writers);
  ask(self, state.clients, connections_query{}, at, clients, book.connections[0]);
  ask(self, state.operators, connections_query{}, at, operators, book.connections[1]);
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
      [self](const account_report& told) { self->state.book.add(told); },
      [self](const status_query& asked) {
        auto promise = self->make_response_promise<status_told>();
        look_around(self, [promise, number = asked.number](node_status found) mutable {
          promise.deliver(status_told{number, std::make_shared<node_status>(std::move(found)), {}});
        });
        return promise;
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
        self->state.draining = true;
        drain_clients(self);
        return promise;
      },
      [self](const give_up& order) { self->send(self->state.clients, order); },
  };
}

} // namespace goloca::actors
