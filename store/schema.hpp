#pragma once
// What a data point is: read once from a JSON Schema, then only looked at. Decoding, validation, DDL, INSERT,
// comparison, read-back and OpenAPI are loops over its fields.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

namespace goloca::store {

/// How a value is kept in a row and in the table. smallint, integer and bigint are kept as 64-bit integers in a row.
enum class column_type : std::uint8_t { smallint, integer, bigint, double_precision, boolean, text };

/// One member of a data point and its column.
struct field {
  std::string member;               // its JSON name: "Car_Cancellation"
  std::string column;               // its column: "car_cancellation" (x-column; the member's name when absent)
  column_type type;                 // from x-sql-type
  std::string sql_type;             // as PostgreSQL's catalogue is asked for it: "VARCHAR(100)", "DOUBLE PRECISION"
  bool required = false;            // then the column is NOT NULL
  bool takes_string = false;        // "type" names string
  bool takes_integer = false;       // "type" names integer; for a boolean column: 0 and 1
  std::int64_t minimum = INT64_MIN; // integer columns: what the type can hold, narrowed by minimum and maximum
  std::int64_t maximum = INT64_MAX;
  double least = -1.7976931348623157e308; // double_precision: minimum and maximum
  double most = 1.7976931348623157e308;
  std::size_t min_length = 0; // text: in characters (code points), not bytes
  std::size_t max_length = SIZE_MAX;
  std::string description; // for OpenAPI
};

/// A schema that is wrong: `member` (may be empty) of `file`, and why.
struct schema_fault {
  std::string file;
  std::string member;
  std::string why;
  [[nodiscard]] std::string message() const; // one line for a person
};

/// Immutable once made, so any thread may read it. Exactly one field is the key: `id`, BIGINT, fields()[key()].
class schema {
public:
  schema(std::string table, std::vector<field> fields, std::string document);
  schema(const schema&) = delete; // by_member_ looks into fields_
  schema& operator=(const schema&) = delete;

  [[nodiscard]] const std::string& table() const { return table_; }
  [[nodiscard]] const std::vector<field>& fields() const { return fields_; }
  [[nodiscard]] std::size_t size() const { return fields_.size(); }
  [[nodiscard]] std::size_t key() const { return key_; }

  /// The field of that JSON member, or size() when the schema has none.
  [[nodiscard]] std::size_t find(std::string_view member) const {
    auto at = by_member_.find(member);
    return at == by_member_.end() ? fields_.size() : at->second;
  }

  /// The JSON Schema's text, as it was read.
  [[nodiscard]] const std::string& document() const { return document_; }

private:
  std::string table_;
  std::vector<field> fields_;
  std::string document_;
  std::size_t key_ = 0;
  std::unordered_map<std::string_view, std::size_t> by_member_; // views into fields_, which never moves again
};

/// Reads a schema from its text. `file` is only for messages.
std::variant<std::shared_ptr<const schema>, schema_fault> read_schema(std::string_view text, const std::string& file);

/// Reads a schema from a file; an unreadable file is a fault too.
std::variant<std::shared_ptr<const schema>, schema_fault> read_schema_file(const std::string& path);

/// The rides, as compiled in.
std::shared_ptr<const schema> rides_schema();

} // namespace goloca::store
