#include "settings.hpp"

#include "setting.hpp"
#include "setting_values.hpp"
#include "settings_file.hpp"

#include <cerrno>
#include <optional>
#include <string_view>

#include <unistd.h>

namespace goloca {

namespace {

constexpr std::size_t longest_settings_file = 1u << 20;
constexpr std::size_t longest_value_file = 64u << 10;
constexpr std::string_view file_suffix = "_FILE";

/// The texts of one layer by key, KEY_FILEs among them.
using layer = std::map<std::string, written, std::less<>>;

/// The winner of the layers: a text, or the file that holds it.
struct choice {
  written value;
  bool is_file = false;
};

std::string file_key(const setting& of) {
  return of.key + std::string{file_suffix};
}

/// The setting of a KEY or KEY_FILE.
const setting* setting_of(std::string_view key) {
  if (const auto* found = find_setting(key)) return found;
  bool suffixed = key.size() > file_suffix.size() && key.substr(key.size() - file_suffix.size()) == file_suffix;
  return suffixed ? find_setting(key.substr(0, key.size() - file_suffix.size())) : nullptr;
}

/// An unknown key's value is not shown: it may be a secret whose key is misspelt.
config_fault unknown_key(const std::string& where, const std::string& key) {
  auto meant = key.size() > 100 ? std::string{} : nearest(key, setting_keys());
  return {where, printable(key), "",
          meant.empty() ? "there is no such setting" : "there is no such setting; did you mean " + meant + "?"};
}

/// A missing file is an empty one, unless it was asked for.
std::string settings_text(const setting_layers& layers, config_faults& faults) {
  auto read = read_text_file(layers.file, longest_settings_file);
  if (auto* text = std::get_if<std::string>(&read)) return std::move(*text);
  const auto& failure = std::get<unreadable>(read);
  if (failure.error != ENOENT || layers.file_must_exist)
    faults.push_back({printable(layers.file), "", "", "cannot read it: " + failure.why});
  return {};
}

layer file_layer(const setting_layers& layers, config_faults& faults) {
  auto name = printable(layers.file);
  auto parsed = parse_settings_file(settings_text(layers, faults));
  auto at = [&](std::size_t line) { return name + ':' + std::to_string(line); };
  for (const auto& fault : parsed.faults) faults.push_back({at(fault.line), "", "", fault.what});
  layer found;
  for (auto& line : parsed.lines) {
    auto where = at(line.number);
    if (setting_of(line.key) == nullptr) {
      faults.push_back(unknown_key(where, line.key));
    } else if (auto [first, added] = found.try_emplace(line.key, written{std::move(line.value), where}); !added) {
      faults.push_back({where, line.key, "", "it is set twice, the first time in " + first->second.where});
    }
  }
  return found;
}

/// Only what is declared: the environment is full of other things. Compose passes KEY= for what is not set.
layer environment_layer(const key_values& environment) {
  layer found;
  for (const auto& one : declared_settings())
    for (const auto& key : {one.key, file_key(one)})
      if (auto at = environment.find(key); at != environment.end() && !at->second.empty())
        found.emplace(key, written{at->second, "environment"});
  return found;
}

layer flag_layer(const key_values& flags) {
  layer found;
  for (const auto& one : declared_settings()) {
    if (auto at = flags.find(one.key); at != flags.end()) found.emplace(one.key, written{at->second, one.flag()});
    if (auto at = flags.find(file_key(one)); at != flags.end())
      found.emplace(at->first, written{at->second, one.flag() + "-file"});
  }
  return found;
}

/// What this layer says of a setting. KEY and KEY_FILE side by side contradict each other.
std::optional<choice> chosen(const setting& one, const layer& from, config_faults& faults) {
  auto value = from.find(one.key);
  auto file = from.find(file_key(one));
  if (value != from.end() && file != from.end())
    faults.push_back({file->second.where, file->first, "",
                      one.key + " is set as well, in " + value->second.where + ": keep one of them"});
  if (value != from.end()) return choice{value->second};
  if (file != from.end()) return choice{file->second, true};
  return std::nullopt;
}

/// The file's text, without the end of its last line.
std::optional<written> read_value_file(const setting& one, const written& path, config_faults& faults) {
  // A password that was written where its file should be is not to be shown either; a path has a slash.
  bool show = !one.secret || path.text.find('/') != std::string::npos;
  auto shown_path = show ? printable(path.text) : std::string{secret_mask};
  auto refuse = [&](const std::string& why) {
    faults.push_back({path.where, file_key(one), shown_path, why});
    return std::nullopt;
  };
  auto read = read_text_file(path.text, longest_value_file);
  if (auto* failure = std::get_if<unreadable>(&read)) return refuse("cannot read that file: " + failure->why);
  auto& text = std::get<std::string>(read);
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return refuse("that file is empty");
  return written{std::move(text), path.where + " (" + shown_path + ')'};
}

} // namespace

std::string config_fault::message() const {
  std::string said = where + ": ";
  if (!key.empty()) said += value.empty() ? key + ": " : key + '=' + value + ": ";
  return said + expected;
}

settings read_settings(const setting_layers& layers, config_faults& faults) {
  const layer over_each_other[] = {file_layer(layers, faults), environment_layer(layers.environment),
                                   flag_layer(layers.flags)};
  settings all;
  for (const auto& one : declared_settings()) {
    std::optional<choice> winner;
    for (const auto& from : over_each_other)
      if (auto said = chosen(one, from, faults)) winner = std::move(said);
    if (!winner) continue;
    auto value = winner->is_file ? read_value_file(one, winner->value, faults) : std::optional{winner->value};
    if (value) all.emplace(one.key, std::move(*value));
  }
  return all;
}

key_values process_environment() {
  key_values all;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::string_view text{*entry};
    auto equals = text.find('=');
    if (equals != std::string_view::npos) all.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return all;
}

} // namespace goloca
