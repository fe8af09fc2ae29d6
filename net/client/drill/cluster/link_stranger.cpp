#include "net/client/drill/cluster/link_stranger.hpp"

#include "net/client/drill/waiting.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <random>
#include <string_view>

namespace goloca::net::drill {

namespace {

constexpr std::size_t files_besides = 500; // of the drill itself

void raise_file_limit(std::size_t wanted) {
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = std::min<rlim_t>(limit.rlim_max, std::max<rlim_t>(limit.rlim_cur, wanted));
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::string garbage() {
  static std::minstd_rand chance{1};
  std::string made(32, '\0');
  std::ranges::generate(made, [] { return static_cast<char>(chance() & 0xff); });
  return made;
}

/// The n-th stranger's words.
std::string words(std::size_t n) {
  using namespace std::string_view_literals;
  constexpr std::array claims{"\xff\xff\xff\xff\xff\xff\xff\xff"sv,     // a length of its own kind
                              "\x16\x03\x01\xff\xff\x01\xff\xff\xff"sv, // the longest TLS hello there is
                              "\x17\x03\x03\xff\xff"sv, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"sv};
  if (n % 3 == 0) return garbage();
  if (n % 3 == 1) return std::string{claims[n / 3 % claims.size()]};
  return {};
}

} // namespace

link_strangers::link_strangers(const std::string& at, std::uint16_t port, std::size_t count) {
  raise_file_limit(count + files_besides);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  ::inet_pton(AF_INET, at.c_str(), &address.sin_addr);
  for (std::size_t i = 0; i < count; ++i) {
    load::descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    if (!socket) break;
    timeval patience{.tv_sec = 0, .tv_usec = 200'000};
    ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience); // for connect, too
    if (::connect(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) continue;
    auto said = words(i);
    ::send(socket.get(), said.data(), said.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    sockets_.push_back(std::move(socket));
  }
  if (sockets_.empty()) throw drill_failure{"nobody is let in at " + at};
}

} // namespace goloca::net::drill
