#pragma once
// How often what size was observed, as Prometheus wants it. Plain values: who owns one counts in it, and adds it up.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace goloca::actors {

/// \tparam Limits  an array of doubles, ascending: the upper limits of the buckets, each inclusive.
template <const auto& Limits>
struct histogram {
  /// counts[i] is of the values above limits[i - 1] and up to limits[i]; the last is of those above all.
  std::array<std::uint64_t, Limits.size() + 1> counts{};
  double sum = 0; // of all values

  static constexpr const auto& limits = Limits;

  /// \param times  so many values of that size.
  void observe(double value, std::uint64_t times = 1) {
    auto at = std::ranges::lower_bound(Limits, value) - Limits.begin();
    counts[static_cast<std::size_t>(at)] += times;
    sum += value * static_cast<double>(times);
  }

  histogram& operator+=(const histogram& other) {
    for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += other.counts[i];
    sum += other.sum;
    return *this;
  }

  [[nodiscard]] std::uint64_t count() const {
    std::uint64_t all = 0;
    for (auto each : counts) all += each;
    return all;
  }

  friend bool operator==(const histogram&, const histogram&) = default;
};

/// Seconds, from a tenth of a millisecond to the usual REQUEST_TIMEOUT.
inline constexpr std::array duration_limits{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                            0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0,  10.0};
using duration_histogram = histogram<duration_limits>;

/// Points, up to the largest MAX_BATCH.
inline constexpr std::array batch_limits{1.0,   2.0,   5.0,    10.0,   20.0,   50.0,    100.0,
                                         200.0, 500.0, 1000.0, 2000.0, 5000.0, 10000.0, 100000.0};
using batch_histogram = histogram<batch_limits>;

} // namespace goloca::actors
