#include "tests/support/choked_line.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <system_error>

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace goloca::test {

namespace {

constexpr auto step = std::chrono::milliseconds{10};

sockaddr_in here(std::uint16_t port) {
  sockaddr_in made{};
  made.sin_family = AF_INET;
  made.sin_port = htons(port);
  made.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return made;
}

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

/// One direction: what was read and not written yet.
struct lane {
  int from;
  int to;
  std::string held = {};
  bool ended = false;

  /// \return false when an end is gone.
  bool carry(std::size_t rate) {
    std::array<char, 64 << 10> bytes{};
    if (held.size() < rate && !ended) {
      auto n = recv(from, bytes.data(), std::min(bytes.size(), rate - held.size()), MSG_DONTWAIT);
      if (n == 0) ended = true;
      if (n < 0 && errno != EAGAIN) return false;
      if (n > 0) held.append(bytes.data(), static_cast<std::size_t>(n));
    }
    auto n = held.empty() ? 0 : send(to, held.data(), std::min(rate, held.size()), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return false;
    if (n > 0) held.erase(0, static_cast<std::size_t>(n));
    return !ended || !held.empty();
  }
};

} // namespace

choked_line::choked_line(std::uint16_t to, std::size_t rate) : to_{to}, rate_{rate} {
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto any = here(0);
  socklen_t length = sizeof any;
  if (listening_ < 0 || bind(listening_, reinterpret_cast<sockaddr*>(&any), length) != 0 ||
      listen(listening_, 1) != 0 || getsockname(listening_, reinterpret_cast<sockaddr*>(&any), &length) != 0)
    fail("a line");
  port_ = ntohs(any.sin_port);
  thread_ = std::thread{[this] { run(); }};
}

choked_line::~choked_line() {
  ending_ = true;
  thread_.join();
  close(listening_);
}

void choked_line::run() {
  pollfd ready{listening_, POLLIN, 0};
  while (!ending_ && poll(&ready, 1, step.count()) != 1) {
  }
  if (ending_) return;
  auto near = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  auto far = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto there = here(to_);
  bool open = connect(far, reinterpret_cast<sockaddr*>(&there), sizeof there) == 0;
  lane up{near, far};
  lane down{far, near};
  while (open && !ending_) {
    auto rate = rate_.load();
    if (rate > 0) open = up.carry(rate) && down.carry(rate);
    if (rate != free)
      std::this_thread::sleep_for(step);
    else {
      std::array<pollfd, 2> either{pollfd{near, POLLIN, 0}, pollfd{far, POLLIN, 0}};
      poll(either.data(), either.size(), 1);
    }
  }
  close(near);
  close(far);
}

} // namespace goloca::test
