#pragma once
// Named faults: places in the code where a person may have something go wrong, to see what becomes of it. All are off
// unless FAULTS names them or PUT /faults/{name} switches them on; then each costs a place one load and one branch.
// The one state of the process that everybody shares: faults come from outside of the actors' world, as real ones do.

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::faults {

enum class named : std::uint8_t {
  store_connect,
  store_before_commit,
  store_after_commit,
  store_slow,
  store_hang,
  store_wrong_password,
  store_serialization_failure,
  store_bad_row,
  writer_crash,
  pool_crash,
  connection_crash,
  supervisor_crash,
  net_reset,
  net_stall_write,
  net_short_read,
  memory_alloc,
  clock_jump,
  disk_full,
};
inline constexpr std::size_t count_of_named = 18;

[[nodiscard]] std::string_view name_of(named which);    // "store.before_commit"
[[nodiscard]] std::string_view meaning_of(named which); // one line for a person
[[nodiscard]] std::optional<named> find_named(std::string_view name);

/// How long it lasts (or how far the clock jumps), by default; zero where time plays no part.
[[nodiscard]] std::chrono::milliseconds usual_delay(named which);

/// When a fault strikes, and how.
struct plan {
  double probability = 1.0;                         // of striking each time its place is passed; above 0, at most 1
  std::optional<std::uint64_t> count = {};          // how often at most; not set: without limit
  std::optional<std::chrono::milliseconds> delay{}; // for those that last, or shift; not set: the fault's own
  std::uint64_t seed = 0;                           // of its dice: the same seed strikes at the same passings
};

/// A fault and its plan, as somebody asked for it.
struct planned {
  named which;
  plan how;
};

/// A fault as it stands.
struct state {
  named which;
  std::optional<plan> on = {}; // not set: off
  std::uint64_t struck = 0;    // since it was switched on last
  [[nodiscard]] bool active() const { return on && (!on->count || struck < *on->count); }
};

/// What a place throws that is told to crash.
struct injected_crash : std::runtime_error {
  explicit injected_crash(named which);
};

// All of these may be called from any thread.

/// From now on. What was struck is counted anew.
void switch_on(named which, const plan& how);
void switch_off(named which);
void switch_all_off();

[[nodiscard]] std::vector<state> list(); // all, in the order of `named`
[[nodiscard]] std::vector<named> all_active();

/// Is told each switching, a fault's first strike and its last, in one line for the log.
void set_listener(std::function<void(const std::string&)> listener);

namespace detail {
inline std::atomic<std::uint32_t> switched_on{0}; // a bit for each of `named`
std::optional<plan> throw_dice(named which);
} // namespace detail

/// Is any switched on? It may have struck for the last time.
[[nodiscard]] inline bool any_on() {
  return detail::switched_on.load(std::memory_order_relaxed) != 0;
}

/// Asked at a fault's place, each time it is passed: nothing, or what to do now.
[[nodiscard]] inline std::optional<plan> struck_by(named which) {
  auto bit = std::uint32_t{1} << static_cast<unsigned>(which);
  if ((detail::switched_on.load(std::memory_order_relaxed) & bit) == 0) [[likely]]
    return std::nullopt;
  return detail::throw_dice(which);
}

[[nodiscard]] inline bool strikes(named which) {
  return struck_by(which).has_value();
}

/// \throw injected_crash  when it strikes.
inline void crash_at(named which) {
  if (strikes(which)) throw injected_crash{which};
}

/// \throw std::bad_alloc  when memory.alloc strikes.
void allocate_at();

/// How far the wall clock is off: zero, but under clock.jump.
[[nodiscard]] std::chrono::milliseconds clock_jump();

/// What is wrong with a plan for that fault; nothing when it will do.
[[nodiscard]] std::optional<std::string> check(named which, const plan& how);

} // namespace goloca::faults
