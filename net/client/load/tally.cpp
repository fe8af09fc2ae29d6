#include "net/client/load/tally.hpp"

#include <algorithm>

namespace goloca::net::load {

void tally::add_success(std::size_t stored, std::size_t duplicates, std::chrono::nanoseconds latency, time_point now) {
  stored_ += stored;
  duplicates_ += duplicates;
  latencies_.record(latency, stored + duplicates);
  last_answer_ = std::max(last_answer_, now);
  auto at = static_cast<std::size_t>(std::max(now - from_, time_point::duration{0}) / slot);
  if (at >= timeline_.size()) timeline_.resize(at + 1);
  timeline_[at] += stored;
}

void tally::add_failed(std::string_view code, std::size_t points, time_point now) {
  if (code.empty()) code = "no_code";
  auto found = failed_.find(code);
  if (found == failed_.end()) found = failed_.emplace(code, 0).first;
  found->second += points;
  last_answer_ = std::max(last_answer_, now);
}

std::uint64_t tally::failed() const {
  std::uint64_t all = 0;
  for (const auto& [code, points] : failed_) all += points;
  return all;
}

} // namespace goloca::net::load
