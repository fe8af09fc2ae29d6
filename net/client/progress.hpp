#pragma once
// How far a sending is, for a person: a bar on a terminal, a plain line now and then elsewhere, and one summary.

#include "net/client/outbox.hpp"

#include <cstdint>
#include <ostream>
#include <string>

namespace goloca::net::client {

/// 1234567 → "1,234,567".
std::string grouped(std::uint64_t number);

/// What there is to say at one moment.
struct standing {
  tally counts;
  std::uint64_t consumed = 0; // bytes of the input
  std::uint64_t total = 0;    // bytes of the input; 0 when nobody knows
  std::chrono::milliseconds elapsed{0};
  std::string trouble; // why nothing goes on; empty when it does
};

/// The part of the input that has its end, 0 to 1; negative when the total is not known.
double done_part(const standing& now);

std::string bar_line(const standing& now);     // "[=====>    ]  45%  450 acked, 0 refused, 2,500/s, ETA 0:12"
std::string plain_line(const standing& now);   // "450 acked, 0 refused, 2,500/s"
std::string summary_line(const standing& now); // "1000 sent: 1000 stored, 0 duplicates, 0 refused in 0.4 s (2,500/s)"

class progress {
public:
  progress(std::ostream& to, bool bar) : to_{&to}, bar_{bar} {}

  /// Shows it if it is time to: ten times a second on a terminal, each few seconds elsewhere.
  void show(const standing& now);

  /// Writes a line of its own, past the bar.
  void say(const std::string& line);

private:
  std::ostream* to_;
  bool bar_;
  bool drawn_ = false; // a bar stands in the current line
  std::chrono::milliseconds last_{0};
};

} // namespace goloca::net::client
