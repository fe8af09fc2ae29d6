#pragma once
// Outcome → HTTP code and `code`: the only table (DESIGN 2).

#include "actors/messages.hpp"

#include <string_view>

namespace goloca::net {

/// Every way a request can end: the verdicts on points, then what is wrong with a request as such.
enum class ending : std::uint8_t {
  stored,
  duplicate,
  conflict,
  invalid,
  overloaded,
  unavailable,
  timeout,                // in the order of actors::verdict
  bad_request,            // HTTP framing: 400, close
  slow_request,           // 408, close
  too_large,              // 413, close; WebSocket 1009
  unsupported_media_type, // 415
  not_found,              // 404
  method_not_allowed,     // 405
  upgrade_required,       // 426
  headers_too_large,      // 431, close
  not_implemented,        // 501, close
  forbidden,              // 403
};

struct status {
  unsigned http;           // 201
  std::string_view reason; // "Created"
  std::string_view code;   // "conflict"; empty for success
  std::string_view error;  // the sentence when there is no better one; empty for success
  bool resend;             // then every answer carries retry_after_ms
};

[[nodiscard]] const status& status_of(ending what);
[[nodiscard]] ending ending_of(actors::verdict what);

/// How long a client should wait before it sends again.
inline constexpr unsigned retry_after_ms = 1000;

} // namespace goloca::net
