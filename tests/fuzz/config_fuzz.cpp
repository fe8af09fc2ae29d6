// A config.env of any bytes: what it sets, what is said of it, and that no secret is.

#include "config.hpp"
#include "setting.hpp"
#include "settings_file.hpp"
#include "tests/fuzz/law.hpp"

#include <algorithm>

namespace {

using namespace goloca;
using fuzz::require;

bool is_printable(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void check_file(std::string_view text, const parsed_file& parsed) {
  auto lines = static_cast<std::size_t>(std::ranges::count(text, '\n')) + 1;
  for (const auto& line : parsed.lines) {
    require(line.number >= 1 && line.number <= lines, "a line has its number");
    require(is_utf8(line.value) && line.value.find_first_of(std::string{"\n\0", 2}) == std::string::npos,
            "a value is one line of text");
    require(!line.value.empty(), "an empty value is none");
  }
  for (const auto& fault : parsed.faults) require(fault.line >= 1 && fault.line <= lines, "a fault has its line");

  parsed_file alone; // line by line: none depends on another
  for (auto rest = text; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.data() != text.data() && line.starts_with("\xef\xbb\xbf")) line = "?"; // a mark only begins a file
    auto one = parse_settings_file(line);
    std::ranges::move(one.lines, std::back_inserter(alone.lines));
    std::ranges::move(one.faults, std::back_inserter(alone.faults));
  }
  require(std::ranges::equal(parsed.lines, alone.lines, {}, &file_line::value, &file_line::value) &&
              parsed.faults.size() == alone.faults.size(),
          "a line means what it means alone");
}

settings settings_in(const parsed_file& parsed) {
  settings found;
  for (const auto& line : parsed.lines) {
    if (find_setting(line.key) != nullptr && line.key != "SCHEMA") // which names a file to be read
      found.insert_or_assign(line.key, written{line.value, "config.env:" + std::to_string(line.number)});
  }
  return found;
}

/// A secret that cannot be told from a fault's own words would be found by chance.
bool is_telling(std::string_view secret) {
  constexpr std::string_view example = "postgresql://user:password@host:5432/database";
  return secret.size() >= 8 && example.find(secret) == std::string_view::npos &&
         secret.find_first_of(" /\\") == std::string_view::npos && is_printable(secret);
}

void check_faults(const config_faults& faults, const settings& from) {
  for (const auto& fault : faults) {
    auto said = fault.message();
    require(is_printable(said), "a fault is one printable line", said);
    for (const auto& [key, value] : from) {
      const auto* declared = find_setting(key);
      auto elsewhere = std::ranges::any_of(from, [&](const auto& other) {
        return other.first != key && (other.first + '=' + other.second.text).find(value.text) != std::string::npos;
      });
      if (!declared->secret || !is_telling(value.text) || elsewhere) continue;
      auto by_rule = declared->range.find(value.text) != std::string::npos ||
                     fault.expected.find("DATABASE_URL: libpq has no option") != std::string::npos;
      require(by_rule || said.find(value.text) == std::string::npos, "a fault tells no secret", said);
    }
  }
}

/// What a setting shows is what sets it.
void check_values(const settings& from) {
  for (const auto& [key, value] : from) {
    const auto* one = find_setting(key);
    config first;
    if (one->read(first, value.text)) continue;
    auto shown = one->show(first);
    if (shown.empty()) continue;
    config second;
    require(!one->read(second, shown), "what a setting shows can be set", key + "=" + shown);
    require(one->show(second) == shown, "what a setting shows is what sets it", key + "=" + shown);
  }
}

/// No line can say it: it has both quotes, and wants one of them around it.
bool is_unspeakable(std::string_view value) {
  bool both = value.find('"') != std::string::npos && value.find('\'') != std::string::npos;
  return both && (value.find_first_of(" \t#") != std::string::npos || value.find_first_of("\"'") == 0);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto parsed = parse_settings_file(text);
  check_file(text, parsed);
  auto from = settings_in(parsed);
  check_values(from);

  auto made = make_config(from);
  if (auto* faults = std::get_if<config_faults>(&made)) {
    require(!faults->empty(), "what is refused has a fault");
    check_faults(*faults, from);
    return 0;
  }
  if (std::ranges::any_of(from, [](const auto& each) { return is_unspeakable(each.second.text); })) return 0;
  auto effective = show_effective(std::get<config>(made));
  auto again = parse_settings_file(effective);
  require(again.faults.empty(), "the effective config can be read", effective);
  for (const auto& line : again.lines) {
    const auto* one = find_setting(line.key);
    require(one != nullptr, "and names settings", line.key);
    auto shown = one->shown(one->show(std::get<config>(made)), std::string::npos);
    require(line.value == shown, "and says what they are", line.key + "=" + shown);
  }
  return 0;
}
