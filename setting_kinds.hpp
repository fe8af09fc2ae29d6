#pragma once
// How a setting's value is checked, read and shown, by kind: number, duration, size, choice, boolean, text. For
// setting_list.cpp alone.

#include "config.hpp"
#include "setting.hpp"
#include "setting_values.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace goloca::setting_kinds {

/// Where in the config a setting's value is.
template <class Part, class Value>
auto at(Part config::*part, Value Part::*value) {
  return [ part, value ](auto& made) -> auto& {
    return (made.*part).*value;
  };
}
template <class Value>
auto at(Value config::*value) {
  return [value](auto& made) -> auto& {
    return made.*value;
  };
}

/// A setting whose values lie between two others. `parse` gives the value or nothing, `print` its text.
template <class Place, class Value, class Parse, class Print>
setting between(std::string key, Place place, Value least, Value most, const std::string& kind, Parse parse,
                Print print, std::string help) {
  auto range = print(least) + " to " + print(most);
  auto read = [=](config& made, std::string_view text) -> std::optional<std::string> {
    auto value = parse(text);
    if (!value) return "must be " + kind + ", " + range;
    if (*value < least || *value > most) return "must be " + range;
    place(made) = static_cast<std::decay_t<decltype(place(made))>>(*value);
    return std::nullopt;
  };
  auto show = [=](const config& made) { return print(static_cast<Value>(place(made))); };
  return {std::move(key), range, std::move(help), read, show};
}

template <class Place>
setting number(std::string key, Place place, std::int64_t least, std::int64_t most, std::string help) {
  auto print = [](std::int64_t value) { return std::to_string(value); };
  return between(std::move(key), place, least, most, "a whole number", parse_integer, print, std::move(help));
}

template <class Place>
setting duration(std::string key, Place place, milliseconds least, milliseconds most, std::string help) {
  return between(std::move(key), place, least, most,
                 "a duration such as 250ms, 10s, 5m or 1h (a bare number is seconds)", parse_duration, show_duration,
                 std::move(help));
}

template <class Place>
setting size(std::string key, Place place, std::int64_t least, std::int64_t most, std::string help) {
  return between(std::move(key), place, least, most, "a size in B, KiB, MiB or GiB (a bare number is bytes)",
                 parse_size, show_size, std::move(help));
}

/// One of a few words.
template <class Value, class Place>
setting choice(std::string key, Place place, std::vector<std::pair<std::string, Value>> words, std::string help) {
  std::string range;
  for (std::size_t i = 0; i < words.size(); ++i)
    range += (i == 0 ? "" : i + 1 < words.size() ? ", " : " or ") + words[i].first;
  auto read = [=](config& made, std::string_view text) -> std::optional<std::string> {
    for (const auto& [word, value] : words)
      if (word == lower_case(text)) return place(made) = value, std::nullopt;
    return "must be " + range;
  };
  auto show = [=](const config& made) {
    for (const auto& [word, value] : words)
      if (value == place(made)) return word;
    return std::string{};
  };
  return {std::move(key), range, std::move(help), read, show};
}

template <class Place>
setting boolean(std::string key, Place place, std::string help) {
  auto read = [=](config& made, std::string_view text) -> std::optional<std::string> {
    auto value = parse_boolean(text);
    if (!value) return "must be true or false (or yes, no, on, off, 1, 0)";
    place(made) = *value;
    return std::nullopt;
  };
  auto show = [=](const config& made) { return std::string{place(made) ? "true" : "false"}; };
  return {std::move(key), "true or false", std::move(help), read, show};
}

/// What makes a text unfit for any setting.
inline std::optional<std::string> text_fault(std::string_view text) {
  if (text.empty()) return "must not be empty";
  if (!is_utf8(text)) return "must be UTF-8";
  auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::any_of(text.begin(), text.end(), control)) return "must be one line without control characters";
  return std::nullopt;
}

template <class Place>
setting text(std::string key, Place place, std::string range, std::string help) {
  auto read = [=](config& made, std::string_view value) {
    auto fault = text_fault(value);
    if (!fault) place(made) = value;
    return fault;
  };
  return {std::move(key), std::move(range), std::move(help), read, [=](const config& made) { return place(made); }};
}

/// One of the keywords that libpq connects with. Not set: libpq's own default, or its PG* variable.
inline setting libpq(std::string key, const std::string& keyword, std::string range, std::string help) {
  auto read = [=](config& made, std::string_view value) {
    auto fault = text_fault(value);
    if (!fault) made.store.postgres.emplace_back(keyword, value);
    return fault;
  };
  auto show = [=](const config& made) {
    for (const auto& [word, value] : made.store.postgres)
      if (word == keyword) return value;
    return std::string{};
  };
  return {std::move(key), std::move(range), std::move(help), read, show};
}

inline setting secret(setting one) {
  one.secret = true;
  return one;
}

inline setting with_sample(setting one, std::string sample) {
  one.sample = std::move(sample);
  return one;
}

} // namespace goloca::setting_kinds
