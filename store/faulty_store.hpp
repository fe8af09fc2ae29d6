#pragma once
// A store with the named faults of stores (store/fault.hpp) before it. Always there: a fault that is off costs nothing.

#include "store/data_point_store.hpp"

#include <chrono>
#include <memory>

namespace goloca::store {

class faulty_store final : public data_point_store {
public:
  /// \param patience  how long a call of `of` may take: what store.hang lasts.
  faulty_store(std::unique_ptr<data_point_store> of, std::chrono::milliseconds patience);

  result<durability> prepare() override { return store_->prepare(); }
  result<insert_result> insert(std::span<const row_view> points) override;
  result<std::shared_ptr<const row_block>> find(std::int64_t id) override;
  std::optional<store_error> probe() override;

private:
  [[nodiscard]] std::optional<store_error> lost_before();
  result<insert_result> insert_all_but_one(std::span<const row_view> points);

  std::unique_ptr<data_point_store> store_;
  std::chrono::milliseconds patience_;
};

/// Asked before a connection to a store is opened: why it cannot be, when a fault says so.
[[nodiscard]] std::optional<store_error> fault_at_connect();

} // namespace goloca::store
