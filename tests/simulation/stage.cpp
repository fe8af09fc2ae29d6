#include "tests/simulation/stage.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>
#include <iterator>
#include <utility>

namespace goloca::simulation {

stage::config::config() {
  add_message_types<caf::id_block::goloca>();
  set("scheduler.policy", caf::atom("testing"));
}

stage::stage(std::uint64_t seed, std::ostream* trace)
    : random{seed},
      scheduler_{dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())}, unit_{*this}, trace_{trace} {
  while (scheduler_.has_job()) scheduler_.run_once(); // CAF's own actors come to rest
}

stage::~stage() {
  clear();
  assert(blocked_.empty() && "a call is still waiting");
}

void stage::at(time_point due, std::string what, std::function<void()> act) {
  events_.emplace(due, event{std::move(what), std::move(act)});
}

void stage::give_own_stack(const caf::strong_actor_ptr& who) {
  has_own_stack_[who->id()] = true;
}

void stage::block_until(time_point due) {
  assert(running_ && "only an actor with a stack of its own can wait");
  wakes_ = due;
  running_->pause();
}

void stage::clear() {
  events_.clear();
  scheduler_.clock().cancel_all();
}

/// How many things can happen at this moment.
std::size_t stage::due_now() {
  ready_.clear();
  for (auto* job : scheduler_.jobs) ready_.push_back(&dynamic_cast<caf::scheduled_actor&>(*job));
  std::ranges::sort(ready_, {}, [](const auto* actor) { return actor->id(); });
  auto time = now();
  auto come = [time](const auto& waiting) { return std::distance(waiting.begin(), waiting.upper_bound(time)); };
  const auto& timeouts = scheduler_.clock().schedule();
  auto timeout = !timeouts.empty() && timeouts.begin()->first <= time;
  return ready_.size() + static_cast<std::size_t>(come(blocked_) + come(events_)) + (timeout ? 1 : 0);
}

bool stage::pass_time() {
  auto next = time_point::max();
  if (!blocked_.empty()) next = std::min(next, blocked_.begin()->first);
  if (!events_.empty()) next = std::min(next, events_.begin()->first);
  const auto& timeouts = scheduler_.clock().schedule();
  if (!timeouts.empty()) next = std::min(next, timeouts.begin()->first);
  if (next == time_point::max()) return false;
  scheduler_.clock().current_time = next;
  lag_left_ = most_lag;
  return true;
}

bool stage::step() {
  auto count = due_now();
  if (count > 0 && !prompt_ && lag_left_ > nanoseconds{0} && random.once_in(32)) {
    auto lag = std::min(lag_left_, nanoseconds{random.between(1'000, 400'000)});
    scheduler_.clock().current_time += lag;
    lag_left_ -= lag;
    count = due_now();
  }
  if (count == 0) {
    if (!pass_time()) return false;
    count = due_now();
  }
  ++steps_;
  choose(random.below(count));
  return true;
}

void stage::choose(std::size_t which) {
  if (which < ready_.size()) return run_actor(which);
  which -= ready_.size();
  auto calls = static_cast<std::size_t>(std::distance(blocked_.begin(), blocked_.upper_bound(now())));
  if (which < calls) {
    auto at = std::next(blocked_.begin(), static_cast<std::ptrdiff_t>(which));
    auto waiting = std::move(at->second);
    blocked_.erase(at);
    if (traces()) note("a call of #" + std::to_string(waiting.actor) + " goes on");
    running_ = waiting.stack.get();
    running_->resume();
    return settle_fiber(std::move(waiting));
  }
  which -= calls;
  auto events = static_cast<std::size_t>(std::distance(events_.begin(), events_.upper_bound(now())));
  if (which < events) {
    auto at = std::next(events_.begin(), static_cast<std::ptrdiff_t>(which));
    auto happening = std::move(at->second);
    events_.erase(at);
    if (traces()) note(happening.what);
    return happening.act();
  }
  scheduler_.trigger_timeout();
}

void stage::run_actor(std::size_t which) {
  auto& actor = *ready_[which];
  auto* job = static_cast<caf::resumable*>(&actor);
  auto& jobs = scheduler_.jobs;
  jobs.erase(std::ranges::find(jobs, job));
  if (traces()) describe(actor);
  if (!has_own_stack_.contains(actor.id())) return run(job);
  blocked running{nullptr, actor.id()};
  if (at_rest_.empty()) at_rest_.push_back(std::make_unique<fiber>());
  running.stack = std::move(at_rest_.back());
  at_rest_.pop_back();
  running_ = running.stack.get();
  running_->start([this, job] { run(job); });
  settle_fiber(std::move(running));
}

/// It is done, or waits.
void stage::settle_fiber(blocked running) {
  running_ = nullptr;
  if (running.stack->done())
    at_rest_.push_back(std::move(running.stack));
  else
    blocked_.emplace(wakes_, std::move(running));
}

/// One message, as test_coordinator::run_once has it.
void stage::run(caf::resumable* job) {
  switch (job->resume(&unit_, 1)) {
  case caf::resumable::resume_later:
    scheduler_.jobs.push_back(job);
    break;
  case caf::resumable::done:
  case caf::resumable::awaiting_message:
    caf::intrusive_ptr_release(job);
    break;
  case caf::resumable::shutdown_execution_unit:
    break;
  }
}

void stage::describe(caf::scheduled_actor& who) {
  std::string line = who.name();
  line += " #" + std::to_string(who.id());
  auto* next = who.getf(caf::abstract_actor::is_terminated_flag) ? nullptr : who.mailbox().peek();
  if (!next) return note(line + " starts");
  auto name = next->content().empty() ? "nothing" : system.types().portable_name(next->content().type(0));
  line += " takes " + name.substr(name.rfind(':') + 1);
  if (next->sender) line += " from #" + std::to_string(next->sender->id());
  note(line);
}

void stage::note(const std::string& line) {
  if (!trace_) return;
  std::array<char, 48> when{};
  auto passed = static_cast<double>(now().time_since_epoch().count()) / 1e6;
  std::snprintf(when.data(), when.size(), "%6llu %12.6f ms  ", static_cast<unsigned long long>(steps_), passed);
  *trace_ << when.data() << line << '\n';
}

} // namespace goloca::simulation
