#pragma once
// Whether a writer that has just become free should wait a moment. Clients that wait for an answer before they send
// again come back together, right after a batch was answered: a batch that starts at once meets only those that were
// not in the last one, and so every commit, which is the dear part, carries half of what it could. Pure; the pool has
// one.

#include "actors/messages.hpp"

#include <algorithm>
#include <cstddef>

namespace goloca::actors {

/// Waiting for those that were answered saves a commit, but not what its rows cost. So it lasts at most as long as the
/// last commit took beyond its rows (or a quarter of it), and ends when they are there. (Measured beside a quarter
/// always: HTTP on 16 connections, commits of 0.25 ms, 1.2 times as fast; on 64 with commits of 3 ms 1.5 times.) Where
/// half are back by then, and soon, it lasts as long again for the others: a few left behind make a commit of their
/// own, and after it another. (Measured, HTTP on 16 connections, commits of 0.3 ms: 15.6 points a commit that
/// were 14.1, and 1.09 times as fast, 25 rounds; four turns of 9 to 13 rounds 1.01 to 1.11. No other load by more than
/// its spread.) Whether they come is learnt: independent clients come during the wait at the rate at which they came
/// during the commit, those that were answered come faster. After waits in vain fewer are tried. One point alone is
/// never waited for, nor does it wait.
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
    extended_ = false;
    from_ = queued;
    target_ = std::min(queued + points, enough);
    began_ = now;
    commit_ = took;
    auto rows = row_cost * static_cast<time_point::rep>(points);
    until_ = now + std::min(std::max(took / 4, took - rows), longest);
  }

  /// Asked before a batch is made: is it better to wait? Notes what came of it when the wait is over.
  [[nodiscard]] bool waits(std::size_t queued, time_point now) {
    if (until_ == time_point::min()) return false;
    auto came = queued - std::min(queued, from_);
    if (queued < target_ && now >= until_ && !extended_ && are_coming(came, now)) extend();
    if (queued < target_ && now < until_) return true;
    until_ = time_point::min();
    to_skip_ = came_back(came, now) ? 0 : std::clamp<std::size_t>(to_skip_ * 2, 1, most_skipped);
    return false;
  }

  [[nodiscard]] time_point until() const { return until_; } // min(): no wait is on

private:
  /// Most of them, and at twice the rate of those that came during the commit.
  [[nodiscard]] bool came_back(std::size_t came, time_point now) const {
    return came * 4 >= (target_ - from_) * 3 && came * commit_ >= 2 * from_ * (now - began_);
  }

  /// Half of them are there, and came at one and a half times that rate.
  [[nodiscard]] bool are_coming(std::size_t came, time_point now) const {
    return came * 2 >= target_ - from_ && 2 * came * commit_ >= 3 * from_ * (now - began_);
  }

  void extend() {
    extended_ = true;
    until_ = began_ + std::min((until_ - began_) * 2, longest);
  }

  static constexpr time_point::duration row_cost = std::chrono::nanoseconds{1500}; // at least: 1.8 to 2.9 measured
  static constexpr time_point::duration longest = std::chrono::milliseconds{5};
  static constexpr std::size_t most_skipped = 64;

  time_point until_ = time_point::min();
  time_point began_{};
  time_point::duration commit_{};
  bool extended_ = false;
  std::size_t from_ = 0;    // points that waited when the wait began
  std::size_t target_ = 0;  // when so many wait, all are back
  std::size_t to_skip_ = 0; // batches between one wait and the next
  std::size_t skipped_ = 0;
};

} // namespace goloca::actors
