#pragma once
// Whether a writer that has just become free should wait a moment. Clients that wait for an answer before they send
// again come back together, right after a batch was answered: a batch that starts at once meets only those that were
// not in the last one, and so every commit, which is the dear part, carries half of what it could. Pure; the pool has
// one.

#include "actors/messages.hpp"

#include <algorithm>
#include <cstddef>

namespace goloca::actors {

/// Waiting for those that were answered pays when it takes much less than a commit does, as on a slow disk (measured
/// with commits of 3 ms: HTTP on 16 connections twice as fast; with commits of 0.3 ms it would be slower). So it lasts
/// a quarter of the last commit at most, and ends when they are there. Whether they come is learnt: after waits in vain
/// fewer are tried. One point alone is never waited for, nor does it wait.
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
    until_ = now + std::min<time_point::duration>(took / 4, longest);
  }

  /// Asked before a batch is made: is it better to wait? Notes what came of it when the wait is over.
  [[nodiscard]] bool waits(std::size_t queued, time_point now) {
    if (until_ == time_point::min()) return false;
    if (queued < target_ && now < until_) return true;
    until_ = time_point::min();
    auto came = queued - std::min(queued, from_);
    // At a steady rate of independent clients a quarter of them come in a quarter of the time: that is no return.
    to_skip_ = came * 4 >= (target_ - from_) * 3 ? 0 : std::clamp<std::size_t>(to_skip_ * 2, 1, most_skipped);
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
