#pragma once
// The stream over a session's socket: reads a burst at once, gathers writes and sends them with one system call.

#include "net/executor.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace goloca::net {

/// A write only adds to a buffer and is done; flush() sends what has gathered. A read is served from what the socket
/// gave last; before it has to wait for the socket, `before_wait` runs, so that the reader can hand on what it has. A
/// peer that does not read stops being read once `most_unsent` bytes wait for it (pings are answered at once: without
/// this a flood of them would grow the buffer). Everything on the socket's executor. Its operations keep the owner
/// alive (keep_alive).
class corked_stream {
public:
  static constexpr std::size_t least_read = 4 << 10; // bytes: an idle connection holds no more

  /// \param head  bytes that were read already and come first.
  corked_stream(tcp_socket socket, std::string head);

  executor get_executor() { return socket_.get_executor(); }
  tcp_socket& socket() { return socket_; }

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

  /// Sends what was written so far, if it is not on its way already.
  void flush();
  [[nodiscard]] std::size_t unsent() const { return gathering_.size() + sending_.size(); }
  [[nodiscard]] bool failed() const { return static_cast<bool>(failure_); }
  [[nodiscard]] std::size_t memory() const { return input_.capacity() + gathering_.capacity() + sending_.capacity(); }

  /// Ends the connection at once, with RST: what the kernel still holds for the peer goes with it. After a mere close
  /// it would hold up to megabytes, and for minutes, for a peer that does not read, and the peer might not be told.
  void reset();

  /// The socket, for another protocol, and the bytes that were read from it already. Nothing may be under way.
  std::pair<tcp_socket, std::string> release() { return {std::move(socket_), input_.substr(taken_, filled_ - taken_)}; }

  /// What was read and not taken yet; good until the next read. May be changed in place.
  [[nodiscard]] std::span<char> waiting() { return {input_.data() + taken_, filled_ - taken_}; }
  void take(std::size_t n) { taken_ += n; }

  /// Waits for at least one byte, and takes what there is.
  /// \param into  not empty.
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& into, Token&& token) {
    return async_take([into](corked_stream& from) { return from.take_into(into, from.waiting().size()); },
                      std::forward<Token>(token));
  }

  /// Waits until more waits than does now, which is less than `least_read`.
  template <class Token>
  auto async_fill(Token&& token) {
    auto enough = [now = waiting().size()](corked_stream& from) {
      return from.waiting().size() > now ? std::optional<std::size_t>{0} : std::nullopt;
    };
    return async_take(enough, std::forward<Token>(token));
  }

protected:
  /// Waits until `take` gives something, which completes the operation: void(error_code, std::size_t).
  /// \param take  std::optional<std::size_t>(corked_stream&): is asked at once, and each time that more waits. Where it
  ///              gives nothing it leaves less than `least_read`.
  template <class Take, class Token>
  auto async_take(Take take, Token&& token) {
    return asio::async_compose<Token, void(error_code, std::size_t)>(read_op<Take>{*this, std::move(take)}, token,
                                                                     socket_);
  }

  /// At most `most` of the bytes that wait; nothing when there are none.
  template <class Buffers>
  std::optional<std::size_t> take_into(const Buffers& into, std::size_t most) {
    auto n = asio::buffer_copy(into, asio::buffer(input_.data() + taken_, filled_ - taken_), most);
    take(n);
    return n > 0 ? std::optional{n} : std::nullopt;
  }

  [[nodiscard]] error_code failure() const { return failure_; }

private:
  static constexpr std::size_t most_unsent = 1 << 20;
  static constexpr std::size_t most_read = 64 << 10;

  template <class Take>
  struct read_op {
    corked_stream& stream;
    Take take;
    enum class step { start, held_back, reading, posted } at = step::start;
    std::optional<std::size_t> taken = {};

    template <class Self>
    void operator()(Self& self, error_code ec = {}, std::size_t n = 0) {
      switch (at) {
      case step::start:
        if (took() || (stream.read_now() && took())) {
          at = step::posted;
          return asio::post(stream.get_executor(), std::move(self));
        }
        return wait(self);
      case step::held_back:
        return wait(self);
      case step::reading:
        if (ec) return self.complete(ec, 0);
        if (stream.reset_by_fault()) return self.complete(asio::error::connection_reset, 0);
        stream.commit(n);
        if (!took()) return wait(self);
        [[fallthrough]];
      case step::posted:
        return self.complete({}, *taken);
      }
    }

    bool took() { return (taken = take(stream)).has_value(); }

    template <class Self>
    void wait(Self& self) {
      if (at != step::held_back && stream.before_wait_) stream.before_wait_();
      auto held_back = stream.unsent() > most_unsent && !stream.failure_;
      at = held_back ? step::held_back : step::reading;
      if (held_back) return stream.drained_.async_wait(std::move(self));
      stream.socket_.async_read_some(stream.prepare(), std::move(self));
    }
  };

  bool read_now();                // when the last read filled the buffer: there may be more
  asio::mutable_buffer prepare(); // room to read into behind what waits; more while reads fill it
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
  bool spared_ = false;
  std::size_t read_size_ = least_read;
  std::string gathering_;
  std::string sending_;
  error_code failure_;
  std::weak_ptr<void> owner_;
  std::function<void()> before_wait_;
  std::function<void(bool)> on_flush_;
};

} // namespace goloca::net
