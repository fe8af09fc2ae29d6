#pragma once
// How the drill waits: never for long without looking whether a person has had enough.

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace goloca::net::drill {

using clock = std::chrono::steady_clock;
using time_point = clock::time_point;
using std::chrono::milliseconds;

/// A sanitizer's build: its times are not the service's, nor is its memory.
#if defined(GOLOCA_ASAN) || defined(GOLOCA_TSAN)
inline constexpr bool sanitized = true;
#else
inline constexpr bool sanitized = false;
#endif

/// SIGINT or SIGTERM came: everything is taken down.
struct interrupted : std::runtime_error {
  interrupted() : runtime_error{"interrupted"} {}
};

/// The drill could not do its own part: the run says nothing of the service.
struct drill_failure : std::runtime_error {
  using runtime_error::runtime_error;
};

/// This machine cannot do it (no root, no PostgreSQL): the run is left out.
struct not_possible : std::runtime_error {
  using runtime_error::runtime_error;
};

/// The service did what it must not, as the fault itself saw.
struct promise_broken : std::runtime_error {
  using runtime_error::runtime_error;
};

inline std::atomic<bool>& asked_to_end() {
  static std::atomic<bool> asked{false};
  return asked;
}

/// False when it does not come to hold in time. Throws `interrupted`.
template <class Condition>
bool wait_until(milliseconds patience, Condition holds) {
  auto deadline = clock::now() + patience;
  while (!holds()) {
    if (asked_to_end()) throw interrupted{};
    if (clock::now() >= deadline) return false;
    std::this_thread::sleep_for(milliseconds{2});
  }
  return true;
}

} // namespace goloca::net::drill
