#pragma once
// MAX_BUFFERED_BYTES: one bound on what all connections together keep in memory.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstddef>

namespace goloca::net {

/// When who waits for room looks again: the longer it has waited, the later, so that thousands who wait cost little.
inline std::chrono::steady_clock::duration next_look_for_room(std::chrono::steady_clock::duration waited) {
  return std::max<std::chrono::steady_clock::duration>(std::chrono::milliseconds{20}, waited / 8);
}

/// Bytes of what comes in that the limit on connections covers; a session may also keep so much for the next text.
inline constexpr std::size_t covered_text = 16 << 10;

/// What counts of a text that comes in: all of it once it is long. Who waits for room before that is in nobody's way.
constexpr std::size_t counted_of_text(std::size_t bytes) {
  return bytes > covered_text ? bytes : 0;
}

/// The bound and what is taken of it. Any thread.
class byte_budget {
public:
  explicit byte_budget(std::size_t bound) : bound_{bound} {}
  [[nodiscard]] std::size_t taken() const { return taken_.load(std::memory_order_relaxed); }
  [[nodiscard]] std::size_t bound() const { return bound_; }

private:
  friend class byte_lease;
  std::size_t bound_;
  std::atomic<std::size_t> taken_{0};
};

/// One session's share, given back when it ends. One thread.
class byte_lease {
public:
  explicit byte_lease(byte_budget& from) : budget_{&from} {}
  ~byte_lease() { set(0); }
  byte_lease(const byte_lease&) = delete;
  byte_lease& operator=(const byte_lease&) = delete;

  /// Tells how much is held now.
  void set(std::size_t bytes) {
    if (bytes == held_) return;
    budget_->taken_.fetch_add(bytes - held_, std::memory_order_relaxed);
    held_ = bytes;
  }

  /// May a text of that size be taken in now? Any, until the bound is passed: what becomes of it is not known before,
  /// and may be a hundred times its size. Then only a small one, by who holds little: so much the limit on connections
  /// covers, and those who send a point and wait for its answer are served whatever the others hold.
  [[nodiscard]] bool admits(std::size_t bytes) const {
    return budget_->taken() <= budget_->bound() || (bytes <= small_text && held_ <= small_share);
  }

private:
  static constexpr std::size_t small_text = 512; // a ride has some 350
  static constexpr std::size_t small_share = 4 << 10;

  byte_budget* budget_;
  std::size_t held_ = 0;
};

} // namespace goloca::net
