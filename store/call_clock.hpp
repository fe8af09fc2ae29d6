#pragma once
// The clock of a blocking call: when its time is up, its socket is shut down and the call returns with an error. It
// never cancels: a cancelled commit that waits for a standby reports success.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace goloca::store {

/// Watches one socket from a thread of its own. arm and disarm cost an uncontended lock; the thread is woken only when
/// it sleeps past the new deadline, which with a steady patience is the first call and calls after an idle spell.
class call_clock {
public:
  using time_point = std::chrono::steady_clock::time_point;

  call_clock();
  ~call_clock();
  call_clock(const call_clock&) = delete;
  call_clock& operator=(const call_clock&) = delete;

  /// From now on the socket is shut down at `deadline`. The socket must stay open until disarm: a closed number may be
  /// another file's by then.
  void arm(int socket, time_point deadline);

  /// The call returned.
  void disarm();

  /// Since the last arm, the time was up and the socket was shut down.
  [[nodiscard]] bool struck();

private:
  void watch();

  std::mutex mutex_; // guards all below, and holds disarm back while the socket is being shut down
  std::condition_variable woken_;
  int socket_ = -1;                      // -1: not armed
  time_point deadline_;                  // of the armed call
  time_point wakes_ = time_point::max(); // when the thread will look again by itself
  bool struck_ = false;
  bool ending_ = false;
  std::thread thread_; // last: it uses the others
};

} // namespace goloca::store
