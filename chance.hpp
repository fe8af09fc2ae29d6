#pragma once
// Numbers that nobody can foretell.

#include <cstdint>
#include <functional>
#include <random>

namespace goloca {

inline std::uint64_t random_bits() {
  std::random_device source;
  return std::uint64_t{source()} << 32 | source();
}

/// Numbers from 0 to 1, for waits that differ. Each copy has its own; not thread-safe.
inline std::function<double()> random_shares() {
  return [chance = std::mt19937_64{random_bits()}]() mutable {
    return std::uniform_real_distribution{0.0, 1.0}(chance);
  };
}

} // namespace goloca
