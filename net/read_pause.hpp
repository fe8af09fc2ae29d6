#pragma once
// How long an I/O thread lets its clients' sockets be while the store is at work.

#include <algorithm>
#include <chrono>
#include <cstddef>

namespace goloca::net {

/// While a batch is being committed, the points that come have nowhere to go; but a thread that waits for their sockets
/// is woken by each of them, which costs the thread and its clients more than the point does. So it waits for the store
/// only, for a part of what a commit takes, and then reads all that has come at once (as network cards moderate their
/// interrupts). Whatever else comes waits with them. Only where that spares wake-ups: where WebSockets were read often
/// of late. (Measured on two cores, nine rounds: 512 and 1,024 points in flight that are sent one by one 1.07 and 1.14
/// times as fast, with a fifth and a third less CPU. Clients that send bursts gain nothing, nor do HTTP's, whose next
/// request waits for the last one's reply.) Pure; one per thread.
class read_pause {
public:
  using clock = std::chrono::steady_clock;
  using duration = std::chrono::nanoseconds;

  /// \param reads  of WebSockets since the last time.
  void note(std::size_t reads, clock::time_point now) {
    auto since = std::max<duration>(now - noted_, duration{1});
    auto of_late = static_cast<double>(reads) / std::chrono::duration<double>{since}.count();
    rate_ += (of_late - rate_) * std::min(1.0, std::chrono::duration<double>{since} / memory);
    noted_ = now;
  }

  /// \param batches  at the store now.
  /// \param took     by the last one; zero: not known.
  void committing(std::size_t batches, duration took) {
    at_work_ = batches > 0;
    commit_ = took;
  }

  /// Is a batch at the store?
  [[nodiscard]] bool committing() const { return at_work_; }

  /// Zero: not at all.
  [[nodiscard]] duration length() const {
    auto made = std::min<duration>(commit_ * 2 / 5, longest);
    return at_work_ && rate_ * std::chrono::duration<double>{made}.count() >= fewest_reads ? made : duration{};
  }

private:
  static constexpr double fewest_reads = 4; // that one pause makes of several
  static constexpr std::chrono::duration<double> memory = std::chrono::milliseconds{1};
  static constexpr duration longest = std::chrono::milliseconds{2};

  double rate_ = 0; // reads a second
  clock::time_point noted_{};
  bool at_work_ = false;
  duration commit_{};
};

} // namespace goloca::net
