#pragma once
// Rows to PostgreSQL's binary parameters and its binary results back to rows. Knows libpq, no connection.

#include "store/row.hpp"

#include <libpq-fe.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::store {

struct clear_pg_result {
  void operator()(PGresult* result) const { PQclear(result); }
};
using pg_result = std::unique_ptr<PGresult, clear_pg_result>;

/// The type that parameters of that column have: "int2", "text". Wider columns take them by assignment.
[[nodiscard]] std::string_view postgres_type(column_type type);

/// The type that a column is read back as: every integer as int8.
[[nodiscard]] std::string_view postgres_result_type(column_type type);

/// Every column in the schema's order, cast to its result type: what append_result_row reads.
[[nodiscard]] std::string result_column_list(const schema& of);

/// Parameters of one statement, all binary. Refilled for every batch, so its buffers are allocated once.
class binary_parameters {
public:
  /// One parameter a field: the row's values.
  void fill_row(row_view row);

  /// One array a field: a column of the rows.
  void fill_arrays(std::span<const row_view> rows);

  /// One int8[].
  void fill_ids(std::span<const std::int64_t> ids);

  /// Good until the next fill. A null is a null pointer.
  [[nodiscard]] int count() const { return static_cast<int>(values_.size()); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

private:
  struct extent {
    std::size_t begin;
    std::size_t end;
    bool null;
  };
  void begin();
  void end_parameter(std::size_t begin, bool null);
  void array(std::span<const row_view> rows, std::size_t field);
  void finish(); // bytes_ no longer moves: extents become pointers

  std::string bytes_;
  std::vector<extent> extents_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
};

/// The rows as the file that COPY … (FORMAT binary) reads, in place of what `to` held. The columns must have the
/// fields' own types (postgres_type): COPY casts nothing.
void encode_copy(std::span<const row_view> rows, std::string& to);

/// The int8 of a result's field, which must not be null.
[[nodiscard]] std::int64_t read_int8(const PGresult* result, int row, int column);

/// Appends the result's row to `to`. Column i is field i, in its postgres_result_type, binary.
void append_result_row(row_block& to, const PGresult* result, int row);

} // namespace goloca::store
