#include "actors/link_host.hpp"

#include "actors/id_digest.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <utility>

namespace goloca::actors {

link_host_state::~link_host_state() {
  if (out && !closed) out(link_refusal{"this node's end of the link ended"});
}

namespace {

/// Those of the rows that `wanted` names. \param number  of the first of the rows
std::vector<point_run> part_of(const std::vector<store::row_range>& rows, std::uint64_t number,
                               link_host_state::crowded_run wanted) {
  std::vector<point_run> part;
  for (const auto& range : rows) {
    auto from = std::max(number, wanted.first);
    auto to = std::min(number + range.count, wanted.first + wanted.count);
    if (from < to) {
      auto skipped = static_cast<std::uint32_t>(from - number);
      part.push_back({from, {range.block, range.first + skipped, static_cast<std::uint32_t>(to - from)}});
    }
    number += range.count;
  }
  return part;
}

} // namespace

std::variant<insert_request, std::string> link_host_state::take(link_batch batch, time_point now) {
  std::size_t points = 0;
  for (const auto& range : batch.rows) points += range.count;
  auto which = "batch " + std::to_string(batch.sequence);
  if (batch.sequence <= last_sequence) return which + " came twice";
  if (batches.size() >= settings.credit)
    return which + " is more than the credit of " + std::to_string(settings.credit);
  if (points == 0 || points > settings.most_points) return which + " has " + std::to_string(points) + " points";
  if (digest_of_ids(batch.rows) != batch.digest) return which + " has other points than it should";
  last_sequence = batch.sequence;
  auto first = std::exchange(next_point, next_point + points);
  auto deadline = now + batch.patience;
  insert_request request{part_of(batch.rows, first, {first, static_cast<std::uint32_t>(points)}), deadline};
  link_result open{batch.sequence, batch.digest, {std::vector<store::outcome>(points), {}}};
  batches.emplace(first, open_batch{std::move(open), points, deadline, std::move(batch.rows)});
  return request;
}

std::vector<insert_request> link_host_state::take_crowded() {
  std::vector<insert_request> again;
  for (const auto& each : std::exchange(crowded, {})) {
    auto of = batch_with(each.first);
    again.push_back({part_of(of->second.rows, of->first, each), of->second.deadline});
  }
  return again;
}

/// Notes what became of some points of one batch.
std::optional<std::string> link_host_state::settle(batch_place at, std::uint32_t index, std::uint32_t count,
                                                   const verdict_run& said) {
  auto& of = at->second;
  auto note = [&](store::outcome what) {
    std::fill_n(of.result.result.outcomes.begin() + index, count, what);
    of.missing -= count;
    return std::nullopt;
  };
  switch (said.what) {
  case verdict::stored:
    return note(store::outcome::stored);
  case verdict::duplicate:
    return note(store::outcome::duplicate);
  case verdict::conflict:
    return note(store::outcome::conflict);
  case verdict::invalid:
    // The sentence goes as it is: without an SQLSTATE the edge's pool takes it for one.
    for (auto i = index; i < index + count; ++i) of.result.result.refusals.push_back({i, {}, said.detail});
    return note(store::outcome::invalid);
  case verdict::overloaded:
    crowded.push_back({at->first + index, count});
    return std::nullopt;
  case verdict::unavailable:
    if (!said.given_up || settings.version < 2) break;
    for (auto i = index; i < index + count; ++i) of.result.given_up.push_back({i, said.detail});
    of.missing -= count;
    return std::nullopt;
  case verdict::timeout:
    break;
  }
  return "batch " + std::to_string(of.result.sequence) + " is not settled: " + to_string(said.what) +
         (said.detail.empty() ? "" : ", " + said.detail);
}

link_host_state::batch_place link_host_state::batch_with(std::uint64_t number) {
  auto next = batches.upper_bound(number);
  if (next == batches.begin()) throw std::logic_error{"the pool answered a point that nobody waits for"};
  auto at = std::prev(next);
  if (number - at->first >= at->second.result.result.outcomes.size())
    throw std::logic_error{"the pool answered a point of a batch that is answered already"};
  return at;
}

link_host_state::progress link_host_state::apply(const insert_reply& reply) {
  progress made;
  for (const auto& run : reply.runs) {
    // The pool joins neighbours: a run may go over the border of two batches.
    for (std::uint32_t covered = 0; covered < run.count;) {
      auto number = run.first + covered;
      auto at = batch_with(number);
      auto& of = at->second;
      auto points = of.result.result.outcomes.size();
      auto index = static_cast<std::uint32_t>(number - at->first);
      auto count = std::min(run.count - covered, static_cast<std::uint32_t>(points) - index);
      made.fault = settle(at, index, count, run);
      if (made.fault) return made;
      covered += count;
      if (of.missing > 0) continue;
      ++done.batches;
      done.points += points;
      std::ranges::sort(of.result.result.refusals, {}, &store::refusal::index);
      std::ranges::sort(of.result.given_up, {}, &given_up_point::index);
      made.results.push_back(std::move(of.result));
      batches.erase(at);
    }
  }
  return made;
}

namespace {

using host_pointer = link_host::stateful_pointer<link_host_state>;

/// The edge hears why, and gives its batches to another writer.
void refuse(host_pointer self, std::string reason) {
  self->state.closed = true;
  self->state.out(link_refusal{reason});
  self->quit(caf::make_error(failure::store_unavailable, std::move(reason)));
}

void look_around(host_pointer self, const host_parent& parent, const writer_pool& pool) {
  self->send(parent, self->state.report());
  self->request(pool, caf::infinite, readiness_query{})
      .then(
          [self](const readiness& now) {
            if (now.writers == 0) return refuse(self, "no writer is connected to the store: " + now.reason);
            self->delayed_send(self, self->state.settings.readiness_interval, tick{});
          },
          [](const caf::error&) {}); // the pool ended: its down message ends us
}

void ask_again_soon(host_pointer self) {
  auto& state = self->state;
  if (state.crowded.empty() || std::exchange(state.asking_again, true)) return;
  self->delayed_send(self, state.settings.crowded_interval, dispatch_queued{});
}

link_found::state state_of(find_result::state what) {
  switch (what) {
  case find_result::state::found:
    return link_found::state::found;
  case find_result::state::missing:
    return link_found::state::missing;
  case find_result::state::in_flight:
    return link_found::state::in_flight;
  case find_result::state::unavailable:
    return link_found::state::unavailable;
  case find_result::state::timeout:
    return link_found::state::timeout;
  }
  return link_found::state::unavailable;
}

void find(host_pointer self, const writer_pool& pool, const link_find& asked) {
  auto patience = std::max(asked.patience, std::chrono::milliseconds{1});
  self->request(pool, patience, find_request{asked.id})
      .then(
          [self, number = asked.number](find_result& found) {
            self->state.out(link_found{number, state_of(found.what), std::move(found.row), std::move(found.detail)});
          },
          [self, number = asked.number](const caf::error& why) {
            auto late = why == caf::sec::request_timeout;
            auto what = late ? link_found::state::timeout : link_found::state::unavailable;
            self->state.out(link_found{number, what, nullptr, reason_of(why)});
          });
}

} // namespace

link_host::behavior_type run_link_host(host_pointer self, host_port out, link_host_settings settings,
                                       host_parent parent, writer_pool pool) {
  self->state.out = std::move(out);
  self->state.settings = settings;
  self->monitor(parent);
  self->monitor(pool);
  self->set_down_handler([=](const caf::down_msg& death) {
    if (death.source == pool) return refuse(self, "its writer pool ended");
    self->quit(caf::exit_reason::user_shutdown);
  });
  self->set_exception_handler([](caf::scheduled_actor*, std::exception_ptr& thrown) { return crash_of(thrown); });
  self->send(self, tick{});
  return {
      [=](link_batch& batch) {
        auto taken = self->state.take(std::move(batch), self->clock().now());
        if (auto* wrong = std::get_if<std::string>(&taken)) return refuse(self, std::move(*wrong));
        self->send(pool, std::move(std::get<insert_request>(taken)));
      },
      [=](const link_find& asked) { find(self, pool, asked); },
      [self](const link_gone&) {
        self->state.closed = true;
        self->quit();
      },
      [self](const insert_reply& reply) {
        auto made = self->state.apply(reply);
        for (auto& each : made.results) self->state.out(std::move(each));
        if (made.fault) return refuse(self, std::move(*made.fault));
        ask_again_soon(self);
      },
      [=](const pool_changed&) { refuse(self, "its writer pool ended"); },
      [self](const drain&) { self->state.out(link_draining{}); },
      [=](const dispatch_queued&) {
        self->state.asking_again = false;
        for (auto& each : self->state.take_crowded()) self->send(pool, std::move(each));
      },
      [=](const tick&) { look_around(self, parent, pool); },
  };
}

} // namespace goloca::actors
