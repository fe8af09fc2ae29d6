#include "actors/node_link.hpp"

#include "actors/id_digest.hpp"

#include <algorithm>
#include <utility>

namespace goloca::actors {

node_link_state::~node_link_state() {
  if (out) out(link_close{});
}

// -- batches ---------------------------------------------------------------------------------------

void node_link_state::take(insert_batch batch, batch_answer answer) {
  touched = true;
  held.push_back({std::move(batch), std::move(answer)});
}

std::vector<link_batch> node_link_state::take_sendable(time_point now) {
  std::vector<link_batch> sendable;
  auto credit = welcome ? welcome->credit : 0U;
  while (!held.empty() && in_flight.size() < credit) {
    auto [batch, answer] = std::move(held.front());
    held.pop_front();
    std::size_t points = 0;
    for (const auto& range : batch.rows) points += range.count;
    auto sequence = next_sequence++;
    auto digest = digest_of_ids(batch.rows);
    in_flight.emplace(sequence, sent_batch{batch.id, digest, points, now, std::move(answer)});
    sendable.push_back(
        {sequence, digest, std::chrono::ceil<std::chrono::milliseconds>(patience), std::move(batch.rows)});
  }
  return sendable;
}

std::variant<node_link_state::answered_batch, std::string> node_link_state::settle(link_result result, time_point now) {
  auto at = in_flight.find(result.sequence);
  if (at == in_flight.end()) return "it answered a batch that it does not have: " + std::to_string(result.sequence);
  auto& of = at->second;
  if (of.digest != result.digest) return "it answered batch " + std::to_string(result.sequence) + " for other points";
  if (of.points != result.result.outcomes.size()) {
    return "it answered " + std::to_string(result.result.outcomes.size()) + " points of a batch of " +
           std::to_string(of.points);
  }
  auto took = now - of.since;
  batch_time = batch_time == batch_time.zero() ? took : batch_time + (took - batch_time) / 8;
  answered_batch done{std::move(of.answer), {of.id, std::move(result.result), std::move(result.given_up)}};
  in_flight.erase(at);
  touched = true;
  return done;
}

// -- questions -------------------------------------------------------------------------------------

link_find node_link_state::ask(std::int64_t id, find_answer answer, time_point now) {
  touched = true;
  auto number = next_number++;
  asked.emplace(number, question{id, now, std::move(answer)});
  return {number, id, std::chrono::ceil<std::chrono::milliseconds>(patience)};
}

namespace {

find_result::state state_of(link_found::state what) {
  switch (what) {
  case link_found::state::found:
    return find_result::state::found;
  case link_found::state::missing:
    return find_result::state::missing;
  case link_found::state::in_flight:
    return find_result::state::in_flight;
  case link_found::state::unavailable:
    return find_result::state::unavailable;
  case link_found::state::timeout:
    return find_result::state::timeout;
  }
  return find_result::state::unavailable;
}

} // namespace

std::variant<std::optional<node_link_state::answered_find>, std::string> node_link_state::settle(link_found found) {
  if (found.number >= next_number) return "it answered a question that nobody asked";
  auto at = asked.find(found.number);
  if (at == asked.end()) return std::optional<answered_find>{};
  auto what = state_of(found.what);
  auto has_row = found.row && found.row->size() == 1 && (*found.row)[0].id() == at->second.id;
  if (what == find_result::state::found && !has_row) return "it found another point than it was asked for";
  answered_find done{std::move(at->second.answer), {0, what, std::move(found.row), std::move(found.detail)}};
  asked.erase(at);
  touched = true;
  return std::optional{std::move(done)};
}

std::vector<node_link_state::answered_find> node_link_state::take_overdue_finds(time_point now) {
  std::vector<answered_find> late;
  while (!asked.empty() && now - asked.begin()->second.since >= patience) {
    late.push_back({std::move(asked.begin()->second.answer),
                    {0, find_result::state::timeout, nullptr, title() + " does not answer"}});
    asked.erase(asked.begin());
  }
  return late;
}

// -- the link itself -------------------------------------------------------------------------------

std::optional<std::string> node_link_state::accept(link_welcome offered) {
  if (welcome) return "it said welcome twice";
  if (offered.credit == 0 || offered.most_points == 0) return "it takes no batches";
  welcome = std::move(offered);
  return std::nullopt;
}

std::optional<std::string> node_link_state::overdue(time_point now) const {
  if (in_flight.empty() || now - in_flight.begin()->second.since < patience) return std::nullopt;
  return "no answer to a batch for " + std::to_string(patience / std::chrono::milliseconds{1}) + " ms";
}

link_report node_link_state::report(std::chrono::nanoseconds round_trip) const {
  return {round_trip, batch_time, in_flight.size(), welcome ? welcome->credit : 0U};
}

std::string node_link_state::title() const {
  return "link to " + address + (welcome ? " (" + welcome->node + ")" : std::string{});
}

void node_link_state::fail_all(const caf::error& why) {
  for (auto& [sequence, each] : std::exchange(in_flight, {})) each.answer.deliver(why);
  for (auto& each : std::exchange(held, {})) each.answer.deliver(why);
  for (auto& [number, each] : std::exchange(asked, {})) each.answer.deliver(why);
}

namespace {

using link_pointer = node_link::stateful_pointer<node_link_state>;

/// The pool gives its batches to others, the supervisor dials anew.
void end_with(link_pointer self, const std::string& what) {
  auto why = caf::make_error(failure::store_unavailable, self->state.title() + ": " + what);
  self->state.fail_all(why);
  self->quit(std::move(why));
}

void watch_time(link_pointer self, std::chrono::nanoseconds interval) {
  auto& state = self->state;
  if (state.needs_tick() && !std::exchange(state.ticking, true)) self->delayed_send(self, interval, tick{});
}

void send_batches(link_pointer self) {
  for (auto& each : self->state.take_sendable(self->clock().now())) self->state.out(std::move(each));
}

/// The pool stops sending; what is in its mailbox, or ours, is still served.
void leave(link_pointer self, const link_watcher& watcher) {
  if (std::exchange(self->state.leaving, true)) return;
  self->state.touched = true;
  if (self->state.welcome) self->send(watcher, writer_leaving{node_link{self}});
}

// -- what the transport says

struct news_handler {
  link_pointer self;
  const link_watcher& watcher;

