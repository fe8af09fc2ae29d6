#pragma once
// Where a simulation plays: the actors on CAF's test scheduler, time that is virtual, and chance that decides, one step
// at a time, which of the things that could happen next does.

#include "actors/messages.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/fiber.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

namespace goloca::simulation {

using actors::time_point;
using std::chrono::nanoseconds;

/// What can happen next: an actor takes one message, a blocked call goes on, a timeout fires, an outside event comes.
/// The choice depends on the seed and on actors' ids alone, never on an address. While something can happen, time
/// passes by a millisecond at most (`most_lag`): a busy machine, not a stopped one.
class stage {
  struct config : caf::actor_system_config {
    config();
  };
  config config_;

public:
  static constexpr nanoseconds most_lag = std::chrono::milliseconds{1};

  /// \param trace  gets a line for each step; may be null.
  stage(std::uint64_t seed, std::ostream* trace);
  ~stage();

  caf::actor_system system{config_};
  chance random;

  [[nodiscard]] time_point now() const { return scheduler_.clock().now(); }
  [[nodiscard]] std::uint64_t steps() const { return steps_; }

  /// From `due` on this is one of the things that may happen next. `what` is for the trace.
  void at(time_point due, std::string what, std::function<void()> act);
  void after(nanoseconds wait, std::string what, std::function<void()> act) {
    at(now() + wait, std::move(what), std::move(act));
  }

  /// From now on no time passes while something can happen: for who measures.
  void be_prompt() { prompt_ = true; }

  /// This actor blocks in its handlers, so it has a stack of its own. To be said before it first runs.
  void give_own_stack(const caf::strong_actor_ptr& who);

  /// Within such an actor's handler: returns when that time has come, and chance has it.
  void block_until(time_point due);
  void block_for(nanoseconds wait) { block_until(now() + wait); }

  /// One thing happens, and before it time passes if nothing can happen now. False: nothing is left to happen.
  bool step();

  /// No actor has a message to take.
  [[nodiscard]] bool quiet() const { return scheduler_.jobs.empty(); }

  /// Calls that have not returned yet.
  [[nodiscard]] std::size_t blocked_calls() const { return blocked_.size(); }

  /// Forgets all outside events and timeouts.
  void clear();

  [[nodiscard]] bool traces() const { return trace_ != nullptr; }
  void note(const std::string& line);

private:
  class unit final : public caf::execution_unit {
  public:
    explicit unit(stage& of) : execution_unit{&of.system}, of_{&of} {}
    void exec_later(caf::resumable* job) override { of_->scheduler_.jobs.push_back(job); }

  private:
    stage* of_;
  };
  struct event {
    std::string what;
    std::function<void()> act;
  };
  struct blocked {
    std::unique_ptr<fiber> stack;
    std::uint64_t actor;
  };

  [[nodiscard]] std::size_t due_now();
  [[nodiscard]] bool pass_time();
  void choose(std::size_t which);
  void run_actor(std::size_t which);
  void run(caf::resumable* job);
  void settle_fiber(blocked running);
  void describe(caf::scheduled_actor& who);

  caf::scheduler::test_coordinator& scheduler_;
  unit unit_;
  std::ostream* trace_;
  std::uint64_t steps_ = 0;
  nanoseconds lag_left_ = most_lag;
  bool prompt_ = false;
  std::vector<caf::scheduled_actor*> ready_;    // whom the scheduler has a job of, by id
  std::multimap<time_point, event> events_;     // to come
  std::multimap<time_point, blocked> blocked_;  // calls that wait
  std::map<std::uint64_t, bool> has_own_stack_; // by actor id
  std::vector<std::unique_ptr<fiber>> at_rest_; // stacks for the next call
  fiber* running_ = nullptr;                    // the stack that runs
  time_point wakes_{};                          // when the call on it wants to go on
};

} // namespace goloca::simulation
