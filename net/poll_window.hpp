#pragma once
// How long a thread without work looks for some before it sleeps.

#include <algorithm>
#include <chrono>

namespace goloca::net {

/// Sleeping and being woken takes 20 to 100 µs, which is long where work comes again sooner than that; looking out for
/// it takes a processor, which is dear where it does not. So the window is as long as waits were short of late: after
/// one that looking would have shortened it is four times as long, after one longer than `most` it is nothing (the rule
/// by which Linux's KVM polls before it halts a guest). Pure; one per thread.
class poll_window {
public:
  using duration = std::chrono::nanoseconds;

  /// \param most  0: never.
  explicit poll_window(duration most) : most_{most} {}

  [[nodiscard]] duration length() const { return length_; }

  /// \param took  until there was work, looking for it included.
  void waited(duration took) {
    if (took > most_)
      length_ = {};
    else if (took > length_)
      length_ = std::min(most_, std::max(length_ * 4, shortest));
  }

  /// What came was not what the window is for.
  void waited_in_vain() { length_ = {}; }

private:
  static constexpr duration shortest = std::chrono::microseconds{10};

  duration most_;
  duration length_{};
};

} // namespace goloca::net
