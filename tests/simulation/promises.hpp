#pragma once
// What goloca promises (DESIGN 1), held against a model: the contents that the store has committed, by id. Everything
// that a client hears comes by here.

#include "actors/messages.hpp"
#include "tests/simulation/ride.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>

namespace goloca::simulation {

using actors::time_point;

/// One sending of a point over one connection.
struct submission {
  point what;
  time_point sent;
  time_point deadline;
};

/// Asked for one id.
struct question {
  std::int64_t id = 0;
  bool acknowledged = false; // a success for that id was heard before
  time_point deadline;
};

/// What the clients of one node know of its account.
struct book {
  std::uint64_t sent = 0; // points
  std::uint64_t lost = 0; // of these: without an answer, because the client left or the connection died
  actors::account heard;  // the verdicts that came
};

/// Keeps the first promise that broke. The store and the clients say what happens; a sending goes by sent() first and
/// by answered() last, or never when its connection is lost.
class promises {
public:
  /// What happened, with the number of the promise; empty while all are kept.
  [[nodiscard]] const std::optional<std::string>& broken() const { return broken_; }
  void breaks(const std::string& which);

  /// Several nodes: what an edge no longer waits for, a writer may still have at work, and whether one has nothing to
  /// do, an edge may not know.
  void spans_nodes() { spans_nodes_ = true; }

  /// How often a writer or a link ended; how often a client was told to come again.
  [[nodiscard]] std::uint64_t losses() const { return losses_; }
  [[nodiscard]] std::uint64_t refusals() const { return refusals_; }

  // -- the store says

  /// A new row, on disk.
  void committed(std::int64_t id, const std::string& content, time_point now);

  /// The database will refuse this id for its data.
  void refuses(std::int64_t id) { refused_.insert(id); }

  /// Connection `number` waits for work from now on; works on an insert of `content` among others; is gone.
  void rests(std::uint64_t number, time_point now);
  void works(std::uint64_t number, const std::string& content, time_point now);
  void gone(std::uint64_t number, time_point now);

  // -- who kills says

  /// A writer or a link ended: what it held is dispatched again, and perhaps suspected.
  void writer_lost(const caf::error& why, time_point now);

  /// A pool ended, or is about to.
  void pool_lost(time_point now);

  // -- the clients say

  void sent(const submission& one);
  void answered(const submission& one, const actors::verdict_run& said, time_point now);
  [[nodiscard]] bool acknowledged(std::int64_t id) const { return acknowledged_.contains(id); }
  void found(const question& asked, const actors::find_result& said);

  // -- at each step, and at the end

  void account_now(const actors::account& total, const book& of);
  void account_at_the_end(const actors::account& total, const book& of);
  [[nodiscard]] const std::string* content(std::int64_t id) const; // null: not stored

private:
  struct row {
    std::string content;
    time_point since;
  };
  void succeeded(const submission& one, const actors::verdict_run& said);
  void is_refused(const submission& one, const char* how);
  void is_no_idlers_fault(const submission& one, time_point now);

  /// What became of one content, which may have been sent any number of times.
  struct story {
    std::int64_t sendings = 0;
    std::int64_t asked = 0;                   // sendings that may store it: all but those that were refused
    std::int64_t open = 0;                    // sendings without a final answer
    std::int64_t copies = 0;                  // rows
    time_point last_work = time_point::min(); // when an insert of it ended
  };
  struct labour {
    std::optional<time_point> idle_since;
    std::set<std::string> at;   // while it is not idle
    bool for_dead_pool = false; // what it does, and what is behind that in its mailbox
  };

  bool spans_nodes_ = false;
  std::uint64_t losses_ = 0;
  std::uint64_t refusals_ = 0;
  std::map<std::int64_t, row> rows_; // the model
  std::map<std::string, story> stories_;
  std::map<std::uint64_t, labour> workers_; // connections to the store
  std::set<std::int64_t> acknowledged_;
  std::set<std::int64_t> refused_;
  std::set<std::int64_t> claimed_;       // rows that a point without id was answered with
  time_point began_ = time_point::min(); // the last insert
  time_point stale_ = time_point::min(); // when work for a dead pool last ended
  time_point pool_lost_ = time_point::min();
  time_point twice_ = time_point::min();   // when a batch was last given back
  time_point suspect_ = time_point::min(); // when one was last given back by a crash
  std::optional<std::string> broken_;
};

} // namespace goloca::simulation
