#pragma once
// A store with the named faults of stores (store/fault.hpp) before it. Always there: a fault that is off costs nothing.

#include "store/fault.hpp"
#include "store/stepwise_insert.hpp"

#include <chrono>
#include <memory>

namespace goloca::store {

class faulty_store final : public data_point_store, private stepwise_insert {
public:
  /// \param patience  how long a call of `of` may take: what store.hang lasts.
  faulty_store(std::unique_ptr<data_point_store> of, std::chrono::milliseconds patience);

  result<durability> prepare() override { return store_->prepare(); }
  result<insert_result> insert(std::span<const row_view> points) override;
  result<std::shared_ptr<const row_block>> find(std::int64_t id) override;
  std::optional<store_error> probe() override;
  stepwise_insert* in_steps() override;

private:
  // Some faults wait, and all have their places in insert(): while one is switched on, that is the only way.
  int socket() const override { return steps_->socket(); }
  bool begin(std::span<const row_view> points) override { return !faults::any_on() && steps_->begin(points); }
  insert_step proceed() override { return steps_->proceed(); }
  result<insert_result> finish() override { return steps_->finish(); }

  [[nodiscard]] std::optional<store_error> lost_before();
  result<insert_result> insert_all_but_one(std::span<const row_view> points);

  std::unique_ptr<data_point_store> store_;
  stepwise_insert* steps_ = nullptr; // the store's
  std::chrono::milliseconds patience_;
};

/// Asked before a connection to a store is opened: why it cannot be, when a fault says so.
[[nodiscard]] std::optional<store_error> fault_at_connect();

} // namespace goloca::store
