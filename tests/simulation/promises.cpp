#include "tests/simulation/promises.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace goloca::simulation {

namespace {

/// The pool may give work to a writer that is dead already; the news takes no longer than this.
constexpr auto news = std::chrono::milliseconds{5};

/// A point that waits this long while a writer does nothing has been forgotten.
constexpr auto forgotten = std::chrono::milliseconds{100};

bool may_be_its_own_fault(const caf::error& why) {
  if (why == caf::exit_reason::user_shutdown) return false;
  return why.category() != caf::atom("goloca") || why == caf::make_error(actors::failure::store_unknown) ||
         why == caf::make_error(actors::failure::crashed);
}

} // namespace

void promises::breaks(const std::string& which) {
  if (!broken_) broken_ = which;
}

// -- the store ------------------------------------------------------------------------------------

void promises::committed(std::int64_t id, const std::string& content, time_point now) {
  if (!rows_.emplace(id, row{content, now}).second) return breaks("1 durable: row " + std::to_string(id) + " changed");
  auto& of = stories_[content];
  if (++of.copies > of.asked) {
    breaks("1 one row a point: \"" + content + "\" is stored as " + std::to_string(id) +
           (of.copies > 1 ? ", once more than it was sent" : ", though every sending of it was refused"));
  }
}

void promises::rests(std::uint64_t number, time_point now) {
  auto was = workers_[number];
  gone(number, now);
  workers_[number] = {now, {}, was.for_dead_pool};
}

void promises::works(std::uint64_t number, const std::string& content, time_point now) {
  auto& connection = workers_[number];
  if (connection.idle_since && *connection.idle_since + news < now) connection.for_dead_pool = false;
  if (now <= pool_lost_ + forgotten) connection.for_dead_pool = true; // it may have waited behind a question
  connection.idle_since.reset();
  connection.at.insert(content);
  began_ = now;
  if (stories_[content].open <= 0 && !spans_nodes_)
    breaks("3: \"" + content + "\" is dispatched again after its answer");
}

void promises::gone(std::uint64_t number, time_point now) {
  auto at = workers_.find(number);
  if (at == workers_.end()) return;
  for (const auto& each : at->second.at) stories_[each].last_work = now;
  if (!at->second.idle_since && at->second.for_dead_pool) stale_ = now;
  workers_.erase(at);
}

void promises::pool_lost(time_point now) {
  pool_lost_ = now;
  for (auto& [number, each] : workers_) each.for_dead_pool = each.for_dead_pool || !each.idle_since;
}

void promises::writer_lost(const caf::error& why, time_point now) {
  ++losses_;
  twice_ = now;
  if (may_be_its_own_fault(why)) suspect_ = now;
}

const std::string* promises::content(std::int64_t id) const {
  auto at = rows_.find(id);
  return at == rows_.end() ? nullptr : &at->second.content;
}

// -- the clients ----------------------------------------------------------------------------------

void promises::sent(const submission& one) {
  if (one.what.what == point::kind::invalid) return;
  auto& of = stories_[one.what.content()];
  ++of.sendings;
  ++of.asked;
  ++of.open;
}

void promises::answered(const submission& one, const actors::verdict_run& said, time_point now) {
  using actors::verdict;
  auto name = to_string(one.what);
  if (now > one.deadline + std::chrono::milliseconds{3}) breaks("2 one answer within the time: " + name + " is late");
  if ((one.what.what == point::kind::invalid) != (said.what == verdict::invalid) &&
      !refused_.contains(one.what.row_id())) {
    return breaks("4 said plainly: " + name + " is answered " + to_string(said.what));
  }
  switch (said.what) {
  case verdict::stored:
  case verdict::duplicate:
    return succeeded(one, said);
  case verdict::conflict:
    --stories_[one.what.content()].open;
    if (const auto* there = content(one.what.row_id());
        one.what.what != point::kind::usual || !there || *there == one.what.content()) {
      breaks("3 safe to resend: " + name + " is in conflict with " + (there ? '"' + *there + '"' : "no row"));
    }
    return;
  case verdict::overloaded:
    ++refusals_;
    return is_refused(one, "overloaded");
  case verdict::unavailable: // a point that alone ended two writers is the exception: nobody knows
    ++refusals_;
    if (suspect_ + news >= one.sent) return;
    is_refused(one, "unavailable");
    return is_no_idlers_fault(one, now);
  case verdict::timeout:
    ++refusals_;
    return is_no_idlers_fault(one, now);
  case verdict::invalid:
    if (one.what.what != point::kind::invalid) --stories_[one.what.content()].open;
    return;
  }
}

