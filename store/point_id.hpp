#pragma once
// Ids for points that came without one: unique, ordered by time, never backwards.

#include <atomic>
#include <chrono>
#include <cstdint>

namespace goloca::store {

/// 63 bits: 41 of milliseconds since 2020-01-01 (enough until 2089), 12 random per boot (which node), 10 of sequence.
/// When more than 1,024 are taken in a millisecond, or the clock steps back, it goes on from the last id: the sequence
/// borrows from the milliseconds. Any thread may call next().
class point_id_source {
public:
  /// \param boot  random bits that tell this boot from others; the lowest 12 count.
  explicit point_id_source(std::uint64_t boot) : boot_{boot & 0xfff} {}

  /// \param now  the wall clock: uniqueness over restarts rests on it.
  std::int64_t next(std::chrono::system_clock::time_point now);

private:
  std::uint64_t boot_;
  std::atomic<std::uint64_t> last_{0}; // milliseconds << 10 | sequence
};

} // namespace goloca::store
