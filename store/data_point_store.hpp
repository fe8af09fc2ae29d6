#pragma once
// Where data points are kept: the one interface over PostgreSQL, SQLite and the tests' memory store.

#include "store/row.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace goloca::store {

/// What became of one point.
///   stored     a new row, committed at the store's full durability
///   duplicate  the id was there with the same content (also: earlier in the same call)
///   conflict   the id was there with other content, which stays
///   invalid    the database refused this point for its data (SQLSTATE 22* or 23*); see `refusal`
enum class outcome : std::uint8_t { stored, duplicate, conflict, invalid };
std::string to_string(outcome what);

/// Why points[index] of a call is `invalid`.
struct refusal {
  std::uint32_t index;
  std::string sqlstate; // five characters; SQLite's are mapped to the nearest
  std::string message;  // the database's words, one line
};

struct insert_result {
  std::vector<outcome> outcomes; // one per point, in the order of the points
  std::vector<refusal> refusals; // sorted by index; one per `invalid`
};

/// What a caller can do about an error.
///   unavailable  not now: no connection, full disk, shutting down, serialization, silence. Whether a batch in flight
///   was
///                committed is unknown; sending it again is safe, ids make it so. Retry without limit.
///   unknown      the store said something this table has no rule for. Outcome unknown, retry, but count it.
///   unfit        a person must act: the table does not fit the schema, durability is weaker than promised, the
///                credentials or the settings are wrong. At start this ends the process; later it is as unavailable.
enum class error_kind : std::uint8_t { unavailable, unknown, unfit };
std::string to_string(error_kind what);

/// Why a store could not do what it was asked to. It says nothing of single points: those have outcomes.
struct store_error {
  error_kind kind = error_kind::unknown;
  std::string sqlstate; // five characters; empty when no server answered
  std::string message;  // for a person: what happened, to what, what to do. Never holds a secret.
};

template <class T>
using result = std::variant<T, store_error>;

/// What the store promises when it says `stored`, read from its own settings.
struct durability {
  bool full = true;      // false: a crash of the database's machine may lose what was acknowledged
  std::string statement; // "PostgreSQL 15.8: fsync=on, synchronous_commit=on, full_page_writes=on"
};

class stepwise_insert;

/// Keeps data points. One instance per writer, which alone calls it, one call at a time. Every call blocks, and returns
/// within its patience (see store_settings) whatever the database does. No call throws for what a database can do; an
/// instance that returned a store_error is not to be used again but for its destruction.
class data_point_store {
public:
  virtual ~data_point_store() = default;

  /// Makes the table when there is none, checks that an existing one fits, reads durability. To be called once, first.
  /// \error unfit  the table does not fit (the message prints the ALTER that would mend it), or durability is weak and
  ///               allow_weak_durability is not set.
  virtual result<durability> prepare() = 0;

  /// Stores the points; when it returns outcomes, each `stored` one is durable. Repeats of an id in `points` are
  /// folded: the first decides, later ones are duplicate or conflict. A batch refused for its data is
  /// halved until the bad point stands alone, so every point gets its own outcome.
  /// \param points  1 or more, each valid() with an id() of 1 or more, all of the store's schema, in any order.
  virtual result<insert_result> insert(std::span<const row_view> points) = 0;

  /// The stored row of that id as a block of one row; null when there is none. Durable like a `stored`.
  virtual result<std::shared_ptr<const row_block>> find(std::int64_t id) = 0;

  /// Nothing when a point sent now would be stored, as far as a cheap question can tell.
  virtual std::optional<store_error> probe() = 0;

  /// The way to insert without waiting, which lives as long as this; null when there is none. Asked after prepare().
  [[nodiscard]] virtual stepwise_insert* in_steps() { return nullptr; }
};

/// Opens a connection of its own; called on the writer's thread.
using store_opener = std::function<result<std::unique_ptr<data_point_store>>()>;

} // namespace goloca::store
