#include "net/client/rejects.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace goloca::net::client {

namespace {

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

} // namespace

std::string reject_line(const item& refused, const point_reply& how) {
  auto point = refused.fault.empty() ? refused.text : quoted(refused.text);
  std::ranges::replace(point, '\n', ' '); // between members only: in a JSON string they are escaped
  std::ranges::replace(point, '\r', ' ');
  return "{\"line\":" + std::to_string(refused.line) + ",\"id\":" + (refused.id.empty() ? "null" : quoted(refused.id)) +
         ",\"code\":" + quoted(how.code) + ",\"error\":" + quoted(how.error) + ",\"point\":" + point + '}';
}

rejects::rejects(const std::string& path) : wanted_{!path.empty()} {
  if (wanted_) file_.open(path, std::ios::binary | std::ios::trunc);
}

void rejects::add(const item& refused, const point_reply& how) {
  if (wanted_) file_ << reject_line(refused, how) << '\n';
}

bool rejects::flush() {
  if (!wanted_) return true;
  file_.flush();
  return file_.good();
}

} // namespace goloca::net::client
