#include "store/sqlite_rows.hpp"

#include "store/sql_text.hpp"

namespace goloca::store {

std::string select_by_key(const schema& of, const std::string& condition) {
  return "SELECT " + column_list(of) + " FROM " + quote_name(of.table()) + " WHERE " +
         quote_name(of.fields()[of.key()].column) + ' ' + condition;
}

void append_current_row(row_block& to, sqlite3_stmt* from) {
  to.begin_row();
  const auto& fields = to.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    auto column = static_cast<int>(i);
    if (sqlite3_column_type(from, column) == SQLITE_NULL) continue;
    switch (fields[i].type) {
    case column_type::text: {
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(from, column));
      to.set_text(i, {text, static_cast<std::size_t>(sqlite3_column_bytes(from, column))});
      break;
    }
    case column_type::double_precision:
      to.set_real(i, sqlite3_column_double(from, column));
      break;
    default:
      to.set_integer(i, sqlite3_column_int64(from, column));
      break;
    }
  }
}

} // namespace goloca::store
