#include "tests/support/ride_table.hpp"

#include <libpq-fe.h>
#include <sqlite3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <memory>
#include <set>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace goloca::test {

namespace {

enum class kind { integer, real, boolean, text };

kind kind_of(const std::string& column) {
  static const std::set<std::string> integers{"id",        "package_id", "travel_type_id",
                                              "from_date", "to_date",    "booking_created"};
  static const std::set<std::string> reals{"from_lat", "from_long", "to_lat", "to_long"};
  static const std::set<std::string> booleans{"online_booking", "mobile_site_booking", "car_cancellation"};
  if (integers.contains(column)) return kind::integer;
  if (reals.contains(column)) return kind::real;
  return booleans.contains(column) ? kind::boolean : kind::text;
}

std::string exact(double value) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.17g", value);
  return text.data();
}

std::string milliseconds_of(const std::string& date) {
  std::tm parts{};
  auto read = std::sscanf(date.c_str(), "%d/%d/%d %d:%d", &parts.tm_mon, &parts.tm_mday, &parts.tm_year, &parts.tm_hour,
                          &parts.tm_min);
  if (read != 3 && read != 5) throw std::runtime_error("no date: " + date);
  parts.tm_mon -= 1;
  parts.tm_year -= 1900;
  return std::to_string(timegm(&parts) * 1000LL);
}

std::optional<std::string> csv_value(const std::string& column, const std::string& field) {
  if (field == "NULL" || field.empty()) return std::nullopt;
  if (field.find('/') != std::string::npos) return milliseconds_of(field);
  return kind_of(column) == kind::real ? exact(std::strtod(field.c_str(), nullptr)) : field;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream from{line};
  for (std::string field; std::getline(from, field, ',');) fields.push_back(field);
  return fields;
}

void select(const std::string& path, const char* sql, const std::function<void(sqlite3_stmt*)>& take) {
  sqlite3* raw = nullptr;
  auto opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY, nullptr);
  std::unique_ptr<sqlite3, decltype(&sqlite3_close)> database{raw, &sqlite3_close};
  sqlite3_busy_timeout(raw, 10'000);
  sqlite3_stmt* statement = nullptr;
  if (opened != SQLITE_OK || sqlite3_prepare_v2(raw, sql, -1, &statement, nullptr) != SQLITE_OK) {
    throw std::runtime_error(path + ": " + sqlite3_errmsg(raw));
  }
  std::unique_ptr<sqlite3_stmt, decltype(&sqlite3_finalize)> prepared{statement, &sqlite3_finalize};
  while (sqlite3_step(statement) == SQLITE_ROW) take(statement);
}

std::optional<std::string> sqlite_value(sqlite3_stmt* of, int i, kind as) {
  auto type = sqlite3_column_type(of, i);
  if (type == SQLITE_NULL) return std::nullopt;
  if (type != (as == kind::text ? SQLITE_TEXT : as == kind::real ? SQLITE_FLOAT : SQLITE_INTEGER)) {
    throw std::runtime_error(std::string{sqlite3_column_name(of, i)} + " holds a value of another type");
  }
  if (as == kind::real) return exact(sqlite3_column_double(of, i));
  return reinterpret_cast<const char*>(sqlite3_column_text(of, i));
}

std::optional<std::string> postgres_value(PGresult* of, int row, int i, kind as) {
  if (PQgetisnull(of, row, i) != 0) return std::nullopt;
  std::string text = PQgetvalue(of, row, i);
  if (as == kind::real) return exact(std::strtod(text.c_str(), nullptr));
  if (as == kind::boolean) return text == "t" ? "1" : "0";
  return text;
}

} // namespace

ride_table rides_of_csv(const std::string& path) {
  std::ifstream file{path};
  std::string line;
  if (!std::getline(file, line)) throw std::runtime_error(path + " cannot be read");
  auto columns = split(line);
  ride_table all;
  while (std::getline(file, line)) {
    auto fields = split(line);
    ride_row one{{"car_cancellation", std::nullopt}}; // which the file does not have
    for (std::size_t i = 0; i < columns.size() && !columns[i].empty(); ++i) {
      one[columns[i]] = csv_value(columns[i], fields.at(i));
    }
    all[fields.at(0)] = one;
  }
  return all;
}

ride_table rides_in_sqlite(const std::string& path) {
  ride_table all;
  select(path, "SELECT * FROM datapoint", [&](sqlite3_stmt* from) {
    ride_row one;
    for (int i = 0; i < sqlite3_column_count(from); ++i) {
      std::string column = sqlite3_column_name(from, i);
      one[column] = sqlite_value(from, i, kind_of(column));
    }
    all[one.at("id").value()] = one;
  });
  return all;
}

std::uint64_t count_in_sqlite(const std::string& path) {
  std::uint64_t found = 0;
  select(path, "SELECT count(*) FROM datapoint",
         [&](sqlite3_stmt* from) { found = static_cast<std::uint64_t>(sqlite3_column_int64(from, 0)); });
  return found;
}

ride_table rides_in_postgres(const std::string& conninfo) {
  std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(conninfo.c_str()), &PQfinish};
  std::unique_ptr<PGresult, decltype(&PQclear)> rows{PQexec(connection.get(), "SELECT * FROM datapoint"), &PQclear};
  if (PQresultStatus(rows.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection.get()));
  ride_table all;
  for (int row = 0; row < PQntuples(rows.get()); ++row) {
    ride_row one;
    for (int i = 0; i < PQnfields(rows.get()); ++i) {
      std::string column = PQfname(rows.get(), i);
      one[column] = postgres_value(rows.get(), row, i, kind_of(column));
    }
    all[one.at("id").value()] = one;
  }
  return all;
}

} // namespace goloca::test
