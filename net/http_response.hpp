#pragma once
// The bytes of a response.

#include <string>
#include <string_view>

namespace goloca::net {

struct http_response {
  unsigned code = 200;
  std::string_view content_type = "application/json";
  std::string_view body = {};
  std::string_view fields = {}; // further header lines, each with its CRLF
  bool keep_alive = true;
  bool head_only = false; // the length is told, the body left out
  bool http_1_0 = false;
};

/// Appends the response to `out`.
void append(const http_response& response, std::string& out);

/// "Created"; "Unknown" for a code that is not ours.
std::string_view reason_phrase(unsigned code);

} // namespace goloca::net
