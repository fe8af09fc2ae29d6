#pragma once
// Latencies as counts in log-linear buckets, as HdrHistogram has them: 128 to each power of two.

#include <array>
#include <bit>
#include <chrono>
#include <cstdint>
#include <vector>

namespace goloca::net::load {

/// 128 places to each power of two; below 256 each value has its own.
struct log_linear {
  static constexpr int sub_bits = 7;

  static constexpr std::size_t place_of(std::uint64_t value) {
    auto shift = static_cast<std::size_t>(std::bit_width(value | 0xff)) - sub_bits - 1;
    return (shift << sub_bits) + (value >> shift);
  }
  /// The greatest value of a place.
  static constexpr std::uint64_t end_of(std::size_t place) {
    if (place < 0x100) return place;
    auto shift = (place >> sub_bits) - 1;
    return ((place - (shift << sub_bits) + 1) << shift) - 1;
  }
};

/// 28 KiB, whatever is recorded. Between 1 µs and 100 s a quantile is at most 1/128 above the exact one and never below
/// it; what is outside counts in the outermost buckets. Mean and maximum are exact.
class latency_histogram {
public:
  using nanoseconds = std::chrono::nanoseconds;
  static constexpr nanoseconds least{1'000};
  static constexpr nanoseconds most{100'000'000'000};

  /// \param times  how many points had this latency. A negative latency counts as none.
  void record(nanoseconds latency, std::uint64_t times = 1);

  /// The least recorded latency (rounded up to its bucket's end) that a share `q` of all does not exceed: 0 when
  /// nothing is recorded.
  [[nodiscard]] nanoseconds quantile(double q) const;
  [[nodiscard]] nanoseconds max() const { return max_; }
  [[nodiscard]] nanoseconds mean() const;
  [[nodiscard]] std::uint64_t count() const { return count_; }

  struct bucket {
    nanoseconds upper; // the longest latency that falls into it
    std::uint64_t count;
  };
  [[nodiscard]] std::vector<bucket> buckets() const; // those that are not empty, in order

private:
  static constexpr std::size_t first_place = log_linear::place_of(least.count());

  std::array<std::uint64_t, log_linear::place_of(most.count()) - first_place + 1> counts_{};
  std::uint64_t count_ = 0;
  nanoseconds sum_{0};
  nanoseconds max_{0};
};

} // namespace goloca::net::load
