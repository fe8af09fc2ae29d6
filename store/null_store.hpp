#pragma once
// Keeps nothing and says `stored` at once: what is left is the cost of all that stands before a store
// (deploy/bench.sh).

#include "store/stepwise_insert.hpp"

namespace goloca::store {

/// Its durability is never full, so it runs only where weak durability is accepted by name.
class null_store final : public data_point_store, private stepwise_insert {
public:
  result<durability> prepare() override { return durability{false, "null: every point is forgotten at once"}; }
  result<insert_result> insert(std::span<const row_view> points) override {
    return insert_result{std::vector(points.size(), outcome::stored), {}};
  }
  result<std::shared_ptr<const row_block>> find(std::int64_t) override { return nullptr; }
  std::optional<store_error> probe() override { return std::nullopt; }
  stepwise_insert* in_steps() override { return this; }

private:
  int socket() const override { return -1; }
  bool begin(std::span<const row_view> points) override {
    begun_ = points.size();
    return true;
  }
  insert_step proceed() override { return insert_result{std::vector(begun_, outcome::stored), {}}; }
  result<insert_result> finish() override { return insert_result{std::vector(begun_, outcome::stored), {}}; }

  std::size_t begun_ = 0;
};

} // namespace goloca::store
