#pragma once
// A stack of its own for an actor whose calls block: what a thread is to a detached actor, but it runs only when told
// to, so that a simulation decides what happens while the call waits.

#include <ucontext.h>

#include <cstddef>
#include <functional>
#include <memory>

namespace goloca::simulation {

/// All fibers of a program run on one thread. Destroy it only when it is done.
class fiber {
public:
  fiber();
  fiber(const fiber&) = delete;
  fiber& operator=(const fiber&) = delete;

  /// Begins some work; returns when that is done or pauses.
  void start(std::function<void()> work);

  /// Goes on with work that paused.
  void resume();

  /// From within the work: back to whoever started or resumed it.
  void pause();

  [[nodiscard]] bool done() const { return !work_; }

private:
  static void entry(unsigned high, unsigned low);
  void loop();
  void leave();

  static constexpr std::size_t stack_size = 256 * 1024; // sanitizers' frames are large

  std::unique_ptr<char[]> stack_{new char[stack_size]};
  std::function<void()> work_;
  ucontext_t inside_{};
  ucontext_t outside_{};
  void* fake_outside_ = nullptr; // AddressSanitizer's notes on either stack
  void* fake_inside_ = nullptr;
  const void* outer_stack_ = nullptr;
  std::size_t outer_size_ = 0;
};

} // namespace goloca::simulation
