#include "store/postgres_catalogue.hpp"

#include "store/sql_text.hpp"

#include <charconv>
#include <string_view>

namespace goloca::store {

namespace {

std::string text(const pqxx::field& from) {
  return from.is_null() ? std::string{} : std::string{from.c_str()};
}

bool yes(const pqxx::field& from) {
  return text(from) == "t";
}

/// n of "character varying(n)"; unbounded without.
std::size_t length_of(std::string_view type) {
  auto open = type.find('(');
  std::size_t length = SIZE_MAX;
  if (open != std::string_view::npos) std::from_chars(type.data() + open + 1, type.data() + type.size(), length);
  return length;
}

bool holds(const std::string& type, const field& of) {
  auto is = [&](std::string_view name) { return type == name; };
  switch (of.type) {
  case column_type::smallint:
    return is("smallint") || is("integer") || is("bigint");
  case column_type::integer:
    return is("integer") || is("bigint");
  case column_type::bigint:
    return is("bigint");
  case column_type::double_precision:
    return is("double precision");
  case column_type::boolean:
    return is("boolean");
  case column_type::text:
    return is("text") || (type.starts_with("character varying") && length_of(type) >= of.max_length);
  }
  return false;
}

/// COPY casts nothing: where the column is wider than the field only an INSERT will do.
bool is_own_type(const std::string& type, const field& of) {
  switch (of.type) {
  case column_type::smallint:
    return type == "smallint";
  case column_type::integer:
    return type == "integer";
  default:
    return true; // what holds() lets through travels alike
  }
}

void read_columns(catalogue_entry& to, pqxx::nontransaction& ask, const std::string& table, const schema& of) {
  auto rows = ask.exec("SELECT attname, format_type(atttypid, atttypmod), attnotnull, atthasdef OR attidentity <> '', "
                       "attgenerated <> '' OR attidentity = 'a', has_column_privilege(attrelid, attnum, 'INSERT'), "
                       "has_column_privilege(attrelid, attnum, 'SELECT') "
                       "FROM pg_attribute WHERE attrelid = " +
                       table + " AND attnum > 0 AND NOT attisdropped ORDER BY attnum");
  bool may_insert = true;
  bool may_select = true;
  for (const auto& row : rows) {
    existing_column column{text(row[0]), text(row[1]), yes(row[2]), yes(row[3]), yes(row[4])};
    for (const auto& each : of.fields()) {
      if (each.column != column.name) continue;
      to.takes_copy = to.takes_copy && is_own_type(column.type, each);
      may_insert = may_insert && yes(row[5]);
      may_select = may_select && yes(row[6]);
    }
    to.table.columns.push_back(std::move(column));
  }
  if (!may_insert) to.lacks_grant = "INSERT";
  if (!may_select) to.lacks_grant += to.lacks_grant.empty() ? "SELECT" : ", SELECT";
}

/// One row a column of a unique index; the column is null where it is an expression.
void read_uniques(catalogue_entry& to, pqxx::nontransaction& ask, const std::string& table) {
  auto rows = ask.exec(
      "SELECT c.relname, EXISTS (SELECT FROM pg_constraint WHERE conindid = i.indexrelid AND conrelid = "
      "i.indrelid AND contype IN ('p', 'u', 'x')), i.indpred IS NULL AND i.indimmediate AND i.indisvalid "
      "AND i.indisunique, a.attname "
      "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
      "CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY k (number, place) "
      "LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0 "
      "WHERE i.indrelid = " +
      table + " AND (i.indisunique OR i.indisexclusion) AND k.place <= i.indnkeyatts ORDER BY c.relname, k.place");
  for (const auto& row : rows) {
    auto name = text(row[0]);
    auto& uniques = to.table.uniques;
    if (uniques.empty() || uniques.back().name != name) uniques.push_back({name, yes(row[1]), yes(row[2]), {}});
    uniques.back().columns.push_back(text(row[3]));
  }
}

std::string unusable_kind(std::string_view kind) {
  if (kind == "r" || kind == "p") return {};
  if (kind == "v" || kind == "m") return "is a view";
  if (kind == "f") return "is a foreign table, which takes no ON CONFLICT";
  return "is not a table";
}

} // namespace

result<server_settings> read_server_settings(postgres_connection& from) {
  // Whoever tries whether a standby answers leaves a session behind that waits for it, and those are limited. One that
  // was left is enough to know: its wait ends when the standby is back.
  auto waiting = "SELECT FROM pg_stat_activity WHERE usename = current_user AND wait_event = 'SyncRep' AND query_start "
                 "< clock_timestamp() - interval '" +
                 std::to_string(from.patience().count()) + " ms'";
  auto answer = from.ask("SELECT current_setting('server_version'), current_setting('fsync'), "
                         "current_setting('full_page_writes'), current_setting('synchronous_commit'), "
                         "current_setting('synchronous_standby_names'), "
                         "(current_setting('transaction_read_only') = 'on' OR pg_is_in_recovery())::text, EXISTS (" +
                         waiting + ")::text");
  if (auto failed = from.doubt(answer.get())) return *failed;
  auto column = [&](int number) { return std::string{PQgetvalue(answer.get(), 0, number)}; };
  return server_settings{column(0), column(1),           column(2),          column(3),
                         column(4), column(5) == "true", column(6) == "true"};
}

durability durability_of(const server_settings& settings, bool of_a_cluster) {
  durability promise;
  promise.statement = "PostgreSQL " + settings.version + ": fsync=" + settings.fsync +
                      ", synchronous_commit=" + settings.synchronous_commit +
                      ", full_page_writes=" + settings.full_page_writes;
  if (!settings.synchronous_standby_names.empty()) {
    promise.statement += ", synchronous_standby_names=" + settings.synchronous_standby_names;
  }
  auto weak = [&](const std::string& why) {
    promise.statement += promise.full ? "; weak: " : "; ";
    promise.statement += why;
    promise.full = false;
  };
  if (settings.fsync != "on") weak("with fsync=off a crash may corrupt the database");
  if (settings.full_page_writes != "on") weak("with full_page_writes=off a crash may corrupt the database");
  if (settings.synchronous_commit == "off") weak("with synchronous_commit=off a crash loses the last commits");
  if (settings.synchronous_commit == "local" && !settings.synchronous_standby_names.empty()) {
    weak("with synchronous_commit=local a commit does not wait for the named standbys");
  }
  if (of_a_cluster && settings.synchronous_standby_names.empty()) {
    weak("several hosts are named, and without synchronous_standby_names a failover loses the last commits");
  }
  return promise;
}

std::optional<catalogue_entry> read_table(pqxx_session& from, const schema& of) {
  pqxx::nontransaction ask{from};
  auto rows = ask.exec("SELECT oid, relkind, relpersistence, NOT relhasrules AND NOT row_security_active(oid) AND "
                       "NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = pg_class.oid AND NOT tgisinternal) "
                       "FROM pg_class WHERE oid = to_regclass(" +
                       ask.quote(quote_name(of.table())) + ")");
  if (rows.empty()) return std::nullopt;
  catalogue_entry found;
  auto oid = text(rows[0][0]);
  found.unusable = unusable_kind(text(rows[0][1]));
  found.unlogged = text(rows[0][2]) == "u";
  found.takes_copy = yes(rows[0][3]);
  read_columns(found, ask, oid, of);
  read_uniques(found, ask, oid);
  return found;
}

dialect postgres_dialect() {
  return {&holds, true};
}

} // namespace goloca::store
