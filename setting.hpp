#pragma once
// One setting as declared: the list of them (setting_list.cpp) is what parsing, flags, check-config, config.env and the
// README's table derive from. A new setting is one entry there and one member in config.hpp.

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace goloca {

struct config;

struct setting {
  std::string key;   // "REQUEST_TIMEOUT"; its flag is --request-timeout
  std::string range; // what it may be, for a person: "10ms to 1h"
  std::string help;  // one line
  /// Puts the value that `text` means into the config, or returns what was expected.
  std::function<std::optional<std::string>(config&, std::string_view text)> read;
  /// The config's value as it would be written; empty when there is none.
  std::function<std::string(const config&)> show;
  bool secret = false;      // then no message and no listing holds its value
  std::string sample = {};  // for config.env where there is no default
  std::string group = {};   // the heading under which it is listed
  std::string initial = {}; // the default, as it would be written

  [[nodiscard]] std::string flag() const; // "--request-timeout"

  /// A value of this setting as it may be shown: masked when secret, or when it looks like a URL with a password in it.
  [[nodiscard]] std::string shown(std::string_view text, std::size_t most = 100) const;
};

inline constexpr std::string_view secret_mask = "********";

/// The one list, in the order of config.env: groups stay together.
const std::vector<setting>& declared_settings();

/// The setting of that key; null when there is none.
const setting* find_setting(std::string_view key);

std::vector<std::string> setting_keys();

} // namespace goloca
