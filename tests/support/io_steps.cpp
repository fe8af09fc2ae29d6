#include "tests/support/io_steps.hpp"

#include <atomic>
#include <cerrno>

#include <dlfcn.h>
#include <sys/socket.h>

namespace goloca::test {

namespace {

std::atomic<io_steps*> in_force{nullptr};

template <class Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(dlsym(RTLD_NEXT, name));
}

/// The same message with room for, or of, a single byte.
struct one_byte {
  template <class Message>
  explicit one_byte(const Message& of) : part{*of.msg_iov}, message{} {
    for (std::size_t i = 0; i + 1 < of.msg_iovlen && part.iov_len == 0; ++i) part = of.msg_iov[i + 1];
    part.iov_len = part.iov_len > 0 ? 1 : 0;
    message.msg_iov = &part;
    message.msg_iovlen = 1;
  }
  iovec part;
  msghdr message;
};

} // namespace

io_steps::io_steps(int descriptor, io_fault what, std::size_t from)
    : descriptor_{descriptor}, what_{what}, from_{from} {
  in_force = this;
}

io_steps::~io_steps() {
  in_force = nullptr;
}

io_fault io_steps::next(int descriptor) {
  auto* steps = in_force.load(std::memory_order_relaxed);
  if (steps == nullptr || steps->descriptor_ != descriptor) return io_fault::none;
  return steps->taken_++ >= steps->from_ ? steps->what_ : io_fault::none;
}

} // namespace goloca::test

using goloca::test::io_fault;
using goloca::test::io_steps;
using goloca::test::one_byte;
using goloca::test::real;

// Asio's calls: those with an s take a message of several buffers.

extern "C" ssize_t recv(int descriptor, void* buffer, std::size_t size, int flags) {
  static auto* call = real<ssize_t(int, void*, std::size_t, int)>("recv");
  auto fault = io_steps::next(descriptor);
  if (fault == io_fault::reset) return errno = ECONNRESET, -1;
  return call(descriptor, buffer, fault == io_fault::one_byte && size > 0 ? 1 : size, flags);
}

extern "C" ssize_t recvmsg(int descriptor, msghdr* message, int flags) {
  static auto* call = real<ssize_t(int, msghdr*, int)>("recvmsg");
  auto fault = io_steps::next(descriptor);
  if (fault == io_fault::reset) return errno = ECONNRESET, -1;
  if (fault == io_fault::none) return call(descriptor, message, flags);
  one_byte part{*message};
  return call(descriptor, &part.message, flags);
}

extern "C" ssize_t send(int descriptor, const void* buffer, std::size_t size, int flags) {
  static auto* call = real<ssize_t(int, const void*, std::size_t, int)>("send");
  auto fault = io_steps::next(descriptor);
  if (fault == io_fault::reset) return errno = EPIPE, -1;
  return call(descriptor, buffer, fault == io_fault::one_byte && size > 0 ? 1 : size, flags);
}

extern "C" ssize_t sendmsg(int descriptor, const msghdr* message, int flags) {
  static auto* call = real<ssize_t(int, const msghdr*, int)>("sendmsg");
  auto fault = io_steps::next(descriptor);
  if (fault == io_fault::reset) return errno = EPIPE, -1;
  if (fault == io_fault::none) return call(descriptor, message, flags);
  one_byte part{*message};
  return call(descriptor, &part.message, flags);
}
