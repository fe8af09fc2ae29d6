#include "net/status.hpp"

#include <array>
#include <cassert>

namespace goloca::net {

namespace {

struct entry {
  ending what;
  status says;
};

// DESIGN 2's table, in the order of `ending`.
constexpr std::array<entry, 17> table{{
    {ending::stored, {201, "Created", "", "", false}},
    {ending::duplicate, {200, "OK", "", "", false}},
    {ending::conflict, {409, "Conflict", "conflict", "another point is stored under this id", false}},
    {ending::invalid, {400, "Bad Request", "invalid", "the point is not valid", false}},
    {ending::overloaded,
     {503, "Service Unavailable", "overloaded", "too many points are waiting: send it again later", true}},
    {ending::unavailable,
     {503, "Service Unavailable", "unavailable", "the store is not available: send it again later", true}},
    {ending::timeout,
     {504, "Gateway Timeout", "timeout", "no answer from the store in time: send it again with the same id", true}},
    {ending::bad_request, {400, "Bad Request", "invalid", "the request is malformed", false}},
    {ending::slow_request, {408, "Request Timeout", "timeout", "the request came too slowly", true}},
    {ending::too_large, {413, "Payload Too Large", "too_large", "the body is over the limit", false}},
    {ending::unsupported_media_type,
     {415, "Unsupported Media Type", "unsupported_media_type", "this content type or encoding is not read here",
      false}},
    {ending::not_found, {404, "Not Found", "not_found", "there is nothing here", false}},
    {ending::method_not_allowed,
     {405, "Method Not Allowed", "method_not_allowed", "this method is not allowed here", false}},
    {ending::upgrade_required, {426, "Upgrade Required", "upgrade_required", "this is a WebSocket endpoint", false}},
    {ending::headers_too_large,
     {431, "Request Header Fields Too Large", "too_large", "the request's header is over the limit", false}},
    {ending::not_implemented,
     {501, "Not Implemented", "not_implemented", "this transfer coding is not known here", false}},
    {ending::forbidden, {403, "Forbidden", "forbidden", "this is not allowed here", false}},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].what) != i) return false;
  return true;
}
static_assert(in_order(), "status_of indexes by ending");

static_assert(static_cast<int>(actors::verdict::stored) == static_cast<int>(ending::stored) &&
                  static_cast<int>(actors::verdict::duplicate) == static_cast<int>(ending::duplicate) &&
                  static_cast<int>(actors::verdict::conflict) == static_cast<int>(ending::conflict) &&
                  static_cast<int>(actors::verdict::invalid) == static_cast<int>(ending::invalid) &&
                  static_cast<int>(actors::verdict::overloaded) == static_cast<int>(ending::overloaded) &&
                  static_cast<int>(actors::verdict::unavailable) == static_cast<int>(ending::unavailable) &&
                  static_cast<int>(actors::verdict::timeout) == static_cast<int>(ending::timeout),
              "ending_of converts by number");

} // namespace

const status& status_of(ending what) {
  auto at = static_cast<std::size_t>(what);
  assert(at < table.size());
  return table[at].says;
}

ending ending_of(actors::verdict what) {
  return static_cast<ending>(what);
}

} // namespace goloca::net
