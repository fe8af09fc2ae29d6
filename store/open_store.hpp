#pragma once
// From settings to a store: the one place that names the implementations.

#include "store/data_point_store.hpp"

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace goloca::store {

enum class backend : std::uint8_t { sqlite, postgres, null };

struct store_settings {
  backend kind = backend::sqlite;

  std::string sqlite_path = "goloca.db";
  std::string sqlite_synchronous = "full"; // off, normal, full, extra

  std::string database_url; // a libpq URI or key=value string; wins over `postgres`. A secret.
  std::vector<std::pair<std::string, std::string>> postgres; // libpq keywords: host, port, user, password, dbname, ...

  bool allow_weak_durability = false;
  std::chrono::milliseconds connect_timeout{5'000};   // to open a connection, all hosts together
  std::chrono::milliseconds statement_timeout{5'000}; // the clock of every other call
};

/// What is wrong with the settings without asking any server ("DATABASE_URL: invalid port"), or nothing. Prints no
/// secret.
std::optional<std::string> check(const store_settings& settings);

/// Where points will go, for the log: "SQLite goloca.db", "PostgreSQL database:5432/rides". No secret.
std::string describe(const store_settings& settings);

/// As STORE names it: "sqlite".
std::string name_of(const store_settings& settings);

/// Writers this backend can use: 1 for SQLite.
std::size_t most_writers(const store_settings& settings);

/// Whether its stores can have a stepwise_insert.
[[nodiscard]] bool inserts_in_steps(const store_settings& settings);

/// Opens one connection. `of` is shared with every block of rows that will be inserted.
result<std::unique_ptr<data_point_store>> open_store(const store_settings& settings, std::shared_ptr<const schema> of);

} // namespace goloca::store
