#include "settings_file.hpp"

#include "setting_values.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace goloca {

namespace {

bool is_key(std::string_view text) {
  auto letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return !text.empty() && letter(text[0]) &&
         std::all_of(text.begin(), text.end(), [&](char c) { return letter(c) || digit(c); });
}

bool is_comment(std::string_view text) {
  return text.empty() || text[0] == '#';
}

/// Up to a # after a blank.
std::string_view without_comment(std::string_view value) {
  for (std::size_t at = 0; at < value.size(); ++at)
    if (value[at] == '#' && (at == 0 || value[at - 1] == ' ' || value[at - 1] == '\t')) return value.substr(0, at);
  return value;
}

/// The value behind the equals sign, or in `fault` what is wrong with it.
std::string_view read_value(std::string_view text, std::string& fault) {
  auto value = trimmed(text);
  if (value.empty() || (value[0] != '"' && value[0] != '\'')) return trimmed(without_comment(text));
  auto close = value.find(value[0], 1);
  if (close == std::string_view::npos)
    fault = "the quote is not closed on its line";
  else if (!is_comment(trimmed(value.substr(close + 1))))
    fault = "there is more text after the closing quote";
  return close == std::string_view::npos ? std::string_view{} : value.substr(1, close - 1);
}

/// Reads one line, without its end.
void read_line(std::string_view text, std::size_t number, parsed_file& to) {
  auto refuse = [&](std::string what) { to.faults.push_back({number, std::move(what)}); };
  if (text.find('\0') != std::string_view::npos) return refuse("a NUL byte");
  if (!is_utf8(text)) return refuse("not UTF-8");
  auto line = trimmed(text);
  if (is_comment(line)) return;
  for (std::string_view prefix : {"export ", "export\t"})
    if (line.substr(0, prefix.size()) == prefix) line = trimmed(line.substr(prefix.size()));
  auto equals = line.find('=');
  auto key = trimmed(line.substr(0, std::min(equals, line.size())));
  if (equals == std::string_view::npos || !is_key(key)) return refuse("not of the form KEY=VALUE");
  std::string fault;
  auto value = read_value(line.substr(equals + 1), fault);
  if (!fault.empty()) return refuse(std::string{key} + ": " + fault);
  if (!value.empty()) to.lines.push_back({number, std::string{key}, std::string{value}});
}

} // namespace

parsed_file parse_settings_file(std::string_view text) {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf"; // some editors write one
  if (text.substr(0, byte_order_mark.size()) == byte_order_mark) text.remove_prefix(byte_order_mark.size());
  parsed_file parsed;
  for (std::size_t number = 1; !text.empty(); ++number) {
    auto end = std::min(text.find('\n'), text.size());
    auto line = text.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    read_line(line, number, parsed);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parsed;
}

std::variant<std::string, unreadable> read_text_file(const std::string& path, std::size_t most) {
  auto failed = [] { return unreadable{errno, std::generic_category().message(errno)}; };
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file{std::fopen(path.c_str(), "rb"), &std::fclose};
  if (!file) return failed();
  std::string text;
  std::array<char, 4096> buffer{};
  while (auto read = std::fread(buffer.data(), 1, buffer.size(), file.get())) {
    text.append(buffer.data(), read);
    if (text.size() > most) return unreadable{0, "it is longer than " + show_size(static_cast<std::int64_t>(most))};
  }
  if (std::ferror(file.get()) != 0) return failed(); // a directory opens, but does not read
  return text;
}

} // namespace goloca
