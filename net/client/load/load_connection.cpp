#include "net/client/load/load_connection.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

namespace goloca::net::load {

namespace {

/// Of bytes that wait for the socket. More would only be memory: the service reads as fast as it can.
constexpr std::size_t most_unwritten = 256 * 1024;

} // namespace

void load_connection::speak(time_point now) {
  if (!is_open()) return;
  talk_.speak(now, out_, most_unwritten);
  flush();
}

void load_connection::flush() {
  while (wants_to_write()) {
    auto taken = ::send(socket_.get(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
    if (taken < 0 && errno == EINTR) continue;
    if (taken < 0 && errno != EAGAIN) return end(std::strerror(errno));
    if (taken < 0) break;
    written_ += static_cast<std::size_t>(taken);
  }
  out_.erase(0, written_); // most often all of it
  written_ = 0;
}

void load_connection::read(std::vector<char>& buffer) {
  for (bool more = is_open(); more;) {
    if (rest_.size() * 2 > buffer.size()) buffer.resize(buffer.size() * 2);
    auto room = buffer.size() - rest_.size();
    auto got = recv(socket_.get(), buffer.data() + rest_.size(), room, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got <= 0) return end(got == 0 ? "the service closed it" : std::strerror(errno));
    std::memcpy(buffer.data(), rest_.data(), rest_.size());
    more = static_cast<std::size_t>(got) == room;
    auto now = std::chrono::steady_clock::now();
    if (!take({buffer.data(), rest_.size() + static_cast<std::size_t>(got)}, now)) return;
    speak(now);
  }
}

bool load_connection::take(std::string_view bytes, time_point now) {
  auto heard = talk_.listen(bytes, now, out_);
  if (!heard.broken.empty()) return end(heard.broken), false;
  rest_.assign(bytes.substr(heard.used));
  return true;
}

void load_connection::end(const std::string& why) {
  if (!is_open()) return;
  ended_by_ = why;
  socket_.close();
  talk_.give_up();
}

/// As far as the socket takes it: nothing depends on it.
void load_connection::say_goodbye(const wire& speaks) {
  if (!is_open() || wants_to_write()) return;
  out_ = speaks.farewell();
  flush();
}

} // namespace goloca::net::load
