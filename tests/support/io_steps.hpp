#pragma once
// Faults between a session and its socket: every call by which Asio reads or writes one descriptor is a step, and from
// the step that a test names on, they go wrong. The sessions know nothing of it: it takes the place of recv, send
// and their like in the test's program.

#include <atomic>
#include <cstddef>

namespace goloca::test {

enum class io_fault {
  none,     // steps are only counted
  reset,    // ECONNRESET from a read, EPIPE from a write, for good
  one_byte, // a byte a call
};

/// In force as long as it lives; one at a time.
class io_steps {
public:
  /// \param from  the first step at fault; the first of all is 0.
  io_steps(int descriptor, io_fault what, std::size_t from);
  ~io_steps();
  io_steps(const io_steps&) = delete;
  io_steps& operator=(const io_steps&) = delete;

  [[nodiscard]] std::size_t taken() const { return taken_; }

  /// For the calls that are taken over: what the next on that descriptor shall do.
  static io_fault next(int descriptor);

private:
  int descriptor_;
  io_fault what_;
  std::size_t from_;
  std::atomic<std::size_t> taken_{0};
};

} // namespace goloca::test
