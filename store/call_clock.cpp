#include "store/call_clock.hpp"

#include <sys/socket.h>

namespace goloca::store {

call_clock::call_clock() : thread_{[this] { watch(); }} {}

call_clock::~call_clock() {
  {
    std::scoped_lock lock{mutex_};
    ending_ = true;
  }
  woken_.notify_one();
  thread_.join();
}

void call_clock::arm(int socket, time_point deadline) {
  bool sleeps_too_long = false;
  {
    std::scoped_lock lock{mutex_};
    socket_ = socket;
    deadline_ = deadline;
    struck_ = false;
    sleeps_too_long = deadline < wakes_;
  }
  if (sleeps_too_long) woken_.notify_one();
}

void call_clock::disarm() {
  std::scoped_lock lock{mutex_};
  socket_ = -1;
}

bool call_clock::struck() {
  std::scoped_lock lock{mutex_};
  return struck_;
}

void call_clock::watch() {
  std::unique_lock lock{mutex_};
  while (!ending_) {
    if (socket_ >= 0 && std::chrono::steady_clock::now() >= deadline_) {
      ::shutdown(socket_, SHUT_RDWR);
      struck_ = true;
      socket_ = -1;
    }
    wakes_ = socket_ >= 0 ? deadline_ : time_point::max();
    if (wakes_ == time_point::max()) {
      woken_.wait(lock);
    } else {
      woken_.wait_until(lock, wakes_);
    }
  }
}

} // namespace goloca::store
