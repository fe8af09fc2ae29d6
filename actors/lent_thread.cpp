#include "actors/lent_thread.hpp"

namespace goloca::actors {

namespace {

constexpr std::size_t most_at_once = 1'000; // jobs, before the lender has a turn

} // namespace

lent_thread::lent_thread(caf::actor_system& in, lender of)
    : abstract_coordinator{in}, lender_{std::move(of)}, clock_{[this] { call_for_thread(); }}, unit_{*this} {}

void lent_thread::stop() {
  stop_actors(); // CAF's own, which are detached
  clock_.cancel_all();
  std::lock_guard lock{mutex_};
  lent_ = true; // nothing is run any more
  ready_.insert(ready_.end(), arrived_.begin(), arrived_.end());
  arrived_.clear();
  for (auto* job : ready_) cleanup_and_release(job);
  ready_.clear();
}

void lent_thread::enqueue(caf::resumable* job) {
  {
    std::lock_guard lock{mutex_};
    arrived_.push_back(job);
    if (std::exchange(lent_, true)) return;
  }
  lend();
}

/// The alarm is set by run(), for which there may be no other reason.
void lent_thread::call_for_thread() {
  {
    std::lock_guard lock{mutex_};
    if (std::exchange(lent_, true)) return;
  }
  lend();
}

void lent_thread::lend() {
  try {
    lender_.lend([this] { run(); });
  } catch (...) { // out of memory: the next one asks again
    std::lock_guard lock{mutex_};
    lent_ = false;
    throw;
  }
}

void lent_thread::run() {
  for (std::size_t done = 0; done < most_at_once; ++done) {
    if (ready_.empty() && !take_arrived()) return set_alarm();
    auto* job = ready_.front();
    ready_.pop_front();
    resume(job);
  }
  set_alarm();
  lend();
}

void lent_thread::set_alarm() {
  auto next = clock_.next();
  if (next >= alarm_) return;
  alarm_ = next;
  lender_.wake_at(next, [this] {
    alarm_ = caf::actor_clock::time_point::max();
    clock_.ship_due();
    set_alarm();
  });
}

/// False when there is nothing to do: then the thread is given back.
bool lent_thread::take_arrived() {
  std::lock_guard lock{mutex_};
  lent_ = !arrived_.empty();
  ready_.insert(ready_.end(), arrived_.begin(), arrived_.end());
  arrived_.clear();
  return lent_;
}

void lent_thread::resume(caf::resumable* job) {
  if (job->resume(&unit_, max_throughput()) == caf::resumable::resume_later)
    ready_.push_back(job);
  else
    intrusive_ptr_release(job); // if it goes on waiting, its mailbox brings it back
}

} // namespace goloca::actors
