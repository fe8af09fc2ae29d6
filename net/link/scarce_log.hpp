#pragma once
// Warnings that a stranger can cause at will.

#include <chrono>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>

namespace goloca::net::link {

/// Passes on one line a second, and says with it how many were left out since the last. Thread-safe.
class scarce_log {
public:
  explicit scarce_log(std::function<void(const std::string&)> to) : to_{std::move(to)} {}

  void warn(std::string what) {
    {
      std::lock_guard lock{mutex_};
      auto now = std::chrono::steady_clock::now();
      if (now < next_) {
        ++left_out_;
        return;
      }
      next_ = now + std::chrono::seconds{1};
      if (left_out_ > 0) what += " (and " + std::to_string(left_out_) + " such lines before it)";
      left_out_ = 0;
    }
    to_(what);
  }

private:
  std::function<void(const std::string&)> to_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point next_{};
  std::size_t left_out_ = 0;
};

} // namespace goloca::net::link
