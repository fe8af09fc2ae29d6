#pragma once
// Makes a failing simulation small: what is left is what it takes to fail.

#include "tests/simulation/simulation.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace goloca::simulation {

/// Delta debugging (A. Zeller, R. Hildebrandt, "Simplifying and Isolating Failure-Inducing Input", IEEE TSE 2002):
/// leaves out parts, then smaller ones, for as long as `fails` holds for the rest.
/// \param count  of pieces, 0 … count − 1; it fails with all of them.
/// \return ascending; it fails with these, and with none of them left out.
[[nodiscard]] std::vector<std::size_t> fewest(std::size_t count,
                                              const std::function<bool(const std::vector<std::size_t>&)>& fails);

struct small_failure {
  std::vector<std::size_t> pieces; // of the script
  std::uint64_t chance;
  ending how;
};

/// \param failing  breaks a promise when it is played with `chance`. The small one breaks the same promise, perhaps
/// with
///                 another chance: what is left out changes the course of everything after it.
[[nodiscard]] small_failure shrink(const script& failing, std::uint64_t chance);

} // namespace goloca::simulation
