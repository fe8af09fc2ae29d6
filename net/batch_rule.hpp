#pragma once
// Whether an I/O thread lets others finish when it is woken.

#include <chrono>
#include <cstddef>

namespace goloca::net {

/// Where a thread pauses often (see read_pause), many clients send points one by one, and each that wakes it takes the
/// processor from a client or the database that is about to bring more. As SCHED_BATCH (sched(7)) it waits until they
/// sleep, and reads more at once. But so it does for whoever else computes on the machine, up to a slice (3 ms): that
/// is nothing for those who wait for a single answer. (Measured on two cores: 512 and 1,024 points in flight that are
/// sent one by one 1.08 and 1.07 times as fast, eleven rounds; beside two programs that do nothing but compute 0.92
/// times, and a lone client half as fast, if it were so for him, seven.) Pure; one per thread.
class batch_rule {
public:
  using clock = std::chrono::steady_clock;

  /// \param paused  just now.
  /// \return whether the answer to yields() is another now.
  [[nodiscard]] bool note(bool paused, clock::time_point now) {
    if (paused) ++pauses_;
    if (now - since_ < interval) return false;
    auto yielded = yields_;
    yields_ = pauses_ >= (yielded ? many / 2 : many) && now - since_ < interval * 2;
    pauses_ = 0;
    since_ = now;
    return yields_ != yielded;
  }

  [[nodiscard]] bool yields() const { return yields_; }

private:
  static constexpr std::size_t many = 10; // pauses
  static constexpr auto interval = std::chrono::milliseconds{100};

  std::size_t pauses_ = 0;
  clock::time_point since_{};
  bool yields_ = false;
};

} // namespace goloca::net
