#pragma once
// Waiting for what another program does, where no virtual time helps.

#include <chrono>
#include <thread>

namespace goloca::test {

/// Waits for what must come; false when it does not.
template <class Condition>
bool eventually(Condition holds, std::chrono::milliseconds patience = std::chrono::seconds{20}) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  return true;
}

} // namespace goloca::test
