#include "tests/support/free_port.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <random>
#include <stdexcept>

namespace goloca::test {

namespace {

constexpr std::uint16_t least = 20'000;
constexpr std::uint16_t most = 32'000; // Linux gives away those from 32768 on
constexpr int attempts = 1'000;

bool is_free(std::uint16_t port) {
  auto probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  auto bound = ::bind(probe, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return bound;
}

} // namespace

std::uint16_t free_port() {
  static std::minstd_rand random{std::random_device{}()}; // tests that run side by side are processes
  std::uniform_int_distribution<int> any{least, most};
  for (int i = 0; i < attempts; ++i) {
    auto port = static_cast<std::uint16_t>(any(random));
    if (is_free(port)) return port;
  }
  throw std::runtime_error{"no free port"};
}

} // namespace goloca::test
