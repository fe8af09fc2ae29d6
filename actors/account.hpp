#pragma once
// The verdicts on points, and the sum that no point may leave.

#include <caf/meta/type_name.hpp>

#include <cstddef>
#include <cstdint>
#include <string>

namespace goloca::actors {

/// The one terminal status of a point (DESIGN 2). invalid, conflict: final. The last three: send again.
///   overloaded   the queue was full: not stored
///   unavailable  it never reached the store: not stored (but for a point that alone failed twice: unknown)
///   timeout      it reached the store, no answer in time: outcome unknown
enum class verdict : std::uint8_t { stored, duplicate, conflict, invalid, overloaded, unavailable, timeout };
std::string to_string(verdict what);

/// The way by which points come.
enum class transport : std::uint8_t { http, websocket };
inline constexpr std::size_t transports = 2;
std::string to_string(transport by);

/// Where every received point is (promise 7): received == the sum of the others but `late`, at every moment. A change
/// of an account is one too; what goes down in it wraps around, and comes out right when it is added.
struct account {
  std::uint64_t received = 0;
  std::uint64_t stored = 0;
  std::uint64_t duplicate = 0;
  std::uint64_t conflict = 0;
  std::uint64_t invalid = 0;
  std::uint64_t overloaded = 0;
  std::uint64_t unavailable = 0;
  std::uint64_t timeout = 0;
  std::uint64_t in_flight = 0;
  std::uint64_t late = 0; // results that came after the answer; no part of the sum

  void add(verdict what, std::uint64_t points);
  account& operator+=(const account& other);
  [[nodiscard]] std::uint64_t answered() const;
  [[nodiscard]] bool conserved() const { return unaccounted() == 0; }

  /// Points that were received and are nowhere; below 0: points that nobody received. Not 0 is a bug.
  [[nodiscard]] std::int64_t unaccounted() const {
    return static_cast<std::int64_t>(received - answered() - in_flight);
  }
  friend bool operator==(const account&, const account&) = default;
};

template <class F>
typename F::result_type inspect(F& f, account& x) {
  return f(caf::meta::type_name("account"), x.received, x.stored, x.duplicate, x.conflict, x.invalid, x.overloaded,
           x.unavailable, x.timeout, x.in_flight, x.late);
}

} // namespace goloca::actors
