#include "net/answer_bell.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <ctime>
#include <system_error>

namespace goloca::net {

answer_bell::answer_bell() : event_{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)} {
  if (event_ < 0) throw std::system_error{errno, std::generic_category(), "eventfd"};
}

answer_bell::~answer_bell() {
  ::close(event_);
}

void answer_bell::ring() {
  if (rung_.exchange(true)) return;
  std::uint64_t once = 1;
  [[maybe_unused]] auto written = ::write(event_, &once, sizeof once); // fails only where it is rung already
}

/// In this order: whoever finds it rung between the two has posted before the loop runs.
void answer_bell::clear() {
  if (!rung_) return;
  std::uint64_t times = 0;
  [[maybe_unused]] auto read = ::read(event_, &times, sizeof times);
  rung_ = false;
}

void answer_bell::wait(std::chrono::nanoseconds at_most) {
  constexpr std::size_t most_sockets = 15; // an answer on another one waits as long as clients do
  std::array<pollfd, most_sockets + 1> all{{{event_, POLLIN, 0}}};
  auto watched = std::min(sockets_.size(), most_sockets);
  for (std::size_t i = 0; i < watched; ++i) all[i + 1] = {sockets_[i], POLLIN, 0};
  auto seconds = std::chrono::floor<std::chrono::seconds>(at_most);
  timespec patience{static_cast<std::time_t>(seconds.count()), static_cast<long>((at_most - seconds).count())};
  ::ppoll(all.data(), watched + 1, &patience, nullptr);
}

} // namespace goloca::net
