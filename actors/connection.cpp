#include "actors/connection.hpp"

#include "store/fault.hpp"

#include <set>

namespace goloca::actors {

reporting_connection::~reporting_connection() {
  expire(time_point::max());
  report();
}

void reporting_connection::report() {
  if (has_news()) caf::anon_send(books, take_report());
}

namespace {

using connection_pointer = connection::stateful_pointer<reporting_connection>;

/// What a connection talks to. It lives in the behaviour's lambdas.
struct surroundings {
  reply_port out;
  connection_settings settings;
  connection_parent parent;
  writer_pool pool;                        // null between the death of one and the news of the next
  std::vector<insert_request> held = {};   // for the next
  std::set<std::uint64_t> asked = {};      // find_querys that were not answered yet
  time_point woken_at = time_point::max(); // by the parent, as far as we asked it to
};
using shared_surroundings = std::shared_ptr<surroundings>;

/// A parent that is to wake us later than something is due must hear of it. While it has us on its list, it also asks
/// for our account when somebody wants to know; else what there is to tell is told now.
void keep_parent_aware(connection_pointer self, surroundings& around) {
  auto due = self->state.next_deadline();
  if (due < around.woken_at) {
    around.woken_at = due;
    self->send(around.parent, wake_at{due});
  } else if (around.woken_at == time_point::max()) {
    self->state.report();
  }
}

/// After every change of the window: what can be answered goes out, and who has nothing left to do ends.
/// \param now  where it is known.
void settle(connection_pointer self, surroundings& around, time_point now = {}) {
  auto& state = self->state;
  if (state.can_release()) {
    auto ready = state.release(now == time_point{} ? self->clock().now() : now);
    if (state.client_here) around.out(std::move(ready));
  }
  keep_parent_aware(self, around);
  if (!state.client_here && state.idle()) self->quit();
}

void send_to_pool(connection_pointer self, surroundings& around, insert_request request) {
  if (around.pool)
    self->send(around.pool, std::move(request));
  else
    around.held.push_back(std::move(request));
}

void take_pool(connection_pointer self, surroundings& around, writer_pool pool) {
  if (around.pool) { // the news of its death is still on the way
    self->state.lose_pool();
    settle(self, around);
  }
  around.pool = std::move(pool);
  self->monitor(around.pool);
  for (auto& request : std::exchange(around.held, {})) self->send(around.pool, std::move(request));
}

void watch_others(connection_pointer self, const shared_surroundings& around) {
  self->set_down_handler([self, around](const caf::down_msg& death) {
    if (around->parent == death.source) return self->quit(death.reason);
    if (around->pool != death.source) return;
    around->pool = writer_pool{};
    self->state.lose_pool();
    settle(self, *around);
  });
}

/// Once for each find_query.
void answer_find(surroundings& around, find_result found) {
  if (around.asked.erase(found.number) > 0) around.out(std::move(found));
}

/// As at the deadline of everything that waits, points and questions.
void give_up_all(connection_pointer self, surroundings& around) {
  while (!around.asked.empty()) {
    answer_find(around, {*around.asked.begin(), find_result::state::timeout, nullptr, "the node gave up waiting"});
  }
  self->state.expire(time_point::max());
  settle(self, around);
}

void ask_store(connection_pointer self, const shared_surroundings& around, const find_query& asked) {
  using state = find_result::state;
  around->asked.insert(asked.number);
  if (!around->pool) {
    return answer_find(*around, {asked.number, state::unavailable, nullptr, "the writer pool is being restarted"});
  }
  auto left = std::max(asked.deadline - self->clock().now(), caf::actor_clock::duration_type{1});
  self->request(around->pool, left, find_request{asked.id})
      .then(
          [around, number = asked.number](find_result& found) {
            found.number = number;
            answer_find(*around, std::move(found));
          },
          [around, number = asked.number](const caf::error& why) {
            auto late = why == caf::sec::request_timeout;
            answer_find(*around, {number, late ? state::timeout : state::unavailable, nullptr, reason_of(why)});
          });
}

void ask_readiness(connection_pointer self, const shared_surroundings& around, const readiness_query& asked) {
  if (!around->pool)
    return around->out(readiness{asked.number, 0, 0, 0, true, {}, "the writer pool is being restarted"});
  self->request(around->pool, std::chrono::seconds{1}, asked)
      .then([around](readiness& now) { around->out(std::move(now)); },
            [around, number = asked.number](const caf::error& why) {
              around->out(readiness{number, 0, 0, 0, true, {}, "the writer pool does not answer: " + reason_of(why)});
            });
}

void ask_status(connection_pointer self, const shared_surroundings& around, const status_query& asked) {
  self->request(self->state.books, std::chrono::seconds{3}, asked)
      .then([around](status_told& told) { around->out(std::move(told)); },
            [around, number = asked.number](const caf::error& why) {
              around->out(status_told{number, nullptr, "the node supervisor does not answer: " + reason_of(why)});
            });
}

} // namespace

connection::behavior_type run_connection(connection_pointer self, reply_port out, connection_settings settings,
                                         connection_parent parent, node_books books, writer_pool pool) {
  self->state.request_timeout = settings.request_timeout;
  self->state.books = std::move(books);
  auto around = std::make_shared<surroundings>(
      surroundings{std::move(out), std::move(settings), std::move(parent), std::move(pool)});
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  watch_others(self, around);
  self->monitor(around->parent);
  self->monitor(around->pool);
  around->out(connection_opened{self});
  return {
      [self, around](const burst& read) {
        faults::crash_at(faults::named::connection_crash);
        if (auto request = self->state.take(read)) send_to_pool(self, *around, std::move(*request));
        settle(self, *around);
      },
      [self, around](insert_reply& reply) {
        faults::crash_at(faults::named::connection_crash);
        auto now = reply.at;
        if (auto again = self->state.apply(std::move(reply), around->settings.new_id)) {
          send_to_pool(self, *around, std::move(*again));
        }
        settle(self, *around, now);
      },
      [self, around](const find_query& asked) { ask_store(self, around, asked); },
      [self, around](const readiness_query& asked) { ask_readiness(self, around, asked); },
      [self, around](const status_query& asked) { ask_status(self, around, asked); },
      [self, around](const client_gone&) {
        self->state.client_here = false;
        settle(self, *around);
      },
      [self, around](const became_websocket& news) {
        self->state.report();
        self->state.by = transport::websocket;
        self->send(around->parent, news);
      },
      [self, around](pool_changed& changed) { take_pool(self, *around, std::move(changed.pool)); },
      [self, around](const drain&) {
        self->state.draining = true;
        around->out(drain{});
      },
      [self, around](const give_up&) { give_up_all(self, *around); },
      [self, around](const tick&) {
        around->woken_at = time_point::max();
        auto now = self->clock().now();
        self->state.expire(now + around->settings.tick_interval);
        settle(self, *around, now);
      },
      [self](const report_account&) {
        self->state.report();
        return account_reported{};
      },
  };
}

} // namespace goloca::actors
