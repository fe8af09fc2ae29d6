// Content types and formats: the one place where their names are written.

#include "net/codec.hpp"
#include "net/http_syntax.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace goloca::net {

namespace {

struct named_format {
  std::string_view media_type;
  format as;
};

constexpr named_format everywhere[] = {
    {"application/json", format::json},
    {"text/plain", format::json},                        // a browser's fetch
    {"application/x-www-form-urlencoded", format::json}, // curl -d
    {"application/cbor", format::cbor},
    {"application/msgpack", format::msgpack},
    {"application/x-msgpack", format::msgpack},
    {"application/vnd.msgpack", format::msgpack},
};

constexpr named_format for_lines[] = {
    {"application/x-ndjson", format::ndjson},
    {"application/ndjson", format::ndjson},
    {"application/jsonl", format::ndjson},
};

/// "; charset=utf-8; q=1": whatever is said, but of charsets only UTF-8 (which ASCII is part of).
bool parameters_fit(std::string_view parameters) {
  while (!parameters.empty()) {
    auto one = trimmed(parameters.substr(0, parameters.find(';')));
    parameters.remove_prefix(std::min(parameters.size(), parameters.find(';')));
    if (!parameters.empty()) parameters.remove_prefix(1);
    auto equals = one.find('=');
    if (equals == std::string_view::npos || !same_word(trimmed(one.substr(0, equals)), "charset")) continue;
    auto charset = trimmed(one.substr(equals + 1));
    if (charset.size() >= 2 && charset.front() == '"' && charset.back() == '"')
      charset = charset.substr(1, charset.size() - 2);
    if (!same_word(charset, "utf-8") && !same_word(charset, "utf8") && !same_word(charset, "us-ascii")) return false;
  }
  return true;
}

std::optional<format> look_up(std::string_view media_type, std::span<const named_format> among) {
  auto at = std::ranges::find_if(among, [&](const auto& one) { return same_word(one.media_type, media_type); });
  return at == among.end() ? std::nullopt : std::optional{at->as};
}

/// The media type, and whether its parameters are ones we can read.
std::pair<std::string_view, bool> split(std::string_view content_type) {
  auto semicolon = std::min(content_type.find(';'), content_type.size());
  return {trimmed(content_type.substr(0, semicolon)), parameters_fit(content_type.substr(semicolon))};
}

} // namespace

std::optional<format> format_of_point(std::string_view content_type) {
  auto [media_type, fits] = split(content_type);
  if (!fits) return std::nullopt;
  return media_type.empty() ? format::json : look_up(media_type, everywhere);
}

std::optional<format> format_of_points(std::string_view content_type) {
  auto [media_type, fits] = split(content_type);
  if (auto lines = look_up(media_type, for_lines); lines && fits) return lines;
  return format_of_point(content_type);
}

std::string_view content_type_of(format as) {
  switch (as) {
  case format::cbor:
    return "application/cbor";
  case format::msgpack:
    return "application/msgpack";
  default:
    return "application/json";
  }
}

} // namespace goloca::net
