#include "net/client/drill/lone_point.hpp"

#include "net/client/json_member.hpp"

#include <charconv>

namespace goloca::net::drill {

namespace {

/// 0: it names none.
std::int64_t id_in(const nlohmann::json& reply) {
  auto text = client::text_of(reply, "id");
  std::int64_t made = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), made);
  return fault == std::errc{} && end == text.data() + text.size() && made > 0 ? made : 0;
}

} // namespace

heard settle(lone_point& one, std::string_view reply) {
  auto read = nlohmann::json::parse(reply, nullptr, false);
  if (!read.is_object()) return heard::misfit;
  auto status = client::text_of(read, "status");
  if (status == "failed") {
    auto code = client::text_of(read, "code");
    one.unknown = code == "timeout";
    auto again = code == "timeout" || code == "unavailable" || code == "overloaded";
    if (!again) return heard::wrong;
    auto wait = read.find("retry_after_ms");
    return wait != read.end() && wait->is_number_integer() && *wait > 0 ? heard::refused : heard::mute;
  }
  one.id = status == "success" ? id_in(read) : 0;
  if (one.id == 0) return heard::misfit;
  auto duplicate = read.find("duplicate");
  return duplicate != read.end() && *duplicate == true ? heard::wrong : heard::stored;
}

} // namespace goloca::net::drill
