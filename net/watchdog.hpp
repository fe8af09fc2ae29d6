#pragma once
// A deadline that is moved often and missed seldom: moving it later costs no system call.

#include "net/executor.hpp"

#include <functional>
#include <memory>

namespace goloca::net {

/// Runs `on_expiry` on the executor once the deadline has passed. The timer is left to run when the deadline moves
/// away, and looks again when it fires. Owned by a session; `on_expiry` must not outlive it (it holds a weak pointer).
class watchdog {
public:
  using clock = std::chrono::steady_clock;

  watchdog(const executor& on, std::function<void()> on_expiry);
  ~watchdog() { stop(); }
  watchdog(const watchdog&) = delete;
  watchdog& operator=(const watchdog&) = delete;

  void watch(clock::duration from_now) { watch_until(clock::now() + from_now); }
  void watch_until(clock::time_point deadline);
  void rest(); // no deadline for the moment
  void stop(); // none ever again
  [[nodiscard]] bool resting() const { return state_->deadline == clock::time_point::max(); }

private:
  struct state {
    timer wake;
    std::function<void()> on_expiry;
    clock::time_point deadline = clock::time_point::max();
    clock::time_point armed_for = clock::time_point::max();
  };
  static void arm(const std::shared_ptr<state>& of);

  std::shared_ptr<state> state_; // the timer's handler holds it weakly
};

} // namespace goloca::net
