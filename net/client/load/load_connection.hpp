#pragma once
// A conversation on a socket.

#include "net/client/load/conversation.hpp"
#include "net/client/load/dial.hpp"

#include <string>
#include <vector>

namespace goloca::net::load {

/// Reads go through one buffer that all connections share: what is left of a frame is kept here, and rarely anything
/// is.
class load_connection {
public:
  load_connection(line on, conversation talk)
      : socket_{std::move(on.socket)}, rest_{std::move(on.heard)}, talk_{std::move(talk)} {}

  /// Says what may be said at `now` and writes as much as the socket takes, in one call.
  void speak(time_point now);

  /// Reads what is there, settles it, and says what the freed window allows.
  /// \param buffer  grows when a reply is longer than half of it.
  void read(std::vector<char>& buffer);

  /// Ends it: what is in flight has no answer. Nothing when it is ended already.
  void end(const std::string& why);
  void say_goodbye(const wire& speaks);

  [[nodiscard]] int socket() const { return socket_.get(); }
  [[nodiscard]] bool is_open() const { return static_cast<bool>(socket_); }
  [[nodiscard]] bool wants_to_write() const { return is_open() && written_ < out_.size(); }
  [[nodiscard]] const std::string& ended_by() const { return ended_by_; }
  [[nodiscard]] conversation& talk() { return talk_; }
  [[nodiscard]] const conversation& talk() const { return talk_; }

  bool watched_for_write = false; // the loop's note of what it asked epoll for

private:
  bool take(std::string_view bytes, time_point now);
  void flush();

  descriptor socket_;
  std::string rest_; // of what was read: the beginning of a reply
  std::string out_;
  std::size_t written_ = 0; // of out_
  conversation talk_;
  std::string ended_by_;
};

} // namespace goloca::net::load
