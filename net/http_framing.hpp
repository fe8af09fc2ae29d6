#pragma once
// Where one HTTP/1 request ends and the next begins, and nothing doubtful about it (RFC 9112, strict): the one place
// for these rules, of which Beast enforces only some. Pure: views into the caller's bytes, no socket.

#include "net/status.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace goloca::net {

/// A request that is refused for its framing; the connection is to be closed, for where the next begins is not known.
struct framing_fault {
  ending what = ending::bad_request; // or not_implemented: an unknown transfer coding
  std::string why;                   // for the reply: "Content-Length is not plain digits"
};

/// What a session needs of a request's header. Views into the bytes that read_head was given; empty when absent.
struct request_head {
  std::string_view method;    // case-sensitive, as it came
  std::string_view path;      // of the target, still percent-encoded: "/datapoints/12"; "*" for OPTIONS *
  std::string_view query;     // after the ?, which is not part of it
  unsigned minor_version = 1; // HTTP/1.x: 0 or 1
  std::string_view host;

  std::optional<std::uint64_t> content_length;
  bool chunked = false;         // never together with content_length
  bool keep_alive = true;       // after this request, by version and Connection
  bool expect_continue = false; // wants 100 before it sends the body

  std::string_view content_type;
  std::string_view content_encoding;
  std::string_view accept; // the first of them

  bool upgrade_websocket = false; // Connection names upgrade, and Upgrade websocket
  std::string_view websocket_key;
  std::string_view websocket_version;
  std::vector<std::string_view> websocket_protocols; // in the client's order of preference

  [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }
};

/// The bytes up to where read_head can judge: past the empty line, or past a byte that no header may have there (a bare
/// LF, a first byte that starts no method: somebody speaks TLS). npos: not there yet, read more. \param from  where the
/// last look ended: bytes.size() of then; 0 at first.
[[nodiscard]] std::size_t find_header_end(std::string_view bytes, std::size_t from);

/// Reads a header: what find_header_end found, CRLFCRLF included. One empty line before it is passed over.
[[nodiscard]] std::variant<request_head, framing_fault> read_head(std::string_view header);

/// One line of a header or trailer, without its CRLF.
struct field_line {
  std::string_view name;
  std::string_view value; // without the blanks around it
};

/// Checks one line; a fault is a sentence.
[[nodiscard]] std::variant<field_line, std::string_view> read_field(std::string_view line);

} // namespace goloca::net
