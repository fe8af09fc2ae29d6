#pragma once
// What an I/O thread can wait for when it does not wait for its clients: the store's answers.

#include <atomic>
#include <chrono>
#include <vector>

namespace goloca::net {

/// An answer comes over a socket that is watched here, or another thread posts it to the loop and rings. The thread
/// calls clear(), then runs its loop, then perhaps wait(): what is rung in between ends the wait at once.
class answer_bell {
public:
  answer_bell(); // \throw std::system_error  no descriptor is left
  ~answer_bell();
  answer_bell(const answer_bell&) = delete;
  answer_bell& operator=(const answer_bell&) = delete;

  /// After what was posted. Any thread.
  void ring();

  // -- the I/O thread's

  void clear();

  /// Until a watched socket is readable, somebody rings, or that long.
  void wait(std::chrono::nanoseconds at_most);

  void watch(int socket) { sockets_.push_back(socket); }
  void forget(int socket) { std::erase(sockets_, socket); }

private:
  int event_;
  std::atomic<bool> rung_ = false;
  std::vector<int> sockets_; // few: one for each batch at the store
};

} // namespace goloca::net
