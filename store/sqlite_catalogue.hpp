#pragma once
// What a SQLite file says of our table. Changes nothing.

#include "store/sqlite_database.hpp"
#include "store/table_check.hpp"

#include <optional>
#include <variant>

namespace goloca::store {

/// The schema's table; nothing when there is none.
/// \error unfit  the name is a view's
[[nodiscard]] result<std::optional<existing_table>> read_table(sqlite_database& from, const schema& of);

/// SQLite's types and what they hold.
[[nodiscard]] dialect sqlite_dialect();

} // namespace goloca::store
