#include "setting_values.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <utility>

#include <arpa/inet.h>

namespace goloca {

namespace {

struct unit {
  std::string_view name;
  std::int64_t factor;
};
constexpr std::array<unit, 4> time_units{{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<unit, 4> size_units{{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"B", 1}}};

/// Digits and one of `units`; `bare` is the unit of a number alone.
template <class Units>
std::optional<std::int64_t> parse_with_unit(std::string_view text, const Units& units, std::string_view bare) {
  auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
  auto number = parse_integer(text.substr(0, digits));
  auto name = digits == text.size() ? bare : text.substr(digits);
  auto found = std::find_if(units.begin(), units.end(), [&](const unit& u) { return u.name == name; });
  std::int64_t product = 0;
  if (!number || found == units.end() || __builtin_mul_overflow(*number, found->factor, &product)) return std::nullopt;
  return product;
}

/// In the largest unit that leaves a whole number; 60s rather than 1m, as people say it.
template <class Units>
std::string show_with_unit(std::int64_t value, const Units& units) {
  if (value == 0) return "0";
  for (const auto& u : units) {
    auto worth_it = u.name == "m" ? 2 * u.factor : u.factor;
    if (value % u.factor == 0 && value >= worth_it) return std::to_string(value / u.factor).append(u.name);
  }
  return std::to_string(value);
}

template <class Change>
std::string changed(std::string_view text, Change change) {
  std::string out{text};
  std::transform(out.begin(), out.end(), out.begin(), change);
  return out;
}

/// Bytes of the UTF-8 sequence at the start of `text`; 0 when it is none.
std::size_t utf8_length(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto lead = byte(0);
  if (lead < 0x80) return 1;
  std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if ((byte(i) & 0xc0) != 0x80) return 0;
  auto second = byte(1);
  bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  bool beyond = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f); // surrogates, 0x110000
  return overlong || beyond ? 0 : length;
}

} // namespace

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  auto milliseconds = parse_with_unit(text, time_units, "s");
  if (!milliseconds) return std::nullopt;
  return std::chrono::milliseconds{*milliseconds};
}

std::optional<std::int64_t> parse_size(std::string_view text) {
  return parse_with_unit(text, size_units, "B");
}

std::optional<bool> parse_boolean(std::string_view text) {
  auto word = lower_case(text);
  if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
  if (word == "false" || word == "no" || word == "off" || word == "0") return false;
  return std::nullopt;
}

std::optional<std::string> parse_address(std::string_view text) {
  std::string address{text == "localhost" ? "127.0.0.1" : text};
  if (address.find('\0') != std::string::npos) return std::nullopt; // inet_pton would not see what follows
  in6_addr parsed{};
  bool valid = inet_pton(AF_INET, address.c_str(), &parsed) == 1 || inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
  return valid ? std::optional{address} : std::nullopt;
}

namespace {

/// The host of "host:port" without its brackets, and the port. IPv6, and only it, stands in brackets.
std::optional<std::pair<std::string_view, std::uint16_t>> split_host_and_port(std::string_view text) {
  auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (bracketed != (host.find(':') != std::string_view::npos)) return std::nullopt;
  auto port = parse_integer(text.substr(colon + 1));
  if (!port || *port < 0 || *port > 65'535) return std::nullopt;
  return std::pair{host, static_cast<std::uint16_t>(*port)};
}

/// A DNS name: letters, digits, hyphens, underscores (Kubernetes' SRV names have them) and dots.
bool is_host_name(std::string_view text) {
  auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
           c == '.';
  };
  return !text.empty() && text.size() <= 253 && text.front() != '-' && text.front() != '.' &&
         std::all_of(text.begin(), text.end(), fits);
}

} // namespace

std::optional<endpoint> parse_endpoint(std::string_view text) {
  auto parts = split_host_and_port(text);
  if (!parts) return std::nullopt;
  auto address = parse_address(parts->first);
  if (!address) return std::nullopt;
  return endpoint{*address, parts->second};
}

std::optional<std::vector<host_and_port>> parse_hosts(std::string_view text) {
  std::vector<host_and_port> made;
  for (std::size_t start = 0; start <= text.size();) {
    auto end = std::min(text.find(',', start), text.size());
    auto parts = split_host_and_port(trimmed(text.substr(start, end - start)));
    if (!parts || parts->second == 0) return std::nullopt;
    if (!is_host_name(parts->first) && !parse_address(parts->first)) return std::nullopt;
    host_and_port one{std::string{parts->first}, parts->second};
    if (std::find(made.begin(), made.end(), one) != made.end()) return std::nullopt;
    made.push_back(std::move(one));
    start = end + 1;
  }
  return made;
}

std::string show_duration(std::chrono::milliseconds value) {
  return show_with_unit(value.count(), time_units);
}

std::string show_size(std::int64_t bytes) {
  return show_with_unit(bytes, size_units);
}

std::string show_endpoint(const endpoint& value) {
  bool v6 = value.address.find(':') != std::string::npos;
  return (v6 ? '[' + value.address + ']' : value.address) + ':' + std::to_string(value.port);
}

std::string show_hosts(const std::vector<host_and_port>& value) {
  std::string out;
  for (const auto& each : value) out += (out.empty() ? "" : ",") + show_endpoint({each.host, each.port});
  return out;
}

std::string printable(std::string_view text, std::size_t most) {
  std::string out;
  std::size_t characters = 0;
  while (!text.empty()) {
    if (++characters > most) return out + "...";
    auto length = utf8_length(text);
    auto first = static_cast<unsigned char>(text.front());
    bool c1_control = length == 2 && first == 0xc2 && static_cast<unsigned char>(text[1]) < 0xa0;
    if (length == 0 || first < 0x20 || first == 0x7f || c1_control) {
      std::array<char, 5> escaped{};
      std::snprintf(escaped.data(), escaped.size(), "\\x%02x", first);
      out += escaped.data();
      length = 1;
    } else {
      out += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return out;
}

std::string lower_case(std::string_view text) {
  return changed(text, [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
}

std::string upper_case(std::string_view text) {
  return changed(text, [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    auto length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last(b.size() + 1), row(b.size() + 1); // two rows back, one row back, this one
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    before = std::exchange(last, row);
  }
  return last[b.size()];
}

std::string nearest(std::string_view misspelt, const std::vector<std::string>& names) {
  auto least = std::max<std::size_t>(2, misspelt.size() / 4) + 1; // farther away it is another word
  std::string best;
  for (const auto& name : names) {
    auto distance = edit_distance(upper_case(misspelt), upper_case(name));
    if (distance < least) least = distance, best = name;
  }
  return best;
}

} // namespace goloca
