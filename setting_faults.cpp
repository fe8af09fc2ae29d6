#include "setting_values.hpp"

#include <charconv>

namespace goloca {

namespace {

/// The parts of a text between separators, trimmed; a last empty one is none.
std::vector<std::string_view> parts_of(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  for (std::size_t start = 0; start <= text.size();) {
    auto end = std::min(text.find(separator, start), text.size());
    parts.push_back(trimmed(text.substr(start, end - start)));
    start = end + 1;
  }
  if (parts.back().empty()) parts.pop_back();
  return parts;
}

std::optional<double> parse_real(std::string_view text) {
  double value = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// "-1h" too: only a clock can jump back.
std::optional<std::chrono::milliseconds> parse_shift(std::string_view text) {
  auto back = text.starts_with('-');
  auto value = parse_duration(back ? text.substr(1) : text);
  if (value && back) value = -*value;
  return value;
}

/// Puts "count=3" into the plan; what was expected when it does not fit.
std::optional<std::string> read_option(std::string_view option, faults::plan& to) {
  auto equals = std::min(option.find('='), option.size());
  auto name = trimmed(option.substr(0, equals));
  auto value = trimmed(option.substr(std::min(equals + 1, option.size())));
  auto whole = parse_integer(value);
  if (name == "probability") {
    auto read = parse_real(value);
    if (!read) return "probability must be a number";
    to.probability = *read;
  } else if (name == "count") {
    if (!whole || *whole < 1) return "count must be a whole number of 1 or more";
    to.count = static_cast<std::uint64_t>(*whole);
  } else if (name == "delay") {
    to.delay = parse_shift(value);
    if (!to.delay) return "delay must be a duration such as 200ms";
  } else if (name == "seed") {
    if (!whole || *whole < 0) return "seed must be a whole number of 0 or more";
    to.seed = static_cast<std::uint64_t>(*whole);
  } else {
    return "an option must be probability=, count=, delay= or seed=, not " + printable(option);
  }
  return std::nullopt;
}

} // namespace

std::variant<std::vector<faults::planned>, std::string> parse_faults(std::string_view text) {
  std::vector<faults::planned> plans;
  for (auto part : parts_of(text, ';')) {
    auto colon = std::min(part.find(':'), part.size());
    auto name = trimmed(part.substr(0, colon));
    auto which = faults::find_named(name);
    if (!which) return "there is no fault named " + printable(name) + "; GET /faults lists them";
    faults::plan how;
    for (auto option : parts_of(part.substr(std::min(colon + 1, part.size())), ',')) {
      if (auto wrong = read_option(option, how)) return std::string{name} + ": " + *wrong;
    }
    if (auto wrong = faults::check(*which, how)) return std::string{name} + ": " + *wrong;
    plans.push_back({*which, how});
  }
  return plans;
}

} // namespace goloca
