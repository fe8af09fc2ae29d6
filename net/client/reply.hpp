#pragma once
// What the service said to one message of points, read with care: a reply that does not fit what was sent is no answer.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::net::client {

/// The answer to one point. `again`: not final, the same point may be sent again.
struct point_reply {
  enum class verdict : std::uint8_t { stored, duplicate, refused, again };
  verdict what = verdict::again;
  std::string code;
  std::string error;
  std::chrono::milliseconds retry_after{0}; // of `again`
};

/// The reason of `nonsense`.
inline constexpr std::string_view does_not_fit = "the reply does not fit the points that were sent";

/// The answer to one message.
///   points      one reply a point, in order
///   again       none of its points was decided: send them again, later
///   too_large   the message was; its points may fit alone
///   unreadable  the message as a whole was refused: some point of it is at fault, this does not say which
///   stranger    what answers there does not take points (404, 401, a redirect)
///   nonsense    not what goloca says: the state of the connection is unknown, start a new one
struct reply {
  enum class kind : std::uint8_t { points, again, too_large, unreadable, stranger, nonsense };
  kind what = kind::nonsense;
  std::vector<point_reply> points = {}; // `points`: one each
  point_reply whole = {};               // else: code, error, retry_after
};

/// \param ids          of the points that were sent, in order.
/// \param retry_after  the Retry-After header; empty when there was none.
reply read_http_reply(unsigned status, std::string_view retry_after, std::string_view body,
                      const std::vector<std::string_view>& ids);

/// The reply to a message that was an array.
reply read_websocket_reply(std::string_view message, const std::vector<std::string_view>& ids);

} // namespace goloca::net::client
