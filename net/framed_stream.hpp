#pragma once
// The stream under a WebSocket: knows where its client's frames end, so that some are read without Beast.

#include "net/corked_stream.hpp"
#include "net/websocket_frame.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffers_iterator.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

namespace goloca::net {

/// Two read from it by turns. The session takes messages that have come whole, in one frame, by next() and
/// take_message(), many of them for one wait. Beast, whose stream this is, reads everything else; it is given no byte
/// beyond the frame that it reads, so after each message of its own it holds nothing back.
/// Beast closes as soon as it meets a reason to; the session has replies to send first. So the Close frames that Beast
/// writes are dropped, its teardown does nothing, and the session says goodbye itself.
class framed_stream : public corked_stream {
public:
  using next_layer_type = tcp_socket;
  using lowest_layer_type = tcp_socket;
  using executor_type = executor;

  using corked_stream::corked_stream;

  tcp_socket& next_layer() { return socket(); }

  // -- the session's

  enum class incoming : std::uint8_t {
    message, // one whole, in one frame, of which nothing is wrong but perhaps its UTF-8
    unknown, // not as much as a frame's head is here: more is to be read
    other    // Beast's, a message that has come in part among them
  };

  /// What comes next. Only between two messages.
  [[nodiscard]] incoming next();

  struct message {
    std::string_view payload; // good until the next read
    bool is_binary;
  };

  /// Where next() is a message.
  message take_message();

  /// A longer message is Beast's to refuse.
  void set_longest_message(std::uint64_t bytes) { longest_message_ = bytes; }

  /// Beast's writes are dropped from now on: the last word was said.
  void mute() { muted_ = true; }

  // -- Beast's

  template <class Buffers>
  std::size_t write_some(const Buffers& from, error_code& ec) {
    ec = failure();
    return ec ? 0 : gather(from);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from) {
    return or_throw([&](error_code& ec) { return write_some(from, ec); });
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& from, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& bytes) {
          error_code ec;
          auto n = is_close_frame(bytes) ? asio::buffer_size(bytes) : write_some(bytes, ec);
          flush();
          asio::post(get_executor(), [handler = std::move(handler), ec, n]() mutable { handler(ec, n); });
        },
        token, from);
  }

  /// Never waits: would_block when nothing is there. (Beast's accept of a request read before asks for the signature
  /// only.)
  template <class Buffers>
  std::size_t read_some(const Buffers& into, error_code& ec) {
    auto n = take_of_frame(into);
    ec = n ? error_code{} : asio::error::make_error_code(asio::error::would_block);
    return n.value_or(0);
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& into) {
    return or_throw([&](error_code& ec) { return read_some(into, ec); });
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& into, Token&& token) {
    return async_take([this, into](corked_stream&) { return take_of_frame(into); }, std::forward<Token>(token));
  }

private:
  template <class Step>
  static std::size_t or_throw(Step step) {
    error_code ec;
    auto n = step(ec);
    if (ec) throw boost::system::system_error{ec};
    return n;
  }

  template <class Buffers>
  static bool is_close_frame(const Buffers& bytes) {
    return asio::buffer_size(bytes) > 0 && static_cast<unsigned char>(*asio::buffers_begin(bytes)) == 0x88;
  }

  template <class Buffers>
  std::size_t gather(const Buffers& from) {
    auto n = asio::buffer_size(from);
    if (muted_) return n;
    auto old = gathering().size();
    gathering().resize(old + n);
    return asio::buffer_copy(asio::buffer(gathering().data() + old, n), from);
  }

  template <class Buffers>
  std::optional<std::size_t> take_of_frame(const Buffers& into) {
    if (left_ == 0) begin_frame();
    auto n = take_into(into, static_cast<std::size_t>(left_));
    left_ -= n.value_or(0);
    return n;
  }

  void begin_frame(); // sets left_, if the next frame's head is here

  std::uint64_t left_ = 0; // bytes of the frame that Beast is reading
  std::uint64_t longest_message_ = 0;
  bool muted_ = false;
};

// Beast's customisation point: the session ends the socket.
inline void teardown(boost::beast::role_type, framed_stream&, error_code& ec) {
  ec = {};
}

template <class Handler>
void async_teardown(boost::beast::role_type, framed_stream& stream, Handler&& handler) {
  asio::post(stream.get_executor(), [done = std::forward<Handler>(handler)]() mutable { done(error_code{}); });
}

} // namespace goloca::net
