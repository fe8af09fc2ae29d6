#pragma once
// Whether a run kept DESIGN's promises: a pure function of what the senders heard and what the store has in the end.

#include "net/client/drill/lone_sender.hpp"
#include "net/client/drill/result.hpp"
#include "net/client/verify/verdict.hpp"

#include <string>
#include <vector>

namespace goloca::net::drill {

/// A way into the service that has a load of its own.
struct door {
  std::vector<note> notes;
  bool struck = false; // by the fault itself: its clients are without it meanwhile
};

/// All there is to judge by. Nothing of it is goloca's own word on what it has stored.
struct evidence {
  client::ledger_book ledger;   // of the load
  std::vector<lone_point> lone; // that the lone sender sent
  std::vector<note> notes;      // of both
  std::vector<door> doors = {}; // of a cluster: each edge's own part of the notes
  client::found_rows found;     // every row of the store, once goloca had ended
  phases when;
  std::string undrained;                         // why some points have no final answer; empty: all have
  std::uint64_t memory_before_kib = 0;           // of goloca, before the fault
  std::vector<int> crashes;                      // ends of goloca that nobody asked for
  std::optional<int> last_end;                   // after SIGTERM
  std::optional<readiness_told> before_the_cure; // nothing: it did not answer
  bool ready_at_the_end = false;
  bool unbalanced = false; // goloca's own account, says its log
};

/// Fills in the points, the times, and which promises were broken.
void judge(const fault& of, const evidence& seen, run_result& to);

} // namespace goloca::net::drill
