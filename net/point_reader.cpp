#include "net/point_reader.hpp"

#include "net/utf8.hpp"
#include "store/fault.hpp"

#include <chrono>
#include <utility>

namespace goloca::net {

namespace {

constexpr std::size_t deepest = 512;

} // namespace

point_reader::point_reader(const store::schema& of, bool reject_unknown_members, store::point_id_source& ids)
    : schema_{&of}, fields_{&of.fields()}, reject_unknown_{reject_unknown_members}, ids_{&ids}, seen_in_(of.size()) {
  for (std::size_t i = 0; i < of.size(); ++i)
    if ((*fields_)[i].required) required_.push_back(i);
}

// -- the text --------------------------------------------------------------------------------------

void point_reader::begin(shape expected, store::row_block& to) {
  to_ = &to;
  expected_ = expected;
  first_row_ = to.size();
  count_ = 0;
  array_ = failed_ = false;
  depth_ = item_depth_ = 0;
}

decoded point_reader::end() {
  if (!failed_) return {count_, array_};
  to_->truncate(first_row_);
  to_->begin_row();
  to_->mark_invalid({std::move(failure_), {}, {}});
  return {1, false};
}

bool point_reader::fail(std::string why) {
  if (!failed_) failure_ = std::move(why);
  failed_ = true;
  return false;
}

// -- containers and items --------------------------------------------------------------------------

/// An item begins here. False when the text may have none, or no more.
bool point_reader::admit_item() {
  if (depth_ == 0 && expected_ == shape::array) return fail("an array of objects is expected");
  if (count_ == most_items)
    return fail("more than " + std::to_string(most_items) + " items: send them in several parts");
  ++count_;
  to_->begin_row();
  field_ = none;
  return true;
}

bool point_reader::start_object(std::size_t) {
  if (depth_ != item_depth_) return open("an object");
  if (!admit_item()) return false;
  open_item();
  ++depth_;
  return true;
}

bool point_reader::end_object() {
  close();
  if (depth_ == item_depth_) close_item();
  return true;
}

bool point_reader::start_array(std::size_t) {
  if (depth_ != 0) return open("an array");
  if (expected_ == shape::object) return fail("one object is expected, not an array");
  array_ = true;
  depth_ = item_depth_ = 1;
  return true;
}

bool point_reader::end_array() {
  return close();
}

bool point_reader::start_foreign(std::string_view what) {
  return open(what);
}

bool point_reader::end_foreign() {
  return close();
}

bool point_reader::open(std::string_view what) {
  if (depth_ == deepest) return fail("nested deeper than " + std::to_string(deepest));
  if (const auto* of = target(what)) misfit(*of, what);
  ++depth_;
  return !failed_;
}

bool point_reader::close() {
  --depth_;
  return true;
}

void point_reader::open_item() {
  ++item_;
  faulty_ = id_twice_ = false;
  expected_next_ = 0;
}

void point_reader::close_item() {
  auto row = (*to_)[to_->size() - 1];
  for (auto i : required_)
    if (row.is_null(i)) fault((*fields_)[i].member, "is required");
  if (faulty_) {
    if (row.id() != 0 && !id_twice_) fault_.id = std::to_string(row.id());
    to_->mark_invalid(std::move(fault_));
  } else if (row.id() == 0) {
    to_->assign_id(ids_->next(std::chrono::system_clock::now() + faults::clock_jump()));
  }
}

bool point_reader::key(std::string_view name) {
  if (depth_ != item_depth_ + 1) return true; // of an object within a member
  const auto& fields = *fields_;
  bool guessed = expected_next_ < fields.size() && fields[expected_next_].member == name;
  field_ = guessed ? expected_next_ : schema_->find(name);
  if (field_ == fields.size()) {
    field_ = none;
    if (reject_unknown_) fault(excerpt(name), "is not a member of the schema");
    return true;
  }
  expected_next_ = field_ + 1;
  if (seen_in_[field_] == item_) {
    id_twice_ = id_twice_ || field_ == schema_->key();
    fault(fields[field_].member, "comes twice");
  }
  seen_in_[field_] = item_;
  return true;
}

} // namespace goloca::net
