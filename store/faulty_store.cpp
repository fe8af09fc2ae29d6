#include "store/faulty_store.hpp"

#include "store/fault.hpp"

#include <algorithm>
#include <iterator>
#include <thread>
#include <utility>

namespace goloca::store {

namespace {

using faults::named;
using faults::strikes;

store_error injected(named which, error_kind kind, std::string sqlstate) {
  return {kind, std::move(sqlstate),
          "fault injection: " + std::string{name_of(which)} + ": " + std::string{meaning_of(which)}};
}

/// \param others  what became of those that have another id.
insert_result with_refused(std::span<const row_view> points, std::int64_t refused, insert_result others) {
  auto why = injected(named::store_bad_row, error_kind::unknown, "22000");
  insert_result all;
  auto refusal_of_other = others.refusals.begin();
  std::uint32_t other = 0;
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    if (points[i].id() == refused) {
      all.outcomes.push_back(outcome::invalid);
      all.refusals.push_back({i, why.sqlstate, why.message});
      continue;
    }
    all.outcomes.push_back(others.outcomes[other]);
    if (refusal_of_other != others.refusals.end() && refusal_of_other->index == other) {
      all.refusals.push_back(std::move(*refusal_of_other++));
      all.refusals.back().index = i;
    }
    ++other;
  }
  return all;
}

} // namespace

std::optional<store_error> fault_at_connect() {
  if (strikes(named::store_connect)) return injected(named::store_connect, error_kind::unavailable, "08001");
  if (strikes(named::store_wrong_password)) return injected(named::store_wrong_password, error_kind::unfit, "28P01");
  return std::nullopt;
}

faulty_store::faulty_store(std::unique_ptr<data_point_store> of, std::chrono::milliseconds patience)
    : store_{std::move(of)}, patience_{patience} {}

stepwise_insert* faulty_store::in_steps() {
  steps_ = store_->in_steps();
  return steps_ == nullptr ? nullptr : this;
}

/// What goes wrong with a call before the store does anything.
std::optional<store_error> faulty_store::lost_before() {
  if (auto slow = faults::struck_by(named::store_slow)) std::this_thread::sleep_for(*slow->delay);
  if (!strikes(named::store_hang)) return std::nullopt;
  std::this_thread::sleep_for(patience_);
  return injected(named::store_hang, error_kind::unavailable, "57014");
}

result<insert_result> faulty_store::insert(std::span<const row_view> points) {
  faults::allocate_at();
  if (auto lost = lost_before()) return *lost;
  if (strikes(named::store_before_commit))
    return injected(named::store_before_commit, error_kind::unavailable, "08006");
  if (strikes(named::store_serialization_failure))
    return injected(named::store_serialization_failure, error_kind::unavailable, "40001");
  if (strikes(named::disk_full)) return injected(named::disk_full, error_kind::unavailable, "53100");
  auto done = strikes(named::store_bad_row) ? insert_all_but_one(points) : store_->insert(points);
  if (strikes(named::store_after_commit)) return injected(named::store_after_commit, error_kind::unavailable, "08006");
  return done;
}

/// As if the database had refused the first point for its data: it is not stored, and said to be invalid. Not so when
/// it is there from before: what was acknowledged once is not refused later.
result<insert_result> faulty_store::insert_all_but_one(std::span<const row_view> points) {
  auto refused = points.front().id();
  auto there = store_->find(refused);
  if (auto* failed = std::get_if<store_error>(&there)) return std::move(*failed);
  if (std::get<0>(there)) return store_->insert(points);
  std::vector<row_view> others;
  std::ranges::copy_if(points, std::back_inserter(others), [&](const auto& each) { return each.id() != refused; });
  result<insert_result> done = insert_result{};
  if (!others.empty()) done = store_->insert(others);
  if (auto* some = std::get_if<insert_result>(&done)) return with_refused(points, refused, std::move(*some));
  return done;
}

result<std::shared_ptr<const row_block>> faulty_store::find(std::int64_t id) {
  if (auto lost = lost_before()) return *lost;
  return store_->find(id);
}

std::optional<store_error> faulty_store::probe() {
  if (strikes(named::store_hang)) {
    std::this_thread::sleep_for(patience_);
    return injected(named::store_hang, error_kind::unavailable, "57014");
  }
  return store_->probe();
}

} // namespace goloca::store
