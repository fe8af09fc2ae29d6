#pragma once
// What came of one run.

#include "net/client/drill/fault.hpp"
#include "net/client/drill/timeline.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace goloca::net::drill {

/// Points. Sent are acked, refused and unknown ones together; each of the others breaks a promise when it is not 0.
struct point_counts {
  std::uint64_t sent = 0; // each once, however often it was sent again
  std::uint64_t acked = 0;
  std::uint64_t refused = 0; // for good, as it must be: a conflict; or sent once only, and not taken
  std::uint64_t lost = 0;
  std::uint64_t doubled = 0; // a second row, or acked as new a second time
  std::uint64_t altered = 0; // present with a content that was not acked; or refused for good, and present
  std::uint64_t unknown = 0; // sent once only, and the answer did not come, or says that nobody knows
};

struct run_result {
  std::string fault;
  std::string what;
  transport over = transport::http;
  store_kind on = store_kind::sqlite;

  std::string skipped;             // why it was; empty: it ran
  std::vector<std::string> broken; // promises; empty: all were kept
  point_counts points;
  std::uint64_t refusals = 0; // answers and losses after which a point had to be sent again
  milliseconds outage{0};
  std::optional<milliseconds> recovered;
  milliseconds recovery_limit{0};
  std::string because;               // of that limit
  milliseconds slowest_answer{0};    // to a lone point
  std::uint64_t peak_memory_kib = 0; // of goloca
  timeline plot;
  milliseconds took{0};

  [[nodiscard]] std::string name() const { return fault + '/' + to_string(over) + '/' + to_string(on); }
  [[nodiscard]] bool failed() const { return !broken.empty(); }
};

} // namespace goloca::net::drill
