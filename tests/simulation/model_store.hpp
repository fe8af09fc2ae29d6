#pragma once
// A database of a map, that is slow and fails as it is told. It blocks as a real one does, in virtual time.

#include "store/data_point_store.hpp"
#include "tests/simulation/promises.hpp"
#include "tests/simulation/stage.hpp"

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace goloca::simulation {

/// What goes wrong with one insert.
struct fault {
  enum class kind : std::uint8_t {
    none,
    lost_before, // the connection breaks, nothing was done
    lost_after,  // it is committed, but the answer is lost
    slow,        // the commit takes `wait`
    slow_answer, // it is committed, the answer takes `wait`
    hang,        // silence until the call's clock ends it
    late_commit, // the same, but the database commits `wait` later all the same
    crash,       // an exception before anything is done
    crash_after, // an exception after the commit
    unknown,     // an error that no rule covers
  };
  kind what = kind::none;
  nanoseconds wait{0};
};
[[nodiscard]] std::string to_string(const fault& which);

/// The table behind the stores of all writers, and what the script has in mind for them.
class model_table : public std::enable_shared_from_this<model_table> {
public:
  /// \param call_patience  a call that takes longer is ended by its own clock.
  /// \param max_batch      points that an insert may bring.
  model_table(stage& on, promises& model, nanoseconds call_patience, std::size_t max_batch)
      : stage_{on}, model_{model}, call_patience_{call_patience}, max_batch_{max_batch} {}

  // -- the script

  void next_insert(fault what) { faults_.push_back(what); }
  void away_until(time_point when, store::error_kind why) { away_until_ = when, away_because_ = why; }
  void poisons(std::int64_t id) { poison_.insert(id); } // every batch with this point fails for no known reason
  void refuses(std::int64_t id) { refused_.insert(id), model_.refuses(id); }

  /// No more faults; what is refused stays so.
  void mend();

  /// Every row is as the model has it.
  void compare() const;

  [[nodiscard]] store::store_opener opener();

private:
  friend class model_store;

  std::optional<store::store_error> answer_late(); // any call: some time passes, and the database may be away
  bool take_time(nanoseconds wait);                // false: the call's clock ended it
  store::insert_result commit(std::span<const store::row_view> points);
  void commit_later(std::span<const store::row_view> points, nanoseconds wait);
  store::result<store::insert_result> insert(std::span<const store::row_view> points);
  fault next_fault();

  stage& stage_;
  promises& model_;
  nanoseconds call_patience_;
  std::size_t max_batch_;
  std::map<std::int64_t, std::shared_ptr<const store::row_block>> rows_;
  std::uint64_t connections_ = 0; // that were ever opened
  std::deque<fault> faults_;
  time_point away_until_ = time_point::min();
  store::error_kind away_because_ = store::error_kind::unavailable;
  std::set<std::int64_t> poison_;
  std::set<std::int64_t> refused_;
};

} // namespace goloca::simulation
