#pragma once
// MAX_BUFFERED_BYTES: one bound on what all connections together keep in memory.

#include <atomic>
#include <cstddef>

namespace goloca::net {

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

  /// Tells how much is held now. False when more is held than before and the bound is passed: then free some or wait.
  /// What is told counts in either case: it is the truth.
  bool set(std::size_t bytes) {
    auto before = held_;
    if (bytes == before) return true; // mostly so
    held_ = bytes;
    auto now = budget_->taken_.fetch_add(bytes - before, std::memory_order_relaxed) + (bytes - before);
    return bytes <= before || now <= budget_->bound_;
  }

  /// Would so much more pass the bound?
  [[nodiscard]] bool has_room(std::size_t more) const { return budget_->taken() + more <= budget_->bound_; }
  [[nodiscard]] std::size_t held() const { return held_; }

private:
  byte_budget* budget_;
  std::size_t held_ = 0;
};

} // namespace goloca::net
