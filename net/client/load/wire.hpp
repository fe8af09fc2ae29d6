#pragma once
// How messages and replies stand in the bytes of a connection: WebSocket or HTTP. Pure: no socket, no memory of its
// own.

#include "net/client/url.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace goloca::net::load {

/// The rides of `count` consecutive ids.
struct ride_range {
  std::uint64_t first = 0;
  std::size_t count = 0;
};

/// What stands first in the bytes of a connection.
struct incoming {
  enum class kind : std::uint8_t { partial, reply, nothing_to_us, broken };
  kind what = kind::partial;
  std::string_view body = {}; // of a reply
  unsigned status = 0;        // of a reply over HTTP, else 0
  std::size_t size = 0;       // of it all
  std::string why = {};       // broken: for a person
};

class wire {
public:
  virtual ~wire() = default;

  /// What is said first, and whether the answer's head lets us go on. Empty: nothing, go on.
  [[nodiscard]] virtual std::string greeting() const = 0;
  [[nodiscard]] virtual bool welcomes(std::string_view head) const = 0;
  [[nodiscard]] virtual std::string farewell() const = 0;

  virtual void append(ride_range rides, std::string& out) const = 0;
  virtual void append_text(std::string_view message, std::string& out) const = 0; // any other

  /// \param out  gets what has to be answered at once (a pong).
  virtual incoming next(std::string_view bytes, std::string& out) const = 0;
};

/// \param arrays  each message is an array, also of one ride; else each is a lone object and `count` is 1.
std::unique_ptr<wire> speak_websocket(const client::url& to, bool arrays);
std::unique_ptr<wire> speak_http(const client::url& to, bool arrays);

} // namespace goloca::net::load
