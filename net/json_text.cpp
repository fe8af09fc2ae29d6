#include "net/json_text.hpp"

#include "net/utf8.hpp"

#include <algorithm>

namespace goloca::net {

namespace {

void append_escaped(std::string_view text, std::string& out) {
  constexpr std::string_view hex = "0123456789abcdef";
  auto means_itself = [](char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; };
  while (!text.empty()) {
    auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, means_itself) - text.begin());
    out += text.substr(0, plain);
    if (plain == text.size()) return;
    auto c = text[plain];
    text.remove_prefix(plain + 1);
    switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\t':
      out += "\\t";
      break;
    default:
      auto byte = static_cast<unsigned char>(c);
      ((out += "\\u00") += hex[byte >> 4]) += hex[byte & 15];
    }
  }
}

} // namespace

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  if (valid_utf8_prefix(text) == text.size())
    append_escaped(text, out);
  else
    append_escaped(to_utf8(text), out);
  out += '"';
}

std::string to_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    auto good = valid_utf8_prefix(text);
    out += text.substr(0, good);
    text.remove_prefix(good);
    if (text.empty()) break;
    out += "\uFFFD";
    text.remove_prefix(1);
  }
  return out;
}

} // namespace goloca::net
