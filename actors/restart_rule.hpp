#pragma once
// When something that ended is started again. A value: it knows no clock and no chance.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace goloca::actors {

/// Exponential backoff with full jitter (M. Brooker, "Exponential Backoff and Jitter", AWS 2015): wait j·least,
/// j·2·least, j·4·least … up to j·most, j drawn from 0 to 1 each time. What is merely unavailable is tried again
/// without limit and count; crashes are counted, and more than `intensity` of them within `window` are too many.
struct restart_rule {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::steady_clock::time_point;

  duration least = std::chrono::milliseconds{100};
  duration most = std::chrono::seconds{1};
  std::size_t intensity = 10;
  duration window = std::chrono::seconds{60};

  unsigned attempt = 0;             // since the last success
  std::deque<time_point> crashes{}; // within the window, oldest first

  /// The wait before the next try of something that could not be reached.
  [[nodiscard]] duration after_unavailable(double jitter) {
    auto longest = std::min(most, least * (1U << std::min(attempt, 20U)));
    ++attempt;
    return std::chrono::duration_cast<duration>(longest * jitter);
  }

  /// The wait after a crash; nothing when that was one too many.
  [[nodiscard]] std::optional<duration> after_crash(time_point now, double jitter) {
    while (!crashes.empty() && crashes.front() + window <= now) crashes.pop_front();
    crashes.push_back(now);
    if (crashes.size() > intensity) return std::nullopt;
    return after_unavailable(jitter);
  }

  /// It came up: the next wait starts at `least` again. Crashes stay counted, for a thing that comes up only to crash.
  void succeeded() { attempt = 0; }
};

} // namespace goloca::actors
