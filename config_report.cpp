// What people are shown of the settings: check-config, the README's table, config.env. All from the one list.

#include "config.hpp"
#include "setting.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace goloca {

namespace {

/// Quoted where config.env's grammar would read it otherwise. Not more than it can say: a value with both quotes is
/// left.
std::string quoted(const std::string& value) {
  bool begins_quoted = value.starts_with('"') || value.starts_with('\'');
  bool plain = value.find_first_of(" \t#") == std::string::npos && !begins_quoted;
  if (value.empty() || plain) return value;
  char quote = value.find('\'') == std::string::npos ? '\'' : '"';
  return quote + value + quote;
}

std::string padded(std::string text, std::size_t width) {
  if (text.size() < width) text.append(width - text.size(), ' ');
  return text;
}

/// A | would end the cell.
std::string cell(std::string_view text) {
  std::string out;
  for (char c : text) out += c == '|' ? std::string{"\\|"} : std::string{c};
  return out;
}

/// Calls for each setting, and before the first of each group with its name.
template <class OnGroup, class OnSetting>
void for_each_grouped(OnGroup on_group, OnSetting on_setting) {
  std::string_view group;
  for (const auto& one : declared_settings()) {
    if (group != one.group) on_group(one.group);
    group = one.group;
    on_setting(one);
  }
}

} // namespace

std::string show_effective(const config& made) {
  constexpr std::size_t column = 40;
  std::string out;
  for (const auto& one : declared_settings()) {
    auto source = made.sources.find(one.key);
    auto line = one.key + '=' + quoted(one.shown(one.show(made), std::string::npos));
    out += padded(line, column) + "  # " + (source == made.sources.end() ? "default" : source->second) + '\n';
  }
  for (const auto& note : made.notes) out += "# note: " + note + '\n';
  return out;
}

std::string show_markdown() {
  std::string out;
  auto heading = [&](const std::string& group) {
    out += (out.empty() ? "" : "\n") + std::string{"**"} + group +
           "**\n\n| setting | default | values | |\n|---|---|---|---|\n";
  };
  auto row = [&](const setting& one) {
    auto initial = one.initial.empty() ? std::string{} : '`' + one.initial + '`';
    out += "| `" + one.key + "` | " + initial + " | " + cell(one.range) + " | " + cell(one.help) + " |\n";
  };
  for_each_grouped(heading, row);
  return out;
}

std::string show_sample() {
  std::string out =
      "# goloca's settings. Each stands here with its default, or where it has none with an example. Take away the # "
      "to set it.\n"
      "# The environment wins over this file, flags (--port 8081) win over both. KEY_FILE=path reads KEY from a file.\n"
      "# Durations: 250ms, 10s, 5m, 1h; a bare number is seconds. Sizes: 512B, 16KiB, 8MiB, 1GiB; a bare number is "
      "bytes.\n"
      "# `goloca check-config` shows what is in force, and where from.\n";
  auto heading = [&](const std::string& group) { out += "\n# == " + group + " ==\n"; };
  auto lines = [&](const setting& one) {
    out += "\n# " + one.help + " (" + one.range + ")\n#" + one.key + '=' +
           quoted(one.initial.empty() ? one.sample : one.initial) + '\n';
  };
  for_each_grouped(heading, lines);
  return out;
}

} // namespace goloca
