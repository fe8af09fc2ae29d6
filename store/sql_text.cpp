#include "store/sql_text.hpp"

namespace goloca::store {

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted += '"';
}

std::string one_line(std::string_view text) {
  std::string line;
  for (char c : text) {
    bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (space && (line.empty() || line.back() == ' ')) continue;
    line += space ? ' ' : c;
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  return line;
}

std::string column_list(const schema& of) {
  std::string list;
  for (const auto& each : of.fields()) {
    if (!list.empty()) list += ", ";
    list += quote_name(each.column);
  }
  return list;
}

std::string create_table(const schema& of, std::string_view key_type) {
  std::string columns;
  for (std::size_t i = 0; i < of.size(); ++i) {
    const auto& each = of.fields()[i];
    columns += (i == 0 ? "" : ", ") + quote_name(each.column) + ' ';
    if (i == of.key()) {
      columns += key_type;
    } else {
      columns += each.sql_type;
      if (each.required) columns += " NOT NULL";
    }
  }
  return "CREATE TABLE IF NOT EXISTS " + quote_name(of.table()) + " (" + columns + ")";
}

} // namespace goloca::store
