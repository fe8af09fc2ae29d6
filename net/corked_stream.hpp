#pragma once
// The stream under a WebSocket: reads a burst at once, gathers writes and sends them with one system call.

#include "net/executor.hpp"

#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/buffers_iterator.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace goloca::net {

/// A Beast stream over a socket. A write only adds to a buffer and is done; flush() sends what has gathered. A read is
/// served from what the socket gave last; before it has to wait for the socket, `before_wait` runs, so that the reader
/// can hand on what it has. A peer that does not read stops being read once `most_unsent` bytes wait for it
/// (Beast answers pings by itself: without this a flood of pings would grow the buffer).
/// Beast closes as soon as it meets a reason to; the session has replies to send first. So the Close frames that Beast
/// writes are dropped, its teardown does nothing, and the session says goodbye itself. Everything on the socket's
/// executor. Its operations keep the owner alive (keep_alive).
class corked_stream {
public:
  using next_layer_type = tcp_socket;
  using lowest_layer_type = tcp_socket;
  using executor_type = executor;

  /// \param head  bytes that were read already and come first.
  corked_stream(tcp_socket socket, std::string head);

  executor_type get_executor() { return socket_.get_executor(); }
  tcp_socket& next_layer() { return socket_; }
  const tcp_socket& next_layer() const { return socket_; }

  /// Who owns this stream: alive for as long as a write is on its way.
  void keep_alive(std::weak_ptr<void> owner) { owner_ = std::move(owner); }
  void set_before_wait(std::function<void()> hook) { before_wait_ = std::move(hook); }
  void set_on_flush(std::function<void(bool sending)> hook) { on_flush_ = std::move(hook); }

  /// Adds bytes to what the next flush sends.
  void write(std::string_view bytes) { gathering_ += bytes; }

  /// Where the next flush takes its bytes from, to append to.
  std::string& gathering() { return gathering_; }

  /// The named faults of the net do not come here: whoever switches them off must get through.
  void spare_from_faults() { spared_ = true; }

  /// What is written from now on is dropped: the last word was said.
  void mute() { muted_ = true; }

  /// Sends what was written so far, if it is not on its way already.
  void flush();
  [[nodiscard]] std::size_t unsent() const { return gathering_.size() + sending_.size(); }
  [[nodiscard]] bool failed() const { return static_cast<bool>(failure_); }
  [[nodiscard]] std::size_t memory() const { return input_.capacity() + gathering_.capacity() + sending_.capacity(); }

  /// The socket, for another protocol, and the bytes that were read from it already. Nothing may be under way.
  std::pair<tcp_socket, std::string> release() { return {std::move(socket_), input_.substr(taken_, filled_ - taken_)}; }

  template <class Buffers>
  std::size_t write_some(const Buffers& from, error_code& ec) {
    ec = failure_;
    return ec ? 0 : gather(from);
  }
  template <class Buffers>
  std::size_t write_some(const Buffers& from) {
    error_code ec;
    auto n = write_some(from, ec);
    if (ec) throw boost::system::system_error{ec};
    return n;
  }

  template <class Buffers, class Token>
  auto async_write_some(const Buffers& from, Token&& token) {
    return asio::async_initiate<Token, void(error_code, std::size_t)>(
        [this](auto handler, const Buffers& bytes) {
          error_code ec;
          auto n = is_close_frame(bytes) ? asio::buffer_size(bytes) : write_some(bytes, ec);
          flush();
          complete(std::move(handler), ec, n);
        },
        token, from);
  }

  /// Never waits: would_block when nothing is there. (Beast's accept of a request read before asks for the signature
  /// only.)
  template <class Buffers>
  std::size_t read_some(const Buffers& into, error_code& ec) {
    auto n = take(into);
    ec = n == 0 ? asio::error::make_error_code(asio::error::would_block) : error_code{};
    return n;
  }
  template <class Buffers>
  std::size_t read_some(const Buffers& into) {
    error_code ec;
    auto n = read_some(into, ec);
    if (ec) throw boost::system::system_error{ec};
    return n;
  }

