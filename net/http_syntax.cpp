#include "net/http_syntax.hpp"

namespace goloca::net {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The length of the name or address that `text` starts with, 0 when it is none.
std::size_t address_length(std::string_view text) {
  auto end = text.find(']');
  if (end == std::string_view::npos) return 0;
  auto address = text.substr(1, end - 1);
  bool fits = std::ranges::all_of(address, [](char c) { return is_hex(c) || c == ':' || c == '.'; });
  return fits && std::ranges::count(address, ':') >= 2 ? end + 1 : 0;
}

std::size_t name_length(std::string_view text) {
  std::size_t at = 0;
  for (; at < text.size() && text[at] != ':'; ++at) {
    auto c = text[at];
    bool named = is_letter(c) || is_digit(c) || std::string_view{"-._~!$&'()*+;="}.find(c) != std::string_view::npos;
    bool encoded = c == '%' && at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2]);
    if (!named && !encoded) return 0;
  }
  return at;
}

} // namespace

bool is_token_char(char c) {
  return is_letter(c) || is_digit(c) || std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_token_char);
}

bool is_digits(std::string_view text) {
  return std::ranges::all_of(text, is_digit);
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

bool is_host(std::string_view text) {
  auto length = text.starts_with('[') ? address_length(text) : name_length(text);
  if (length == 0 || length == text.size()) return length != 0;
  auto port = text.substr(length + 1);
  return text[length] == ':' && port.size() <= 5 && is_digits(port);
}

} // namespace goloca::net
