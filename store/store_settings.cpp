// What can be said of the settings without asking a database.

#include "store/open_store.hpp"
#include "store/postgres_conninfo.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <variant>

namespace goloca::store {

namespace {

constexpr std::array<std::string_view, 4> synchronous_levels{"off", "normal", "full", "extra"};

std::optional<std::string> check_sqlite(const store_settings& settings) {
  const auto& path = settings.sqlite_path;
  if (path.empty() || path == ":memory:")
    return "SQLITE_PATH: a database that is not a file would keep nothing; name a file";
  if (path.starts_with("file:")) return "SQLITE_PATH: give the file's path, not a URI";
  if (std::ranges::find(synchronous_levels, settings.sqlite_synchronous) == synchronous_levels.end()) {
    return "SQLITE_SYNCHRONOUS: " + settings.sqlite_synchronous + " is not one of off, normal, full, extra";
  }
  return std::nullopt;
}

} // namespace

std::optional<std::string> check(const store_settings& settings) {
  if (settings.kind == backend::sqlite) return check_sqlite(settings);
  if (settings.kind == backend::null) {
    if (settings.allow_weak_durability) return std::nullopt;
    return "STORE: null forgets every point; if that is meant, say ALLOW_WEAK_DURABILITY=true";
  }
  auto read = read_conninfo(settings);
  if (auto* wrong = std::get_if<std::string>(&read)) return std::move(*wrong);
  return std::nullopt;
}

std::string name_of(const store_settings& settings) {
  if (settings.kind == backend::postgres) return "postgres";
  return settings.kind == backend::sqlite ? "sqlite" : "null";
}

std::string describe(const store_settings& settings) {
  if (settings.kind == backend::sqlite) return "SQLite " + settings.sqlite_path;
  if (settings.kind == backend::null) return "null (keeps nothing)";
  auto read = read_conninfo(settings);
  if (std::holds_alternative<std::string>(read)) return "PostgreSQL";
  return "PostgreSQL " + describe_target(std::get<conninfo>(read));
}

std::size_t most_writers(const store_settings& settings) {
  return settings.kind == backend::sqlite ? 1 : SIZE_MAX;
}

bool inserts_in_steps(const store_settings& settings) {
  return settings.kind != backend::sqlite;
}

} // namespace goloca::store