void promises::succeeded(const submission& one, const actors::verdict_run& said) {
  auto name = to_string(one.what);
  auto id = said.new_id == 0 ? one.what.row_id() : said.new_id;
  auto at = rows_.find(id);
  if (at == rows_.end()) {
    return breaks("1 durable: " + name + " is answered " + to_string(said.what) + ", but there is no row " +
                  std::to_string(id));
  }
  const auto& [content, since] = at->second;
  if (content != one.what.content()) {
    return breaks("3 safe to resend: " + name + " is answered " + to_string(said.what) + ", but row " +
                  std::to_string(id) + " is \"" + content + '"');
  }
  --stories_[content].open;
  acknowledged_.insert(id);
  if (one.what.what == point::kind::without_id) {
    if (said.what == actors::verdict::duplicate) return breaks("3: " + name + " is called a duplicate");
    if (!claimed_.insert(id).second) breaks("1 one row a point: two without id share row " + std::to_string(id));
  } else if (said.what == actors::verdict::duplicate) {
    if (stories_[content].sendings < 2) breaks("3: " + name + " is called a duplicate, but was never sent before");
  } else if (since < one.sent && twice_ + news < one.sent) {
    breaks("3: " + name + " is a replay, but called stored");
  }
}

/// This sending must not store anything, neither has it nor will it.
void promises::is_refused(const submission& one, const char* how) {
  auto& of = stories_[one.what.content()];
  --of.open;
  if (--of.asked < of.copies) {
    breaks("4 said plainly: " + to_string(one.what) + " is answered " + how + ", but it is stored");
  }
}

/// The node could have stored it: no insert began for long, a writer had nothing to do, and this point was nowhere at
/// work. But a new pool cannot know which writers still work for the dead one: what it gives those waits behind that.
void promises::is_no_idlers_fault(const submission& one, time_point now) {
  if (spans_nodes_) return;
  auto content = one.what.content();
  auto waits_since = std::max({one.sent, began_, pool_lost_, stale_, stories_[content].last_work});
  for (const auto& [number, each] : workers_) {
    if (each.at.contains(content) || (!each.idle_since && each.for_dead_pool)) return;
  }
  for (const auto& [number, each] : workers_) {
    if (each.idle_since && std::max(waits_since, *each.idle_since) + forgotten < now) {
      return breaks("2 one answer: " + to_string(one.what) + " got none of the store, though writer connection " +
                    std::to_string(number) + " had nothing to do");
    }
  }
}

void promises::found(const question& asked, const actors::find_result& said) {
  using state = actors::find_result::state;
  auto name = std::to_string(asked.id);
  if (said.what == state::missing && asked.acknowledged) breaks("1 durable: " + name + " is said to be missing");
  if (said.what != state::found) return;
  const auto* there = content(asked.id);
  if (!said.row || !there || (*said.row)[0].id() != asked.id || content_of((*said.row)[0]) != *there) {
    breaks("1 durable: " + name + " is not as it was stored");
  }
}

// -- the account ----------------------------------------------------------------------------------

void promises::account_now(const actors::account& total, const book& of) {
  if (!total.conserved() || total.in_flight > total.received) {
    breaks("7 conserved: " + std::to_string(total.received) + " received, " + std::to_string(total.answered()) +
           " answered, " + std::to_string(static_cast<std::int64_t>(total.in_flight)) + " in flight");
  }
  if (total.received > of.sent) {
    breaks("7 conserved: " + std::to_string(total.received) + " received, but only " + std::to_string(of.sent) +
           " were sent");
  }
}

void promises::account_at_the_end(const actors::account& total, const book& of) {
  account_now(total, of);
  if (total.in_flight != 0) breaks("7 conserved: " + std::to_string(total.in_flight) + " in flight at the end");
  if (total.received + of.lost < of.sent) {
    breaks("7 conserved: " + std::to_string(total.received) + " received, but " + std::to_string(of.sent) +
           " were sent");
  }
  const std::pair<const char*, std::uint64_t actors::account::*> kinds[] = {
      {"stored", &actors::account::stored},         {"duplicate", &actors::account::duplicate},
      {"conflict", &actors::account::conflict},     {"invalid", &actors::account::invalid},
      {"overloaded", &actors::account::overloaded}, {"unavailable", &actors::account::unavailable},
      {"timeout", &actors::account::timeout},
  };
  std::uint64_t more = 0;
  for (auto [name, kind] : kinds) {
    if (total.*kind < of.heard.*kind) {
      breaks("7 conserved: " + std::to_string(total.*kind) + " counted as " + name + ", but clients heard " +
             std::to_string(of.heard.*kind));
    }
    more += total.*kind - of.heard.*kind;
  }
  if (more > of.lost) {
    breaks("7 conserved: " + std::to_string(more) + " answers counted that nobody heard, but only " +
           std::to_string(of.lost) + " were lost on the way");
  }
}

} // namespace goloca::simulation
