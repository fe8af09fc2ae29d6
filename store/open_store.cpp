#include "store/open_store.hpp"

#include "store/faulty_store.hpp"
#include "store/null_store.hpp"
#include "store/postgres_conninfo.hpp"
#include "store/postgres_store.hpp"
#include "store/sqlite_store.hpp"

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

result<std::unique_ptr<data_point_store>> open_postgres(const store_settings& settings,
                                                        std::shared_ptr<const schema> of) {
  auto opened = postgres_connection::open(settings);
  if (auto* failed = std::get_if<store_error>(&opened)) return std::move(*failed);
  return std::make_unique<postgres_store>(std::get<std::unique_ptr<postgres_connection>>(std::move(opened)),
                                          std::move(of), settings.allow_weak_durability);
}

result<std::unique_ptr<data_point_store>> open_sqlite(const store_settings& settings,
                                                      std::shared_ptr<const schema> of) {
  auto opened = sqlite_store::open(settings, std::move(of));
  if (auto* failed = std::get_if<store_error>(&opened)) return std::move(*failed);
  return std::get<std::unique_ptr<sqlite_store>>(std::move(opened));
}

result<std::unique_ptr<data_point_store>> open_backend(const store_settings& settings,
                                                       std::shared_ptr<const schema> of) {
  switch (settings.kind) {
  case backend::sqlite:
    return open_sqlite(settings, std::move(of));
  case backend::postgres:
    return open_postgres(settings, std::move(of));
  case backend::null:
    return std::make_unique<null_store>();
  }
  return store_error{error_kind::unfit, "", "STORE: no such store"};
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

result<std::unique_ptr<data_point_store>> open_store(const store_settings& settings, std::shared_ptr<const schema> of) {
  if (auto wrong = check(settings)) return store_error{error_kind::unfit, "", *wrong};
  if (auto injected = fault_at_connect()) return *injected;
  auto opened = open_backend(settings, std::move(of));
  auto* store = std::get_if<std::unique_ptr<data_point_store>>(&opened);
  if (store == nullptr) return opened;
  return std::make_unique<faulty_store>(std::move(*store), settings.statement_timeout);
}

} // namespace goloca::store
