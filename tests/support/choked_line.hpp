#pragma once
// A line between two ends on loopback that a test makes thin, or stops.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <thread>

namespace goloca::test {

/// Carries one TCP connection to 127.0.0.1:`to`, in both directions, `rate` bytes each way every 10 ms.
class choked_line {
public:
  static constexpr std::size_t free = 1 << 20;

  explicit choked_line(std::uint16_t to, std::size_t rate = free);
  ~choked_line();
  choked_line(const choked_line&) = delete;
  choked_line& operator=(const choked_line&) = delete;

  [[nodiscard]] std::uint16_t port() const { return port_; }

  /// 0: it neither reads nor writes any more; both ends see an open connection.
  void set_rate(std::size_t rate) { rate_ = rate; }

private:
  void run();

  int listening_ = -1;
  std::uint16_t port_ = 0;
  std::uint16_t to_;
  std::atomic<std::size_t> rate_;
  std::atomic<bool> ending_{false};
  std::thread thread_;
};

} // namespace goloca::test
