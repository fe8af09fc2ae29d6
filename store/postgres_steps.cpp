// postgres_store's inserts in steps: the first statement goes without waiting, and mostly that is all. What is left
// where an id was there before, or a point is refused, is rare, and asks with a thread.

#include "store/postgres_store.hpp"
#include "store/sqlstate.hpp"

#include <utility>

namespace goloca::store {

bool postgres_store::begin(std::span<const row_view> points) {
  begun_.assign(points.begin(), points.end());
  left_.emplace(begun_);
  taken_.clear();
  auto count = left_->leaders().size();
  copying_ = copies(count);
  if (copying_) {
    connection_->begin_copy(storing, ask_for_copies());
  } else {
    const auto* statement = fill_insert(0, count);
    connection_->begin_execute(storing, statement, parameters_);
  }
  return true;
}

insert_step postgres_store::proceed() {
  if (auto event = connection_->proceed()) return *event;
  return copying_ ? proceed_from_copy() : proceed_from_insert();
}

insert_step postgres_store::proceed_from_copy() {
  auto copied = note_copy(connection_->doubt_of_copy());
  if (auto* failed = std::get_if<store_error>(&copied)) return std::move(*failed);
  if (std::get<bool>(copied)) return rest_of_steps();
  rest_ = rest::insert;
  return needs_thread{};
}

insert_step postgres_store::proceed_from_insert() {
  auto answer = connection_->take_answer();
  auto count = left_->leaders().size();
  if (auto failed = connection_->doubt(answer.get())) {
    if (classify_sqlstate(failed->sqlstate) != sqlstate_class::data) return std::move(*failed);
    rest_ = rest::insert; // it stored nothing: whom the database refuses shows when it comes apart
    return needs_thread{};
  }
  note_new_rows(0, count, answer.get());
  copy_rule_.learn(count, taken_.size());
  if (taken_.empty()) return rest_of_steps();
  rest_ = rest::compare;
  return needs_thread{};
}

/// All leaders are settled.
insert_step postgres_store::rest_of_steps() {
  if (left_->next_round()) {
    rest_ = rest::further_rounds;
    return needs_thread{};
  }
  if (has_to_look_at_durability()) {
    rest_ = rest::look_at_durability;
    return needs_thread{};
  }
  return left_->take();
}

result<insert_result> postgres_store::finish() {
  return connection_->timed(storing, [this]() -> result<insert_result> {
    if (rest_ == rest::insert) {
      if (auto failed = insert_all()) return *failed;
    }
    if (rest_ <= rest::compare) {
      if (auto failed = settle_taken()) return *failed;
      if (!left_->next_round()) return conclude();
    }
    return rest_ == rest::look_at_durability ? conclude() : settle();
  });
}

} // namespace goloca::store
