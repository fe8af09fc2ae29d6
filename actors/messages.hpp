#pragma once
// Every message between actors, and the handles' interfaces. Messages that carry rows are local to a node: a row range shares
// memory, so CAF is told that they cannot be serialised (a node link will have wire types of its own).

#include "store/data_point_store.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace goloca::actors {

using time_point = caf::actor_clock::time_point; // steady; in tests virtual

/// The one terminal status of a point (DESIGN 2). invalid, conflict: final. The last three: send again.
///   overloaded   the queue was full: not stored
///   unavailable  it never reached the store: not stored (but for a point that alone failed twice: unknown)
///   timeout      it reached the store, no answer in time: outcome unknown
enum class verdict : std::uint8_t { stored, duplicate, conflict, invalid, overloaded, unavailable, timeout };
std::string to_string(verdict what);

// -- session → connection ------------------------------------------------------------------------

/// All the points that a session read at once. points[i] has the number `first + i`; the numbers of a connection start at 0
/// and have no gap. Rows that are not valid() are answered `invalid` in their turn.
struct burst {
  std::uint64_t first;
  store::row_range points;
  time_point deadline; // each point is answered by then
};

/// What is known of this id? Answered by a find_result with the same number.
struct find_query {
  std::uint64_t number; // the session's own count
  std::int64_t id;
  time_point deadline;
};

/// Would a point sent now be stored? Answered by a readiness with the same number.
struct readiness_query {
  std::uint64_t number = 0;
};

/// The session's socket is gone: no more replies. The connection ends once its points are accounted for.
struct client_gone {};

// -- connection ⇄ writer pool --------------------------------------------------------------------

/// A run of valid points of one burst.
struct point_run {
  std::uint64_t first; // the number of rows[0] on its connection
  store::row_range rows;
};

/// Please store these. Answered by insert_replies that together cover each point once, unless the pool dies.
struct insert_request {
  std::vector<point_run> runs;
  time_point deadline;
};

/// `count` points from number `first` on, all with the same verdict.
struct verdict_run {
  std::uint64_t first;
  std::uint32_t count;
  verdict what;
  std::string detail;        // for a person; empty where the verdict says all
  std::int64_t new_id = 0;   // the id under which an id-less point was stored in the end, where the row has another
};

/// What became of a connection's points in one batch. To a session: in the order of their numbers, without a gap.
struct insert_reply {
  std::vector<verdict_run> runs;
};

struct find_request {
  std::int64_t id;
};

/// What the node knows of an id. `row` holds one row when `found`.
struct find_result {
  enum class state : std::uint8_t { found, missing, in_flight, unavailable, timeout };
  std::uint64_t number = 0; // of the find_query
  state what = state::unavailable;
  std::shared_ptr<const store::row_block> row;
  std::string detail;
};

/// The state of the way to the store. A point sent now would be stored when ready() holds.
struct readiness {
  std::uint64_t number = 0; // of the readiness_query
  std::uint32_t writers = 0;         // connected
  std::uint64_t queued = 0;          // points waiting
  std::uint64_t capacity = 0;        // MAX_JOB_QUEUE_LENGTH
  bool full_durability = true;
  std::string durability;            // the store's statement; empty before the first connection
  std::string reason;                // why there is no writer; empty when there is one
  [[nodiscard]] bool ready() const { return writers > 0 && queued < capacity; }
};

// -- writer pool ⇄ db writer ---------------------------------------------------------------------

/// Names a batch for ever: a result for a pool that died, or of a batch that was taken back, is recognised and dropped.
struct batch_id {
  std::uint64_t incarnation = 0; // random per pool
  std::uint64_t sequence = 0;    // never reused
  friend auto operator<=>(const batch_id&, const batch_id&) = default;
};

/// Store these in one transaction.
struct insert_batch {
  batch_id id;
  std::vector<store::row_range> rows;
};

/// outcomes[i] is what became of the i-th row of the batch, its ranges one after the other.
struct batch_result {
  batch_id id;
  store::insert_result result;
};

// -- supervision ---------------------------------------------------------------------------------

using db_writer = caf::typed_actor<caf::replies_to<insert_batch>::with<batch_result>,
                                   caf::replies_to<find_request>::with<find_result>>;

/// A writer is connected and waits for work (writer → supervisor → pool).
struct writer_ready {
  db_writer writer;
  store::durability promise;
};

/// There is no writer at the moment, and why (supervisor → pool, for refusals and /readyz).
struct writers_missing {
  std::string reason;
};

/// Where a connection sends its points from now on.
using writer_pool = caf::typed_actor<caf::reacts_to<insert_request>, caf::replies_to<find_request>::with<find_result>,
                                     caf::replies_to<readiness_query>::with<readiness>, caf::reacts_to<writer_ready>,
                                     caf::reacts_to<writers_missing>, caf::reacts_to<batch_result>>;
