#include "tests/support/free_port.hpp"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <random>
#include <stdexcept>
#include <string>

namespace goloca::test {

namespace {

constexpr int least = 20'000; // Linux gives away those from 32768 on
constexpr int blocks = 120;
constexpr int block_size = 100;

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

/// Takes a block for this process until it ends: by a name among abstract sockets, which are the machine's (or its
/// network namespace's) as ports are, and which the kernel takes back whatever ends us.
bool take(int block) {
  auto name = "goloca-test-ports-" + std::to_string(block);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(&address.sun_path[1], name.data(), name.size()); // the first byte 0: abstract
  auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  auto kept = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::bind(kept, reinterpret_cast<sockaddr*>(&address), length) == 0) return true;
  ::close(kept);
  return false;
}

int take_any_block() {
  static std::minstd_rand random{std::random_device{}()};
  auto first = std::uniform_int_distribution<int>{0, blocks - 1}(random);
  for (int i = 0; i < blocks; ++i) {
    if (auto block = (first + i) % blocks; take(block)) return least + block * block_size;
  }
  throw std::runtime_error{"no free port"};
}

} // namespace

std::uint16_t free_port() {
  static int begin = take_any_block();
  static int next = 0;
  for (;; begin = take_any_block(), next = 0) { // a block may be used up: a port rests for a minute after its use
    for (int tried = 0; tried < block_size; ++tried) {
      auto port = static_cast<std::uint16_t>(begin + next++ % block_size);
      if (is_free(port)) return port;
    }
  }
}

} // namespace goloca::test
