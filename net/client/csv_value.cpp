#include "net/client/csv_value.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cmath>

namespace goloca::net::client {

namespace {

std::string_view trimmed(std::string_view text) {
  constexpr auto blanks = " \t\r\n";
  auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Takes a number of `least` to `most` digits, and then `after` (0: the end), off the front of `text`.
std::optional<int> take_number(std::string_view& text, std::size_t least, std::size_t most, char after) {
  auto length = std::min(text.find(after == 0 ? '\0' : after), text.size());
  if (length < least || length > most || !all_digits(text.substr(0, length))) return std::nullopt;
  if (after != 0 && length == text.size()) return std::nullopt;
  int value = 0;
  std::from_chars(text.data(), text.data() + length, value);
  text.remove_prefix(after == 0 ? length : length + 1);
  return value;
}

std::string shown(std::string_view text) {
  return json_string(text.substr(0, 100)).value_or("the text");
}

template <class T>
std::string digits_of(T value) {
  std::array<char, 40> buffer{};
  auto end = std::to_chars(buffer.begin(), buffer.end(), value).ptr;
  return {buffer.begin(), end};
}

/// nullopt when it is no number; an infinity when it is one that a double cannot hold.
std::optional<double> read_real(std::string_view text) {
  if (text.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt; // "inf", "nan", hex
  double value = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end != text.data() + text.size() || fault == std::errc::invalid_argument) return std::nullopt;
  if (fault == std::errc::result_out_of_range) return HUGE_VAL;
  return value;
}

std::optional<std::string> append_real(std::string_view text, std::string& out) {
  auto value = read_real(text);
  if (!value) return shown(text) + " is not a number";
  if (!std::isfinite(*value)) return shown(text) + " is out of range for a number";
  out += digits_of(*value);
  return std::nullopt;
}

std::optional<std::string> append_integer(store::column_type type, std::string_view text, std::string& out) {
  if (type == store::column_type::bigint) {
    if (auto date = read_date(text)) {
      out += digits_of(*date);
      return std::nullopt;
    }
  }
  std::int64_t value = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end == text.data() + text.size() && fault == std::errc::result_out_of_range) {
    return shown(text) + " is out of range for an integer";
  }
  if (end == text.data() + text.size() && fault == std::errc{}) {
    out += digits_of(value);
    return std::nullopt;
  }
  auto real = read_real(text); // "1.0" is an integer too; of "1.5" the service will say what it thinks
  if (real && std::isfinite(*real)) {
    out += digits_of(*real);
    return std::nullopt;
  }
  return shown(text) + (type == store::column_type::bigint ? " is neither an integer nor a date like 1/31/2013 9:30"
                                                           : " is not an integer");
}

std::optional<std::string> append_boolean(std::string_view text, std::string& out) {
  auto is = [&](std::string_view word) {
    return std::ranges::equal(text, word, [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
  };
  if (text == "1" || is("true")) {
    out += "true";
  } else if (text == "0" || is("false")) {
    out += "false";
  } else {
    return shown(text) + " is none of 0, 1, true and false";
  }
  return std::nullopt;
}

std::optional<std::string> append_text(std::string_view text, std::string& out) {
  auto quoted = json_string(text);
  if (!quoted) return "the text is not valid UTF-8";
  out += *quoted;
  return std::nullopt;
}

} // namespace

std::optional<std::int64_t> read_date(std::string_view text) {
  auto midnight = text.find(' ') == std::string_view::npos;
  auto month = take_number(text, 1, 2, '/');
  if (!month) return std::nullopt;
  auto day = take_number(text, 1, 2, '/');
  if (!day) return std::nullopt;
  auto year = take_number(text, 4, 4, midnight ? '\0' : ' ');
  if (!year) return std::nullopt;
  std::optional<int> hour{0};
  std::optional<int> minute{0};
  if (!midnight) {
    hour = take_number(text, 1, 2, ':');
    minute = hour ? take_number(text, 2, 2, '\0') : std::nullopt;
  }
  if (!hour || !minute || *hour > 23 || *minute > 59) return std::nullopt;
  auto date = std::chrono::year{*year} / *month / *day;
  if (!date.ok()) return std::nullopt;
  auto moment = std::chrono::sys_days{date} + std::chrono::hours{*hour} + std::chrono::minutes{*minute};
  return std::chrono::milliseconds{moment.time_since_epoch()}.count();
}

bool is_absent(std::string_view text) {
  return text.empty() || text == "NULL";
}

std::optional<std::string> json_string(std::string_view text) {
  auto plain = [](char c) { return c >= ' ' && c <= '~' && c != '"' && c != '\\'; };
  if (std::ranges::all_of(text, plain)) return '"' + std::string{text} + '"';
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::type_error&) { // what dump throws for text that is not UTF-8
    return std::nullopt;
  }
}

std::optional<std::string> append_value(const store::field& to, bool key, std::string_view text, std::string& out) {
  auto bare = trimmed(text);
  if (key) {
    if (!all_digits(bare)) return shown(bare) + " is not an id: digits only";
    return append_text(bare, out);
  }
  switch (to.type) {
  case store::column_type::double_precision:
    return append_real(bare, out);
  case store::column_type::boolean:
    return append_boolean(bare, out);
  case store::column_type::text:
    return to.takes_string ? append_text(text, out) : append_integer(to.type, bare, out);
  default:
    return append_integer(to.type, bare, out);
  }
}

} // namespace goloca::net::client
