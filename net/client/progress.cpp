#include "net/client/progress.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace goloca::net::client {

namespace {

constexpr std::chrono::milliseconds bar_interval{100};
constexpr std::chrono::milliseconds line_interval{3'000};
constexpr std::size_t bar_width = 20;
constexpr std::size_t terminal_width = 79;

double seconds(const standing& now) {
  return std::chrono::duration<double>(now.elapsed).count();
}

std::string rate(const standing& now) {
  auto each = seconds(now) > 0 ? static_cast<double>(now.counts.final()) / seconds(now) : 0.0;
  return grouped(static_cast<std::uint64_t>(std::llround(each))) + "/s";
}

std::string minutes(double of_seconds) {
  auto whole = static_cast<long long>(std::ceil(of_seconds));
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%lld:%02lld", whole / 60, whole % 60);
  return text.data();
}

std::string progress_text(const standing& now) {
  return std::to_string(now.counts.stored + now.counts.duplicates) + " acked, " + std::to_string(now.counts.refused) +
         " refused, " + rate(now);
}

std::string trouble_text(const standing& now) {
  return now.trouble.empty() ? std::string{} : " (" + now.trouble + "; trying again)";
}

} // namespace

std::string grouped(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

double done_part(const standing& now) {
  if (now.total == 0 || now.counts.read == 0) return now.total == 0 ? -1.0 : 0.0;
  auto read_part = std::min(1.0, static_cast<double>(now.consumed) / static_cast<double>(now.total));
  return read_part * static_cast<double>(now.counts.final()) / static_cast<double>(now.counts.read);
}

std::string bar_line(const standing& now) {
  auto part = done_part(now);
  std::string line;
  if (part >= 0) {
    auto filled = static_cast<std::size_t>(part * bar_width);
    line = '[' + std::string(filled, '=') + (filled < bar_width ? ">" : "");
    line.resize(1 + bar_width, ' ');
    std::array<char, 16> percent{};
    std::snprintf(percent.data(), percent.size(), "] %3.0f%%  ", part * 100);
    line += percent.data();
  }
  line += progress_text(now);
  if (part > 0 && part < 1) line += ", ETA " + minutes(seconds(now) * (1 - part) / part);
  line += trouble_text(now);
  return line.substr(0, terminal_width);
}

std::string plain_line(const standing& now) {
  return progress_text(now) + trouble_text(now);
}

std::string summary_line(const standing& now) {
  const auto& counts = now.counts;
  auto unanswered = counts.read - counts.final();
  std::array<char, 32> took{};
  std::snprintf(took.data(), took.size(), "%.1f", seconds(now));
  return std::to_string(counts.read) + " sent: " + std::to_string(counts.stored) + " stored, " +
         std::to_string(counts.duplicates) + " duplicates, " + std::to_string(counts.refused) + " refused" +
         (unanswered > 0 ? ", " + std::to_string(unanswered) + " without an answer" : "") + " in " + took.data() +
         " s (" + rate(now) + ')';
}

void progress::show(const standing& now) {
  if (now.elapsed - last_ < (bar_ ? bar_interval : line_interval)) return;
  last_ = now.elapsed;
  if (bar_) {
    *to_ << '\r' << bar_line(now) << "\x1b[K" << std::flush; // and clears what an older, longer line left
    drawn_ = true;
  } else {
    *to_ << plain_line(now) << std::endl;
  }
}

void progress::say(const std::string& line) {
  if (drawn_) *to_ << "\r\x1b[K";
  drawn_ = false;
  if (!line.empty()) *to_ << line << '\n';
  to_->flush();
}

} // namespace goloca::net::client
