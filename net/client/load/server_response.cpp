#include "net/client/load/server_response.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net::load {

namespace {

constexpr std::size_t longest_head = 64 * 1024;
constexpr std::size_t longest_body = std::size_t{1} << 30;

bool is_named(std::string_view line, std::string_view name) {
  auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
  return line.size() > name.size() && line[name.size()] == ':' &&
         std::equal(name.begin(), name.end(), line.begin(), [&](char a, char b) { return a == lower(b); });
}

template <class Number>
bool read_number(std::string_view text, Number& into) {
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), into);
  return fault == std::errc{} && end == text.data() + text.size();
}

/// "HTTP/1.1 200 OK": the reason may be empty, and then the blank before it may be missing.
bool read_status(std::string_view head, unsigned& into) {
  if (!head.starts_with("HTTP/1.") || head.size() < 14 || head[8] != ' ') return false;
  return (head[12] == ' ' || head[12] == '\r') && read_number(head.substr(9, 3), into) && into >= 100;
}

} // namespace

std::string_view header_in(std::string_view head, std::string_view name) {
  for (auto at = head.find("\r\n"); at != std::string_view::npos; at = head.find("\r\n", at)) {
    at += 2;
    auto line = head.substr(at, head.find("\r\n", at) - at);
    if (!is_named(line, name)) continue;
    line.remove_prefix(name.size() + 1);
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    return line.substr(0, line.find_last_not_of(" \t") + 1);
  }
  return {};
}

server_response read_server_response(std::string_view bytes) {
  server_response read;
  auto wrong = [&read] { return read.is = server_response::state::wrong, read; };
  auto end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return bytes.size() > longest_head ? wrong() : read;
  auto head = bytes.substr(0, end + 2);
  std::size_t length = 0;
  if (!read_status(head, read.status)) return wrong();
  if (!read_number(header_in(head, "content-length"), length) || length > longest_body) return wrong();
  if (bytes.size() - (end + 4) < length) return read;
  read.is = server_response::state::whole;
  read.body = bytes.substr(end + 4, length);
  read.size = end + 4 + length;
  return read;
}

} // namespace goloca::net::load