  void operator()(link_welcome& offered) const {
    auto& state = self->state;
    if (auto wrong = state.accept(std::move(offered))) return end_with(self, *wrong);
    const auto& is = *state.welcome;
    self->send(watcher, link_named{is.node, is.boot});
    self->send(watcher, writer_ready{node_link{self}, is.promise, {is.credit, is.most_points, is.most_bytes}});
    if (state.leaving) self->send(watcher, writer_leaving{node_link{self}});
  }
  void operator()(link_result& result) const {
    auto settled = self->state.settle(std::move(result), self->clock().now());
    if (auto* wrong = std::get_if<std::string>(&settled)) return end_with(self, *wrong);
    auto& done = std::get<0>(settled);
    done.promise.deliver(std::move(done.result));
    send_batches(self);
  }
  void operator()(link_found& found) const {
    auto settled = self->state.settle(std::move(found));
    if (auto* wrong = std::get_if<std::string>(&settled)) return end_with(self, *wrong);
    if (auto& done = std::get<0>(settled)) done->promise.deliver(std::move(done->result));
  }
  void operator()(const link_draining&) const { leave(self, watcher); }
  void operator()(const link_measured& measured) const { self->send(watcher, self->state.report(measured.round_trip)); }
  void operator()(const link_closed& closed) const {
    if (self->state.leaving && self->state.idle()) return self->quit(caf::exit_reason::user_shutdown);
    end_with(self, closed.reason);
  }
};

void look_at_time(link_pointer self) {
  auto& state = self->state;
  auto now = self->clock().now();
  if (auto wrong = state.overdue(now)) return end_with(self, *wrong);
  for (auto& late : state.take_overdue_finds(now)) late.promise.deliver(std::move(late.result));
  // A batch may have been on its way to us when the pool heard that we leave: the end waits for a quiet interval.
  auto touched = std::exchange(state.touched, false);
  if (state.leaving && state.idle() && !touched) self->quit(caf::exit_reason::user_shutdown);
}

} // namespace

node_link::behavior_type run_node_link(link_pointer self, node_link_settings settings, link_watcher watcher) {
  self->state.address = settings.address;
  self->state.patience = settings.patience;
  self->monitor(watcher);
  self->set_down_handler([self](const caf::down_msg&) {
    self->state.fail_all(caf::exit_reason::user_shutdown);
    self->quit(caf::exit_reason::user_shutdown);
  });
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  self->send(self, connect_store{});
  auto interval = settings.tick_interval;
  return {
      [=](insert_batch& batch) -> caf::result<batch_result> {
        auto answer = self->make_response_promise<batch_result>();
        self->state.take(std::move(batch), answer);
        send_batches(self);
        watch_time(self, interval);
        return answer;
      },
      [=](const find_request& question) -> caf::result<find_result> {
        auto answer = self->make_response_promise<find_result>();
        self->state.out(self->state.ask(question.id, answer, self->clock().now()));
        watch_time(self, interval);
        return answer;
      },
      [self, dial = settings.dial](const connect_store&) {
        self->state.out = dial(self->state.address, [us = node_link{self}](link_event what) {
          caf::anon_send(us, link_news{std::move(what)});
        });
      },
      [](const probe_store&) {}, // the transport's pings do that
      [=](link_news& news) {
        std::visit(news_handler{self, watcher}, news.what);
        watch_time(self, interval);
      },
      [=](const tick&) {
        self->state.ticking = false;
        look_at_time(self);
        watch_time(self, interval);
      },
      [=](const drain&) {
        leave(self, watcher);
        watch_time(self, interval);
      },
  };
}

} // namespace goloca::actors