  template <class Buffers, class Token>
  auto async_read_some(const Buffers& into, Token&& token) {
    return asio::async_compose<Token, void(error_code, std::size_t)>(read_op<Buffers>{*this, into}, token, socket_);
  }

private:
  static constexpr std::size_t most_unsent = 1 << 20;
  static constexpr std::size_t least_read = 4 << 10; // an idle connection holds no more
  static constexpr std::size_t most_read = 64 << 10;

  template <class Buffers>
  struct read_op {
    corked_stream& stream;
    Buffers into;
    enum class step { start, held_back, reading, posted } at = step::start;

    template <class Self>
    void operator()(Self& self, error_code ec = {}, std::size_t n = 0) {
      switch (at) {
      case step::start:
        if (asio::buffer_size(into) == 0 || stream.has_input() || stream.read_now()) {
          at = step::posted;
          return asio::post(stream.get_executor(), std::move(self));
        }
        if (stream.before_wait_) stream.before_wait_();
        [[fallthrough]];
      case step::held_back:
        if (stream.unsent() > most_unsent && !stream.failure_) {
          at = step::held_back;
          return stream.drained_.async_wait(std::move(self));
        }
        at = step::reading;
        return stream.socket_.async_read_some(stream.prepare(), std::move(self));
      case step::reading:
        if (ec) return self.complete(ec, 0);
        if (stream.reset_by_fault()) return self.complete(asio::error::connection_reset, 0);
        stream.commit(n);
        [[fallthrough]];
      case step::posted:
        return self.complete({}, stream.take(into));
      }
    }
  };

  template <class Buffers>
  static bool is_close_frame(const Buffers& bytes) {
    return asio::buffer_size(bytes) > 0 && static_cast<unsigned char>(*asio::buffers_begin(bytes)) == 0x88;
  }

  template <class Handler>
  void complete(Handler handler, error_code ec, std::size_t n) {
    asio::post(get_executor(), [handler = std::move(handler), ec, n]() mutable { handler(ec, n); });
  }

  template <class Buffers>
  std::size_t gather(const Buffers& from) {
    auto old = gathering_.size();
    auto n = asio::buffer_size(from);
    if (muted_) return n;
    gathering_.resize(old + n);
    return asio::buffer_copy(asio::buffer(gathering_.data() + old, n), from);
  }

  template <class Buffers>
  std::size_t take(const Buffers& into) {
    auto n = asio::buffer_copy(into, asio::buffer(input_.data() + taken_, filled_ - taken_));
    taken_ += n;
    return n;
  }

  [[nodiscard]] bool has_input() const { return taken_ < filled_; }
  bool read_now();                // when the last read filled the buffer: there may be more
  asio::mutable_buffer prepare(); // room to read into; more while reads fill it
  void commit(std::size_t n);
  bool reset_by_fault(); // net.reset struck: the socket is gone
  void send();
  void send_rest(std::size_t sent);
  void send_late(std::chrono::milliseconds delay);
  void finish_sending();

  tcp_socket socket_;
  timer drained_;     // never runs out: cancelled when the unsent bytes are gone
  std::string input_; // [taken_, filled_) is waiting
  std::size_t taken_ = 0;
  std::size_t filled_ = 0;
  bool last_read_filled_ = false;
  bool muted_ = false;
  bool spared_ = false;
  std::size_t read_size_ = least_read;
  std::string gathering_;
  std::string sending_;
  error_code failure_;
  std::weak_ptr<void> owner_;
  std::function<void()> before_wait_;
  std::function<void(bool)> on_flush_;
};

// Beast's customisation point: the session ends the socket.
inline void teardown(boost::beast::role_type, corked_stream&, error_code& ec) {
  ec = {};
}

template <class Handler>
void async_teardown(boost::beast::role_type, corked_stream& stream, Handler&& handler) {
  asio::post(stream.get_executor(), [done = std::forward<Handler>(handler)]() mutable { done(error_code{}); });
}

} // namespace goloca::net
