#pragma once
// The small grammar of HTTP's headers (RFC 9110, 5.6): tokens, lists, hosts.

#include <algorithm>
#include <string_view>

namespace goloca::net {

[[nodiscard]] bool is_token(std::string_view text);
[[nodiscard]] bool is_token_char(char c);
[[nodiscard]] bool is_digits(std::string_view text); // also when there is none

/// Space or tab.
[[nodiscard]] constexpr bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

/// What no field's value may hold: all of ASCII's control characters but the tab.
[[nodiscard]] constexpr bool is_control(char c) {
  auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\t') || byte == 0x7f;
}

/// Without the blanks at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Equal but for ASCII's case.
[[nodiscard]] bool same_word(std::string_view a, std::string_view b);

/// host [":" port] of a Host field or a target. A comma is refused: RFC 3986 lets a name have it, but more likely it is
/// two hosts.
[[nodiscard]] bool is_host(std::string_view text);

/// Calls `each` with the elements of a comma-separated list; empty ones are none (RFC 9110, 5.6.1).
template <class Each>
void for_each_element(std::string_view list, Each each) {
  while (!list.empty()) {
    auto comma = std::min(list.find(','), list.size());
    if (auto one = trimmed(list.substr(0, comma)); !one.empty()) each(one);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

} // namespace goloca::net
