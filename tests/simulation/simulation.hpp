#pragma once
// One life of a node or a cluster: a script is played, chance decides in which order, and the promises are looked at
// after each step. Then the faults stop, and every client must get its final answers.

#include "tests/simulation/script.hpp"

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

namespace goloca::simulation {

struct ending {
  std::optional<std::string> broken; // the promise that broke and how: "1 durable: …"
  std::uint64_t steps = 0;
  nanoseconds lasted{0}; // of virtual time
};

/// The same script and chance give the same ending and the same trace, to the byte, in any process.
/// \param chance  decides what happens next, how long the database takes, and when clients act.
/// \param trace   gets a line for each step; may be null.
[[nodiscard]] ending play(const script& what, std::uint64_t chance, std::ostream* trace = nullptr);

} // namespace goloca::simulation
