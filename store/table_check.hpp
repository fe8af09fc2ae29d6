#pragma once
// Whether an existing table can hold the schema's rows. Pure: each store reads its own catalogue into an
// existing_table.

#include "store/schema.hpp"

#include <optional>
#include <string>
#include <vector>

namespace goloca::store {

struct existing_column {
  std::string name;
  std::string type; // in the catalogue's words: "character varying(100)"
  bool not_null = false;
  bool has_default = false;
  bool computed = false; // the database gives the value and takes none
};

/// A unique constraint, unique index or exclusion constraint.
struct existing_unique {
  std::string name;
  bool constraint = false;          // dropped by ALTER TABLE, else by DROP INDEX
  bool whole = true;                // over every row, checked at once: no predicate, not deferrable, valid
  std::vector<std::string> columns; // an expression is an empty name
};

struct existing_table {
  std::vector<existing_column> columns;
  std::vector<existing_unique> uniques;
};

/// What one database can do to its tables, and which types hold which fields.
struct dialect {
  bool (*holds)(const std::string& type, const field& of) = nullptr; // every value of the field, unchanged
  bool alters_columns = true;                                        // false: can only add columns and drop indexes
};

/// Why the table does not fit, with the ALTER that would mend it; nothing when it fits. It fits when every field has a
/// column that holds its values, the key is unique, and nothing else about the table can refuse a valid row but a CHECK
/// or a foreign key: no further NOT NULL column without default, no further unique constraint. Further nullable columns
/// and wider types are welcome, and so is a nullable column for a required member.
[[nodiscard]] std::optional<std::string> misfit(const schema& of, const existing_table& found, const dialect& how);

} // namespace goloca::store
