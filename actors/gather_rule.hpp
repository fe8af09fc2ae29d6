#pragma once
// Whether a writer that has just become free should wait a moment. Clients that wait for an answer before they send
// again come back together, right after a batch was answered: a batch that starts at once meets only those that were
// not in the last one, and so every commit, which is the dear part, carries half of what it could. Pure; the pool has
// one.

#include "actors/messages.hpp"

#include <algorithm>
#include <cstddef>

namespace goloca::actors {

/// Waiting for those that were answered pays when it takes less than a commit does (measured on HTTP with 16
/// connections: commits of 3 ms, twice as fast; of 0.45 ms, a sixth faster at half of the database's CPU a point). So
/// it lasts three quarters of the last commit at most, and ends when they are there. Whether they come is learnt: after
/// waits in vain fewer are tried. One point alone is never waited for, nor does it wait.
class gather_rule {
public:
  /// A batch of that many points was answered after `took`, and `queued` points wait.
  /// \param enough  a batch of so many points is large anyway.
  void finished(std::size_t points, time_point::duration took, std::size_t queued, std::size_t enough, time_point now) {
    until_ = time_point::min();
    if (points + queued < 2 || queued >= enough) return;
    if (skipped_ < to_skip_) {
      ++skipped_;
      return;
    }
    skipped_ = 0;
    from_ = queued;
    target_ = std::min(queued + points, enough);
    until_ = now + std::min<time_point::duration>(took * 3 / 4, longest);
  }

  /// Asked before a batch is made: is it better to wait? Notes what came of it when the wait is over.
  [[nodiscard]] bool waits(std::size_t queued, time_point now) {
    if (until_ == time_point::min()) return false;
    if (queued < target_ && now < until_) return true;
    until_ = time_point::min();
    auto came = queued - std::min(queued, from_);
    // At a steady rate of independent clients three quarters of them come in that time: that is no return.
    to_skip_ = came * 8 >= (target_ - from_) * 7 ? 0 : std::clamp<std::size_t>(to_skip_ * 2, 1, most_skipped);
    return false;
  }

  [[nodiscard]] time_point until() const { return until_; } // min(): no wait is on

private:
  static constexpr time_point::duration longest = std::chrono::milliseconds{5};
  static constexpr std::size_t most_skipped = 64;

  time_point until_ = time_point::min();
  std::size_t from_ = 0;    // points that waited when the wait began
  std::size_t target_ = 0;  // when so many wait, all are back
  std::size_t to_skip_ = 0; // batches between one wait and the next
  std::size_t skipped_ = 0;
};

} // namespace goloca::actors
