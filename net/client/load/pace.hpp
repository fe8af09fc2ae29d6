#pragma once
// When messages are due, and how many points may still be sent. Knows no clock: `now` is a parameter.

#include "net/client/bench.hpp"
#include "net/client/load/tally.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>

namespace goloca::net::load {

/// A closed loop has a message due whenever a window has room. An open loop has message k due at start + k intervals;
/// connection c of n sends those with k mod n = c.
class pace {
public:
  using nanoseconds = std::chrono::nanoseconds;

  pace(const bench_options& options, time_point start)
      : start_{start}, end_{start + options.warmup + options.duration}, array_{options.array},
        left_{options.points == 0 ? std::numeric_limits<std::uint64_t>::max() : options.points},
        interval_ns_{options.rate > 0 ? 1e9 * static_cast<double>(options.array) / options.rate : 0} {}

  [[nodiscard]] bool is_open_loop() const { return interval_ns_ > 0; }
  [[nodiscard]] nanoseconds interval() const { return nanoseconds{static_cast<std::int64_t>(interval_ns_)}; }
  [[nodiscard]] bool is_over(time_point now) const { return now >= end_ || left_ == 0; }
  [[nodiscard]] bool has_no_points_left() const { return left_ == 0; }
  [[nodiscard]] time_point end() const { return end_; }

  /// Open loop: how many messages are due by `now`, on all connections together.
  [[nodiscard]] std::uint64_t due_by(time_point now) const {
    auto passed = std::min(now, end_ - nanoseconds{1}) - start_;
    return passed < nanoseconds{0} ? 0
                                   : static_cast<std::uint64_t>(static_cast<double>(passed.count()) / interval_ns_) + 1;
  }
  [[nodiscard]] time_point intended(std::uint64_t message) const {
    return start_ + nanoseconds{static_cast<std::int64_t>(static_cast<double>(message) * interval_ns_)};
  }

  /// The points of one more message; fewer than an array, or 0, at the end.
  std::size_t take() {
    auto taken = std::min<std::uint64_t>(array_, left_);
    left_ -= taken;
    return taken;
  }

private:
  time_point start_;
  time_point end_;
  std::size_t array_;
  std::uint64_t left_;
  double interval_ns_; // of messages
};

} // namespace goloca::net::load
