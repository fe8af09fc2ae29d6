#pragma once
// Data points as rows of values in the schema's order. A burst is decoded once into one block, which is immutable from
// then on and shared: window, queue, batch and retry hold references to it.

#include "store/schema.hpp"

#include <bit>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::store {

class row_block;

/// One row of a block: a view, good as long as the block is.
class row_view {
public:
  row_view(const row_block& block, std::size_t index) : block_{&block}, index_{index} {}

  [[nodiscard]] const schema& of() const;
  [[nodiscard]] bool is_null(std::size_t field) const;
  [[nodiscard]] std::int64_t integer(std::size_t field) const;  // smallint, integer, bigint
  [[nodiscard]] double real(std::size_t field) const;           // double_precision
  [[nodiscard]] bool boolean(std::size_t field) const;          // boolean
  [[nodiscard]] std::string_view text(std::size_t field) const; // text
  [[nodiscard]] std::int64_t id() const;                        // the key; 0 when there is none yet
  [[nodiscard]] bool id_assigned() const;                       // by this node, because the client sent none
  [[nodiscard]] bool valid() const;                             // false: a place-holder for an invalid item

private:
  const row_block* block_;
  std::size_t index_;
};

/// Same content: every field of the schema equal, null equal to null only. Doubles compare as numbers (-0 == 0).
[[nodiscard]] bool same_content(row_view a, row_view b);

/// What was wrong with one item of a burst, for its reply.
struct row_fault {
  std::string message; // "from_lat: 91 is not between -90 and 90"
  std::string member;  // the one at fault; empty when it is the whole
  std::string id;      // the id as text, when one could be read; else empty
};

/// Rows of one schema: per row a word of flags, words of "is present" bits and one slot per field; all text in one
/// string. Invariant: faults_ has one entry per row marked invalid, in the order of the rows. Built by one thread, row
/// after row; afterwards immutable and readable by any.
class row_block {
public:
  explicit row_block(std::shared_ptr<const schema> of);

  // Building. The setters write to the row that begin_row opened last.
  void reserve(std::size_t rows);
  void begin_row();
  void set_integer(std::size_t field, std::int64_t value);
  void set_real(std::size_t field, double value); // -0 becomes 0
  void set_boolean(std::size_t field, bool value);
  void set_text(std::size_t field, std::string_view value);
  void assign_id(std::int64_t id);    // sets the key and marks it as ours
  void mark_invalid(row_fault fault); // the open row holds the place of an invalid item; its values are not to be read
  void truncate(std::size_t rows);    // takes back every row from `rows` on

  // Reading.
  [[nodiscard]] const schema& of() const { return *schema_; }
  [[nodiscard]] const std::shared_ptr<const schema>& shared_schema() const { return schema_; }
  [[nodiscard]] std::size_t size() const { return words_.size() / stride_; }
  [[nodiscard]] bool empty() const { return words_.empty(); }
  [[nodiscard]] row_view operator[](std::size_t row) const { return {*this, row}; }
  [[nodiscard]] bool all_valid() const { return faults_.empty(); }
  [[nodiscard]] const row_fault& fault(std::size_t row) const; // of a row that is not valid()
  [[nodiscard]] std::size_t memory() const;                    // bytes held, about; is asked after each message

private:
  friend class row_view;
  struct placed_fault {
    std::size_t row;
    row_fault fault;
  };
  [[nodiscard]] std::uint64_t* open_row() { return words_.data() + (words_.size() - stride_); }
  [[nodiscard]] const std::uint64_t* at(std::size_t row) const { return words_.data() + row * stride_; }
  void put(std::size_t field, std::uint64_t slot);

  static constexpr std::uint64_t assigned_flag = 1;
  static constexpr std::uint64_t invalid_flag = 2;

  std::shared_ptr<const schema> schema_;
  std::size_t present_words_; // 64 fields each
  std::size_t stride_;        // words a row: 1 + present_words_ + fields
  std::vector<std::uint64_t> words_;
  std::string text_;
  std::vector<placed_fault> faults_;
  std::size_t fault_text_ = 0; // bytes of their strings, about
};

/// Copies `from` as the next row of `to` (same schema), leaving its flags behind.
void append_row(row_block& to, row_view from);

/// A run of rows of a shared block.
struct row_range {
  std::shared_ptr<const row_block> block;
  std::uint32_t first = 0;
  std::uint32_t count = 0;
  [[nodiscard]] row_view operator[](std::size_t i) const { return (*block)[first + i]; }
};

// The views' accessors are the hot path: inline.
inline const schema& row_view::of() const {
  return block_->of();
}
inline bool row_view::is_null(std::size_t field) const {
  return (block_->at(index_)[1 + field / 64] >> (field % 64) & 1) == 0;
}
inline std::int64_t row_view::integer(std::size_t field) const {
  return static_cast<std::int64_t>(block_->at(index_)[1 + block_->present_words_ + field]);
}
inline double row_view::real(std::size_t field) const {
  return std::bit_cast<double>(block_->at(index_)[1 + block_->present_words_ + field]);
}
inline bool row_view::boolean(std::size_t field) const {
  return integer(field) != 0;
}
inline std::string_view row_view::text(std::size_t field) const {
  auto slot = block_->at(index_)[1 + block_->present_words_ + field];
  return std::string_view{block_->text_}.substr(slot >> 32, slot & 0xffffffff);
}
inline std::int64_t row_view::id() const {
  auto key = block_->schema_->key();
  return is_null(key) ? 0 : integer(key);
}
inline bool row_view::id_assigned() const {
  return (block_->at(index_)[0] & row_block::assigned_flag) != 0;
}
inline bool row_view::valid() const {
  return (block_->at(index_)[0] & row_block::invalid_flag) == 0;
}

} // namespace goloca::store
