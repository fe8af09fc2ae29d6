#pragma once
// How long a writer takes of late, which decides who gets the next batch. Pure; the pool has one for each link, and one
// for all writers of its own, which share a store.

#include "actors/node_status.hpp"

#include <algorithm>

namespace goloca::actors {

/// An exponentially weighted mean. It ages: who was slow is halved after each second without a batch, and so tried
/// again in the end. Who was never measured is tried first, but with one batch at a time.
class commit_pace {
public:
  using duration = time_point::duration;

  void note(duration took, time_point now) {
    auto idle = now - took - measured_;
    recent_ = known_ && idle < half_life ? recent_ + (took - recent_) / 4 : took; // what is old counts no more
    known_ = true;
    measured_ = now;
  }

  /// Of a writer that has nothing to do.
  [[nodiscard]] duration when_idle(time_point now) const {
    if (!known_) return duration::zero();
    auto halvings = std::clamp<duration::rep>((now - measured_) / half_life, 0, most_halvings);
    return recent_ / (duration::rep{1} << halvings);
  }

  /// Of one that has `batches` already, the oldest since `waited`: each waits for those before it (as in Finagle's and
  /// Linkerd's "peak EWMA"), and one that hangs gets longer and longer.
  [[nodiscard]] duration when_busy(std::size_t batches, duration waited) const {
    return std::max(known_ ? recent_ : unknown, waited) * static_cast<duration::rep>(batches + 1);
  }

private:
  static constexpr duration half_life = std::chrono::seconds{1};
  static constexpr duration::rep most_halvings = 40;
  static constexpr duration unknown = std::chrono::seconds{1};

  duration recent_{};
  time_point measured_{};
  bool known_ = false;
};

} // namespace goloca::actors
