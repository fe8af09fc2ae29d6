#pragma once
// The HTTP/1.1 responses that a service sends, read in place: by Content-Length, the only framing that goloca uses.

#include <cstdint>
#include <string_view>

namespace goloca::net::load {

struct server_response {
  enum class state : std::uint8_t {
    partial, // more bytes are wanted
    whole,
    wrong // no HTTP, or no Content-Length
  };
  state is = state::partial;
  unsigned status = 0;
  std::string_view body = {}; // in the bytes that were read
  std::size_t size = 0;       // of the whole response
};

/// The first response of `bytes`.
server_response read_server_response(std::string_view bytes);

/// The value of a header field, without blanks around it; empty when it is not there.
/// \param head  from the status line to the empty line.
/// \param name  in lower case.
std::string_view header_in(std::string_view head, std::string_view name);

} // namespace goloca::net::load
