#include "net/client/load/latency_histogram.hpp"

#include <algorithm>
#include <cmath>

namespace goloca::net::load {

void latency_histogram::record(nanoseconds latency, std::uint64_t times) {
  if (times == 0) return;
  latency = std::max(latency, nanoseconds{0});
  auto within = static_cast<std::uint64_t>(std::clamp(latency, least, most).count());
  counts_[log_linear::place_of(within) - first_place] += times;
  count_ += times;
  sum_ += latency * static_cast<std::int64_t>(times);
  max_ = std::max(max_, latency);
}

latency_histogram::nanoseconds latency_histogram::quantile(double q) const {
  auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(q * static_cast<double>(count_))));
  std::uint64_t passed = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    passed += counts_[i];
    if (passed >= wanted && i + 1 < counts_.size())
      return std::min(max_, nanoseconds{static_cast<std::int64_t>(log_linear::end_of(i + first_place))});
  }
  return max_; // nothing is recorded, or it is past the last bucket's start
}

latency_histogram::nanoseconds latency_histogram::mean() const {
  return count_ == 0 ? nanoseconds{0} : sum_ / static_cast<std::int64_t>(count_);
}

std::vector<latency_histogram::bucket> latency_histogram::buckets() const {
  std::vector<bucket> filled;
  for (std::size_t i = 0; i < counts_.size(); ++i)
    if (counts_[i] != 0)
      filled.push_back({nanoseconds{static_cast<std::int64_t>(log_linear::end_of(i + first_place))}, counts_[i]});
  return filled;
}

} // namespace goloca::net::load
