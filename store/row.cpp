#include "store/row.hpp"

#include <algorithm>

namespace goloca::store {

namespace {

std::size_t text_bytes(const row_fault& of) {
  return of.message.size() + of.member.size() + of.id.size();
}

} // namespace

row_block::row_block(std::shared_ptr<const schema> of)
    : schema_{std::move(of)}, present_words_{(schema_->size() + 63) / 64}, stride_{1 + present_words_ +
                                                                                   schema_->size()} {}

void row_block::reserve(std::size_t rows) {
  words_.reserve(rows * stride_);
}

void row_block::begin_row() {
  words_.resize(words_.size() + stride_);
}

void row_block::put(std::size_t field, std::uint64_t slot) {
  auto* row = open_row();
  row[1 + field / 64] |= std::uint64_t{1} << (field % 64);
  row[1 + present_words_ + field] = slot;
}

void row_block::set_integer(std::size_t field, std::int64_t value) {
  put(field, static_cast<std::uint64_t>(value));
}

void row_block::set_real(std::size_t field, double value) {
  put(field, std::bit_cast<std::uint64_t>(value + 0.0)); // -0 + 0 is 0: one zero, however it is compared
}

void row_block::set_boolean(std::size_t field, bool value) {
  put(field, value ? 1 : 0);
}

void row_block::set_text(std::size_t field, std::string_view value) {
  assert(text_.size() + value.size() <= UINT32_MAX && "a block's text is bounded by the body's size");
  put(field, std::uint64_t{text_.size()} << 32 | value.size());
  text_ += value;
}

void row_block::assign_id(std::int64_t id) {
  set_integer(schema_->key(), id);
  open_row()[0] |= assigned_flag;
}

void row_block::mark_invalid(row_fault fault) {
  open_row()[0] |= invalid_flag;
  fault_text_ += text_bytes(fault);
  faults_.push_back({size() - 1, std::move(fault)});
}

void row_block::truncate(std::size_t rows) {
  words_.resize(rows * stride_);
  for (; !faults_.empty() && faults_.back().row >= rows; faults_.pop_back()) {
    fault_text_ -= text_bytes(faults_.back().fault);
  }
}

const row_fault& row_block::fault(std::size_t row) const {
  auto at = std::ranges::lower_bound(faults_, row, {}, &placed_fault::row);
  assert(at != faults_.end() && at->row == row && "only an invalid row has a fault");
  return at->fault;
}

std::size_t row_block::memory() const {
  return sizeof *this + words_.capacity() * sizeof words_[0] + text_.capacity() +
         faults_.capacity() * sizeof faults_[0] + fault_text_;
}

namespace {

bool same_value(row_view a, row_view b, std::size_t field, column_type type) {
  switch (type) {
  case column_type::text:
    return a.text(field) == b.text(field);
  case column_type::double_precision:
    return a.real(field) == b.real(field);
  default:
    return a.integer(field) == b.integer(field);
  }
}

} // namespace

bool same_content(row_view a, row_view b) {
  const auto& fields = a.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (a.is_null(i) != b.is_null(i)) return false;
    if (!a.is_null(i) && !same_value(a, b, i, fields[i].type)) return false;
  }
  return true;
}

void append_row(row_block& to, row_view from) {
  to.begin_row();
  const auto& fields = to.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (from.is_null(i)) continue;
    switch (fields[i].type) {
    case column_type::text:
      to.set_text(i, from.text(i));
      break;
    case column_type::double_precision:
      to.set_real(i, from.real(i));
      break;
    default:
      to.set_integer(i, from.integer(i));
      break;
    }
  }
}

} // namespace goloca::store
