#include "store/table_check.hpp"

#include "store/sql_text.hpp"

#include <algorithm>

namespace goloca::store {

namespace {

/// What is wrong, and what would mend it: actions of one ALTER TABLE, and statements of their own.
struct complaint {
  std::vector<std::string> wrong;
  std::vector<std::string> actions;
  std::vector<std::string> statements;
  bool beyond_repair = false; // something that this database cannot alter
};

std::string join(const std::vector<std::string>& parts, std::string_view between) {
  std::string all;
  for (const auto& part : parts) all += (all.empty() ? "" : std::string{between}) + part;
  return all;
}

void alter(complaint& to, const dialect& how, std::string action) {
  if (how.alters_columns) {
    to.actions.push_back(std::move(action));
  } else {
    to.beyond_repair = true;
  }
}

void check_column(complaint& to, const field& of, bool is_key, const existing_column& column, const dialect& how) {
  auto alter_column = "ALTER COLUMN " + quote_name(of.column);
  if (column.computed) {
    to.wrong.push_back("column " + of.column + " is computed by the database");
    alter(to, how,
          "DROP COLUMN " + quote_name(of.column) + ", ADD COLUMN " + quote_name(of.column) + ' ' + of.sql_type);
    return;
  }
  if (!how.holds(column.type, of)) {
    to.wrong.push_back("column " + of.column + " is " + column.type + ", which does not hold every " + of.sql_type);
    alter(to, how, alter_column + " TYPE " + of.sql_type + " USING " + quote_name(of.column) + "::" + of.sql_type);
  }
  if (column.not_null && !of.required && !is_key) {
    to.wrong.push_back("column " + of.column + " is NOT NULL but the member is optional");
    alter(to, how, alter_column + " DROP NOT NULL");
  }
}

void check_columns(complaint& to, const schema& of, const existing_table& found, const dialect& how) {
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto& want = of.fields()[i];
    auto column = std::ranges::find(found.columns, want.column, &existing_column::name);
    if (column != found.columns.end()) {
      check_column(to, want, i == of.key(), *column, how);
    } else {
      to.wrong.push_back("column " + want.column + " is missing");
      to.actions.push_back("ADD COLUMN " + quote_name(want.column) + ' ' + want.sql_type);
    }
  }
  for (const auto& column : found.columns) {
    bool ours = std::ranges::find(of.fields(), column.name, &field::column) != of.fields().end();
    if (ours || !column.not_null || column.has_default || column.computed) continue;
    to.wrong.push_back("column " + column.name + " is not the schema's, NOT NULL and without default");
    alter(to, how, "ALTER COLUMN " + quote_name(column.name) + " DROP NOT NULL");
  }
}

void check_uniques(complaint& to, const schema& of, const existing_table& found, const dialect& how) {
  const auto& key = of.fields()[of.key()].column;
  bool key_is_unique = false;
  for (const auto& unique : found.uniques) {
    if (unique.whole && unique.columns == std::vector{key}) {
      key_is_unique = true;
      continue;
    }
    if (std::ranges::find(unique.columns, key) != unique.columns.end()) continue; // says no more than the key does
    to.wrong.push_back(unique.name + " lets no two points share (" + join(unique.columns, ", ") + ")");
    if (unique.constraint) {
      alter(to, how, "DROP CONSTRAINT " + quote_name(unique.name));
    } else {
      to.statements.push_back("DROP INDEX " + quote_name(unique.name) + ";");
    }
  }
  if (key_is_unique) return;
  to.wrong.push_back("column " + key + " is not unique");
  to.statements.push_back("CREATE UNIQUE INDEX ON " + quote_name(of.table()) + " (" + quote_name(key) + ");");
  if (!how.alters_columns)
    to.beyond_repair = true; // its CREATE INDEX wants a name, and the rowid would be the better key
}

std::string cure(const complaint& of, const std::string& table, const dialect& how) {
  auto alter_table = "ALTER TABLE " + quote_name(table) + ' ';
  if (of.beyond_repair) {
    return alter_table + "RENAME TO " + quote_name(table + "_old") +
           "; (the next start makes the table anew; then copy the rows over)";
  }
  std::vector<std::string> statements;
  if (how.alters_columns) {
    if (!of.actions.empty()) statements.push_back(alter_table + join(of.actions, ", ") + ';');
  } else {
    for (const auto& action : of.actions) statements.push_back(alter_table + action + ';');
  }
  statements.insert(statements.end(), of.statements.begin(), of.statements.end());
  return join(statements, " ");
}

} // namespace

std::optional<std::string> misfit(const schema& of, const existing_table& found, const dialect& how) {
  complaint about;
  check_columns(about, of, found, how);
  check_uniques(about, of, found, how);
  if (about.wrong.empty()) return std::nullopt;
  return "table " + of.table() + " does not fit the schema: " + join(about.wrong, "; ") +
         ". goloca alters no existing table; this would mend it: " + cure(about, of.table(), how);
}

} // namespace goloca::store
