#pragma once
// A memory store that stores in steps, as it is told.

#include "store/memory_store.hpp"
#include "store/stepwise_insert.hpp"

#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace goloca::test {

/// What each insert in steps does from now on. Read and written by whoever uses the store.
struct steps_script {
  bool begins = true;
  std::vector<store::socket_event> waits = {store::socket_event::readable};
  bool wants_thread = false;
  std::optional<store::store_error> error = {};
  bool forgets_a_point = false;
  std::size_t begun = 0;    // in steps
  std::size_t finished = 0; // with the thread
};

class scripted_steps final : public store::data_point_store, private store::stepwise_insert {
public:
  scripted_steps(std::shared_ptr<store::memory_table> table, std::shared_ptr<steps_script> of)
      : rows_{std::move(table)}, script_{std::move(of)} {}

  store::result<store::durability> prepare() override { return rows_.prepare(); }
  store::result<store::insert_result> insert(std::span<const store::row_view> points) override {
    return rows_.insert(points);
  }
  store::result<std::shared_ptr<const store::row_block>> find(std::int64_t id) override { return rows_.find(id); }
  std::optional<store::store_error> probe() override { return rows_.probe(); }
  stepwise_insert* in_steps() override { return this; }

private:
  int socket() const override { return 7; }
  bool begin(std::span<const store::row_view> points) override {
    if (!script_->begins) return false;
    ++script_->begun;
    points_.assign(points.begin(), points.end());
    waited_ = 0;
    return true;
  }
  store::insert_step proceed() override {
    if (waited_ < script_->waits.size()) return script_->waits[waited_++];
    if (script_->error) return *script_->error;
    if (script_->wants_thread) return store::needs_thread{};
    auto done = std::get<store::insert_result>(rows_.insert(points_));
    if (script_->forgets_a_point) done.outcomes.pop_back();
    return done;
  }
  store::result<store::insert_result> finish() override {
    ++script_->finished;
    return rows_.insert(points_);
  }

  store::memory_store rows_;
  std::shared_ptr<steps_script> script_;
  std::vector<store::row_view> points_;
  std::size_t waited_ = 0;
};

} // namespace goloca::test
