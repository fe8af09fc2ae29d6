#include "net/client/reply.hpp"

#include "net/client/json_member.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net::client {

namespace {

using json = nlohmann::json;
using verdict = point_reply::verdict;

/// A service that asks for more than this is not obeyed.
constexpr std::uint64_t longest_wait_ms = 60'000;

/// Also of a number that is too large for anything.
std::chrono::milliseconds retry_after_of(const json& object) {
  auto at = object.find("retry_after_ms");
  if (at == object.end() || !at->is_number_unsigned()) return {};
  return std::chrono::milliseconds{std::min<std::uint64_t>(at->get<std::uint64_t>(), longest_wait_ms)};
}

/// An id as the service writes it: digits without a leading zero. Others come back in other forms, or not at all.
bool canonical(std::string_view id) {
  return !id.empty() && id.front() != '0' && std::ranges::all_of(id, [](char c) { return c >= '0' && c <= '9'; });
}

/// Nothing when it is no reply to the point of that id.
std::optional<point_reply> read_point(const json& object, std::string_view id) {
  if (!object.is_object()) return std::nullopt;
  auto status = text_of(object, "status");
  auto named = text_of(object, "id");
  if (canonical(id) && named != id && (status == "success" || !named.empty())) return std::nullopt;
  point_reply read;
  if (status == "success") {
    auto duplicate = object.find("duplicate");
    read.what = duplicate != object.end() && *duplicate == true ? verdict::duplicate : verdict::stored;
    return read;
  }
  if (status != "failed") return std::nullopt;
  read.code = text_of(object, "code");
  read.error = text_of(object, "error");
  read.retry_after = retry_after_of(object);
  // Only what is known to be final is: what a later service may say is sent again.
  auto final = read.code == "invalid" || read.code == "conflict" || read.code == "too_large";
  read.what = final ? verdict::refused : verdict::again;
  return read;
}

std::optional<std::vector<point_reply>> read_points(const json& array, const std::vector<std::string_view>& ids) {
  if (!array.is_array() || array.size() != ids.size()) return std::nullopt;
  std::vector<point_reply> all;
  all.reserve(ids.size());
  for (std::size_t i = 0; i < ids.size(); ++i) {
    auto one = read_point(array[i], ids[i]);
    if (!one) return std::nullopt;
    all.push_back(std::move(*one));
  }
  return all;
}

reply::kind kind_of_status(unsigned status) {
  if (status == 413) return reply::kind::too_large;
  if (status == 400 || status == 409 || status == 422) return reply::kind::unreadable;
  if (status == 408 || status == 429 || status >= 500) return reply::kind::again;
  if (status >= 300) return reply::kind::stranger;
  return reply::kind::nonsense; // 2xx, but without the results
}

std::chrono::milliseconds seconds_of(std::string_view header) {
  std::uint64_t seconds = 0;
  auto fault = std::from_chars(header.data(), header.data() + header.size(), seconds).ec;
  if (fault == std::errc::invalid_argument) return {}; // none, or a date
  if (fault == std::errc::result_out_of_range) seconds = longest_wait_ms;
  return std::chrono::milliseconds{std::min(seconds, longest_wait_ms / 1000) * 1000};
}

} // namespace

reply read_http_reply(unsigned status, std::string_view retry_after, std::string_view body,
                      const std::vector<std::string_view>& ids) {
  auto parsed = json::parse(body, nullptr, false);
  if (parsed.is_object() && parsed.contains("results")) {
    if (auto points = read_points(parsed["results"], ids)) return {reply::kind::points, std::move(*points)};
    return {reply::kind::nonsense, {}, {verdict::again, "", std::string{does_not_fit}}};
  }
  reply read{kind_of_status(status)};
  if (parsed.is_object()) {
    read.whole.code = text_of(parsed, "code");
    read.whole.error = text_of(parsed, "error");
    read.whole.retry_after = retry_after_of(parsed);
  }
  read.whole.retry_after = std::max(read.whole.retry_after, seconds_of(retry_after));
  if (read.whole.error.empty()) read.whole.error = "HTTP status " + std::to_string(status);
  return read;
}

reply read_websocket_reply(std::string_view message, const std::vector<std::string_view>& ids) {
  auto parsed = json::parse(message, nullptr, false);
  if (parsed.is_array()) {
    if (auto points = read_points(parsed, ids)) return {reply::kind::points, std::move(*points)};
  } else if (auto whole = read_point(parsed, {});
             whole && (whole->what == verdict::again || whole->what == verdict::refused)) {
    auto kind = whole->what == verdict::again ? reply::kind::again
                : whole->code == "too_large"  ? reply::kind::too_large
                                              : reply::kind::unreadable;
    return {kind, {}, std::move(*whole)};
  }
  return {reply::kind::nonsense, {}, {verdict::again, "", std::string{does_not_fit}}};
}

} // namespace goloca::net::client
