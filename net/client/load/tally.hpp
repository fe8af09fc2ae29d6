#pragma once
// What became of the points, counted.

#include "net/client/load/latency_histogram.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::net::load {

using time_point = std::chrono::steady_clock::time_point;

/// Invariant once the run is over: sent = stored + duplicates + failed + unanswered.
class tally {
public:
  static constexpr std::chrono::milliseconds slot{100}; // of the timeline

  explicit tally(time_point from) : from_{from}, last_answer_{from} {}

  void add_sent(std::size_t points) { sent_ += points; }

  /// Points of one message, answered at `now`.
  void add_success(std::size_t stored, std::size_t duplicates, std::chrono::nanoseconds latency, time_point now);
  void add_failed(std::string_view code, std::size_t points, time_point now);
  void add_unanswered(std::size_t points) { unanswered_ += points; }

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t stored() const { return stored_; }
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t unanswered() const { return unanswered_; }
  [[nodiscard]] std::uint64_t failed() const;
  [[nodiscard]] const std::map<std::string, std::uint64_t, std::less<>>& failed_by_code() const { return failed_; }
  [[nodiscard]] const latency_histogram& latencies() const { return latencies_; }        // of stored and duplicates
  [[nodiscard]] const std::vector<std::uint64_t>& timeline() const { return timeline_; } // stored, by slot
  [[nodiscard]] time_point from() const { return from_; }
  [[nodiscard]] time_point last_answer() const { return last_answer_; }

private:
  time_point from_;
  time_point last_answer_;
  std::uint64_t sent_ = 0;
  std::uint64_t stored_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t unanswered_ = 0;
  std::map<std::string, std::uint64_t, std::less<>> failed_;
  latency_histogram latencies_;
  std::vector<std::uint64_t> timeline_;
};

} // namespace goloca::net::load
