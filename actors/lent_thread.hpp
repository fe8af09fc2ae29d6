#pragma once
// A CAF scheduler without a thread of its own: actors run on one that somebody lends, between his own work.

#include "actors/lent_clock.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <vector>

namespace goloca::actors {

/// Where one thread does all the I/O, a second one for the actors costs more than it helps: each message between the
/// two may find the other asleep, and waking it takes longer than most handlers do. Detached actors have their own
/// threads as ever. Whatever lent the thread must outlive the actor system, and lend it until the last actor is done;
/// jobs that are left then are released unrun.
class lent_thread final : public caf::scheduler::abstract_coordinator {
public:
  struct lender {
    /// Runs `work` soon, on the one thread that is lent, not within this call. Any thread calls it.
    std::function<void(std::function<void()> work)> lend;
    /// Runs `ring` at that time on that thread, instead of what it was last asked to. Only that thread calls it.
    std::function<void(caf::actor_clock::time_point at, std::function<void()> ring)> wake_at;
  };

  lent_thread(caf::actor_system& in, lender of);

  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void stop() override;

private:
  /// What an actor at work gives its successors to.
  class unit final : public caf::execution_unit {
  public:
    explicit unit(lent_thread& of) : execution_unit{&of.system()}, of_{&of} {}
    void exec_later(caf::resumable* job) override { of_->ready_.push_back(job); }

  private:
    lent_thread* of_;
  };

  void call_for_thread();
  void lend();
  void run();
  bool take_arrived();
  void resume(caf::resumable* job);
  void set_alarm();

  lender lender_;
  lent_clock clock_;
  unit unit_;
  std::deque<caf::resumable*> ready_;                                        // of the lent thread, as is the next
  caf::actor_clock::time_point alarm_ = caf::actor_clock::time_point::max(); // when we are rung; max(): never
  std::mutex mutex_;                                                         // guards what follows
  std::vector<caf::resumable*> arrived_;
  bool lent_ = false; // run() is on its way or at work
};

} // namespace goloca::actors
