#pragma once
// Data points in memory, for tests: the same contract as the databases, and faults by script.

#include "store/data_point_store.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace goloca::store {

/// The calls that a script can meddle with. `open` is the opener's.
enum class memory_call : std::uint8_t { open, prepare, insert, find, probe };

/// What goes wrong in one call.
struct memory_fault {
  enum class kind : std::uint8_t {
    none,      // the call goes well: a place-holder in a script
    before,    // it returns `error`, nothing was done
    after,     // it is done and committed, but returns `error`: the answer was lost
    exception, // it throws std::runtime_error(error.message) before anything is done: a bug, not a database
  };
  kind what = kind::none;
  store_error error = {error_kind::unavailable, "08006", "memory: scripted fault"};
};

/// The table behind any number of memory stores: what a restarted writer finds again. Every function may be called from
/// any thread.
class memory_table {
public:
  explicit memory_table(std::shared_ptr<const schema> of) : schema_{std::move(of)} {}

  // The script.

  /// The next call of that kind, not yet spoken for, has this fault. Faults of one kind come in the order they were
  /// scripted.
  void script(memory_call in, memory_fault fault);

  /// Every call of that kind has this fault, once its script is used up; memory_fault{} ends it.
  void always(memory_call in, memory_fault fault);

  /// A point of that id is refused for its data from now on.
  void refuse(std::int64_t id, std::string sqlstate, std::string message);

  /// Runs at the begin of every call, on its thread and under no lock: it may count, wait, or block to be slow.
  void on_call(std::function<void(memory_call)> hook);

  /// What prepare() says; full by default.
  void promise(durability what);

  // The outcome.

  [[nodiscard]] std::size_t size() const;
  [[nodiscard]] std::size_t calls(memory_call of) const; // since the beginning, faulty ones too
  [[nodiscard]] std::shared_ptr<const row_block>
  row(std::int64_t id) const; // a block of one row; null when there is none
  void erase(std::int64_t id);

private:
  friend class memory_store;
  friend std::function<result<std::unique_ptr<data_point_store>>()> memory_opener(std::shared_ptr<memory_table>);

  memory_fault begin(memory_call call);
  outcome put(row_view point, std::uint32_t index, insert_result& to); // under mutex_

  mutable std::mutex mutex_; // guards all below
  std::shared_ptr<const schema> schema_;
  std::map<std::int64_t, std::shared_ptr<const row_block>> rows_;
  std::map<std::int64_t, refusal> refused_;
  std::map<memory_call, std::deque<memory_fault>> script_;
  std::map<memory_call, memory_fault> always_;
  std::map<memory_call, std::size_t> calls_;
  std::function<void(memory_call)> hook_;
  durability promise_{true, "memory: as long as the test lives"};
};

class memory_store final : public data_point_store {
public:
  explicit memory_store(std::shared_ptr<memory_table> table) : table_{std::move(table)} {}

  result<durability> prepare() override;
  result<insert_result> insert(std::span<const row_view> points) override;
  result<std::shared_ptr<const row_block>> find(std::int64_t id) override;
  std::optional<store_error> probe() override;

private:
  std::shared_ptr<memory_table> table_;
};

/// Opens memory stores on one table.
[[nodiscard]] store_opener memory_opener(std::shared_ptr<memory_table> table);

} // namespace goloca::store
