#pragma once
// One TLS connection that carries frames both ways, whichever end it is.

#include "net/executor.hpp"
#include "net/link/frame.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>

namespace goloca::net::link {

/// Everything on the socket's executor. Frames that are written while others are on their way go out together. The
/// memory for what is read grows with what has come, whatever a head claims. A failed write is no end: what the peer
/// said last is read first, and the read finds the end.
class channel {
public:
  using clock = std::chrono::steady_clock;
  using role = asio::ssl::stream_base::handshake_type;

  channel(tcp_socket socket, std::shared_ptr<asio::ssl::context> identity, std::shared_ptr<const store::schema> schema);
  channel(const channel&) = delete;
  channel& operator=(const channel&) = delete;

  /// Who owns it: kept alive while a write is on its way.
  void keep_alive(std::weak_ptr<void> owner) { owner_ = std::move(owner); }

  /// \return why it failed, for a person; nothing when it is done.
  task<std::optional<std::string>> handshake(role as);

  /// \return the next frame, or why there will be none, for a person.
  task<std::variant<frame, std::string>> read(std::size_t most_bytes);

  /// Reads and drops what still comes, until the peer closes: whose last words from us would be lost to a reset else.
  task<void> drop_rest();

  /// Adds a frame to what the next flush sends.
  void write(const frame& what);
  void flush();

  /// What was written goes out, then no more (the peer reads an end).
  void finish_writing();

  /// Closes the socket. What is read ends with this reason, the first one.
  void cut(std::string why);
  [[nodiscard]] bool peer_closed() const { return peer_closed_; } // in order, as far as TCP knows
  [[nodiscard]] bool closed() const { return !stream_.lowest_layer().is_open(); }

  /// When the last byte came. Asks the kernel when it seems long ago: what waits to be read has come, too, as has a
  /// part of a TLS record.
  [[nodiscard]] clock::time_point last_heard(clock::duration long_ago);

private:
  std::optional<frame_head> head() const;
  std::string end_of(const error_code& ec);
  void on_written(const error_code& ec);

  std::shared_ptr<asio::ssl::context> identity_;
  std::shared_ptr<const store::schema> schema_;
  asio::ssl::stream<tcp_socket> stream_;
  std::weak_ptr<void> owner_;
  boost::beast::flat_buffer input_;
  clock::time_point heard_;
  std::string gathering_;
  std::string sending_;
  bool write_failed_ = false;
  bool finishing_ = false;
  bool peer_closed_ = false;
  std::string certificate_fault_; // of the peer's
  std::string cut_because_;
};

} // namespace goloca::net::link
