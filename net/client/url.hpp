#pragma once
// The address that points are sent to.

#include <string>
#include <string_view>
#include <variant>

namespace goloca::net::client {

struct url {
  std::string host;   // without brackets
  std::string port;   // digits
  std::string prefix; // what stands in front of /datapoints and /ws: empty, or "/rides"

  [[nodiscard]] std::string authority() const; // as the Host header has it
};

/// \return the parts, or what is wrong with it. http:// and ws:// are the same: the way is chosen apart. An endpoint's
/// whole address (http://h/add_datapoint, ws://h/ws) will do, too.
std::variant<url, std::string> read_url(std::string_view text);

} // namespace goloca::net::client
