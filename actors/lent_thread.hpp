#pragma once
// A CAF scheduler without a thread of its own: actors run on one that somebody lends, between his own work.

#include <caf/all.hpp>
#include <caf/detail/thread_safe_actor_clock.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace goloca::actors {

/// Where one thread does all the I/O, a second one for the actors costs more than it helps: each message between the
/// two may find the other asleep, and waking it takes longer than most handlers do. Detached actors have their own
/// threads as ever. Whatever lent the thread must outlive the actor system, and lend it until the last actor is done;
/// jobs that are left then are released unrun.
class lent_thread final : public caf::scheduler::abstract_coordinator {
public:
  /// Runs `work` soon, on the one thread that is lent, not within this call. Any thread calls it.
  using lender = std::function<void(std::function<void()> work)>;

  lent_thread(caf::actor_system& in, lender lend) : abstract_coordinator{in}, lend_{std::move(lend)}, unit_{*this} {}

  void enqueue(caf::resumable* job) override;
  caf::actor_clock& clock() noexcept override { return clock_; }

protected:
  void start() override;
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

  void lend();
  void run();
  bool take_arrived();
  void resume(caf::resumable* job);

  lender lend_;
  unit unit_;
  std::deque<caf::resumable*> ready_; // of the lent thread
  std::mutex mutex_;                  // guards what follows
  std::vector<caf::resumable*> arrived_;
  bool lent_ = false; // run() is on its way or at work
  caf::detail::thread_safe_actor_clock clock_;
  std::thread timer_; // of the clock
};

} // namespace goloca::actors
