#include "store/sqlite_catalogue.hpp"

#include "store/sql_text.hpp"

#include <algorithm>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace goloca::store {

namespace {

enum class affinity : std::uint8_t { integer, text, none, blob, real, numeric };

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// https://www.sqlite.org/datatype3.html, 3.1, but that a declared BLOB is told from no type: a STRICT table means it.
affinity affinity_of(const std::string& type) {
  auto name = lower(type);
  auto has = [&](std::string_view part) { return name.find(part) != std::string::npos; };
  if (has("int")) return affinity::integer;
  if (has("char") || has("clob") || has("text")) return affinity::text;
  if (name.empty()) return affinity::none;
  if (has("blob")) return affinity::blob;
  if (has("real") || has("floa") || has("doub")) return affinity::real;
  return affinity::numeric;
}

bool holds(const std::string& type, const field& of) {
  auto is = affinity_of(type);
  if (is == affinity::none) return true;
  switch (of.type) {
  case column_type::text:
    return is == affinity::text; // any other would make a number of "007"
  case column_type::double_precision:
    return is == affinity::real || is == affinity::numeric;
  default:
    return is == affinity::integer || is == affinity::numeric;
  }
}

std::string text(const sqlite_statement& row, int column) {
  const auto* found = reinterpret_cast<const char*>(sqlite3_column_text(row.get(), column));
  return found == nullptr ? std::string{} : std::string{found};
}

/// SQLite's names know no case: the schema's spelling, where it has that column.
std::string spelled_as_in(const schema& of, std::string name) {
  for (const auto& each : of.fields()) {
    if (lower(each.column) == lower(name)) return each.column;
  }
  return name;
}

bool read_columns(existing_table& to, sqlite_database& from, const schema& of) {
  auto rows = from.prepare("PRAGMA table_xinfo(" + quote_name(of.table()) + ")");
  if (!rows) return false;
  std::map<int, std::string> primary;
  int step = 0;
  while ((step = sqlite3_step(rows.get())) == SQLITE_ROW) {
    existing_column column{spelled_as_in(of, text(rows, 1)), text(rows, 2)};
    column.not_null = sqlite3_column_int(rows.get(), 3) != 0;
    column.has_default = sqlite3_column_type(rows.get(), 4) != SQLITE_NULL;
    column.computed = sqlite3_column_int(rows.get(), 6) != 0;
    if (auto place = sqlite3_column_int(rows.get(), 5); place > 0) primary[place] = column.name;
    to.columns.push_back(std::move(column));
  }
  if (primary.empty()) return step == SQLITE_DONE;
  existing_unique key{"PRIMARY KEY", true, true, {}};
  for (const auto& [place, name] : primary) key.columns.push_back(name);
  to.uniques.push_back(std::move(key));
  return step == SQLITE_DONE;
}

bool read_indexed_columns(existing_unique& to, sqlite_database& from, const schema& of) {
  auto rows = from.prepare("PRAGMA index_info(" + quote_name(to.name) + ")");
  if (!rows) return false;
  int step = 0;
  while ((step = sqlite3_step(rows.get())) == SQLITE_ROW) to.columns.push_back(spelled_as_in(of, text(rows, 2)));
  return step == SQLITE_DONE;
}

bool read_uniques(existing_table& to, sqlite_database& from, const schema& of) {
  auto rows = from.prepare("PRAGMA index_list(" + quote_name(of.table()) + ")");
  if (!rows) return false;
  int step = 0;
  while ((step = sqlite3_step(rows.get())) == SQLITE_ROW) {
    auto origin = text(rows, 3);
    if (sqlite3_column_int(rows.get(), 2) == 0 || origin == "pk") continue;
    existing_unique unique{text(rows, 1), origin == "u", sqlite3_column_int(rows.get(), 4) == 0, {}};
    if (!read_indexed_columns(unique, from, of)) return false;
    to.uniques.push_back(std::move(unique));
  }
  return step == SQLITE_DONE;
}

} // namespace

result<std::optional<existing_table>> read_table(sqlite_database& from, const schema& of) {
  auto kind = from.ask("SELECT type FROM sqlite_schema WHERE type IN ('table', 'view') AND name = '" + of.table() +
                       "' COLLATE NOCASE");
  if (kind == "view") return store_error{error_kind::unfit, "", "SQLite: " + of.table() + " is a view"};
  existing_table found;
  if (!read_columns(found, from, of) || !read_uniques(found, from, of))
    return from.error("reading the table's columns");
  if (found.columns.empty()) return std::optional<existing_table>{};
  return std::optional{std::move(found)};
}

dialect sqlite_dialect() {
  return {&holds, false};
}

} // namespace goloca::store
