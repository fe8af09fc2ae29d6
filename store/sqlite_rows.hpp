#pragma once
// Rows out of a SQLite statement: what the store and the reader share.

#include "store/row.hpp"

#include <sqlite3.h>

#include <string>

namespace goloca::store {

/// SELECT of every column in the schema's order, WHERE the key meets the condition ("= ?").
[[nodiscard]] std::string select_by_key(const schema& of, const std::string& condition);

/// The row that the statement of select_by_key stands at.
void append_current_row(row_block& to, sqlite3_stmt* from);

/// Resets a statement for its next use, however this one ends.
struct reset_at_the_end {
  sqlite3_stmt* statement;
  ~reset_at_the_end() { sqlite3_reset(statement); }
};

} // namespace goloca::store
