#include "net/client/load/dial.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace goloca::net::load {

namespace {

using std::chrono::steady_clock;

constexpr std::size_t longest_head = 64 * 1024;

/// False when the deadline passes first.
bool wait_for(int socket, short events, steady_clock::time_point until) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(until - steady_clock::now()).count();
    pollfd watched{socket, events, 0};
    auto ready = poll(&watched, 1, static_cast<int>(std::max<decltype(left)>(left, 0)));
    if (ready >= 0 || errno != EINTR) return ready > 0;
  }
}

/// 0, or the errno of the attempt.
int connect_to(int socket, const addrinfo& address, steady_clock::time_point until) {
  if (connect(socket, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (!wait_for(socket, POLLOUT, until)) return ETIMEDOUT;
  int fault = 0;
  socklen_t size = sizeof fault;
  return getsockopt(socket, SOL_SOCKET, SO_ERROR, &fault, &size) == 0 ? fault : errno;
}

std::string first_line(const std::string& head) {
  return head.substr(0, std::min<std::size_t>(head.find("\r\n"), 100));
}

} // namespace

dialer::dialer(client::url to, std::chrono::milliseconds patience) : to_{std::move(to)}, patience_{patience} {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  auto fault = getaddrinfo(to_.host.c_str(), to_.port.c_str(), &hints, &found);
  addresses_.reset(found);
  if (fault != 0) unknown_ = gai_strerror(fault);
}

std::variant<line, std::string> dialer::dial(const wire& speaks) const {
  auto until = steady_clock::now() + patience_;
  std::string fault = unknown_;
  line made{connect(until, fault), {}};
  if (made.socket && greet(made, speaks, until, fault)) return made;
  return to_.host + ':' + to_.port + ": " + fault;
}

descriptor dialer::connect(deadline until, std::string& fault) const {
  for (const auto* one = addresses_.get(); one != nullptr; one = one->ai_next) {
    descriptor made{socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    auto failed = made ? connect_to(made.get(), *one, until) : errno;
    int on = 1; // what is written is complete: nothing comes that is worth waiting for
    if (failed == 0 && setsockopt(made.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0) return made;
    fault = std::strerror(failed != 0 ? failed : errno);
  }
  return {};
}

bool dialer::greet(line& on, const wire& speaks, deadline until, std::string& fault) const {
  auto greeting = speaks.greeting();
  if (greeting.empty()) return true;
  // A new connection's send buffer takes it whole.
  if (send(on.socket.get(), greeting.data(), greeting.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(greeting.size()))
    return fault = std::strerror(errno), false;
  std::size_t end = std::string::npos;
  while (end == std::string::npos && on.heard.size() < longest_head) {
    std::array<char, 4096> bytes;
    if (!wait_for(on.socket.get(), POLLIN, until)) return fault = "no answer to the handshake in time", false;
    auto got = recv(on.socket.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) return fault = "closed the connection during the handshake", false;
    on.heard.append(bytes.data(), static_cast<std::size_t>(got));
    end = on.heard.find("\r\n\r\n");
  }
  if (end == std::string::npos || !speaks.welcomes(on.heard.substr(0, end + 2)))
    return fault = "does not take the WebSocket: " + first_line(on.heard), false;
  on.heard.erase(0, end + 4);
  return true;
}

} // namespace goloca::net::load
