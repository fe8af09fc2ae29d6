#pragma once
// The rows of a SQLite file, which a service may have open.

#include "store/row_reader.hpp"
#include "store/sqlite_database.hpp"

namespace goloca::store {

class sqlite_reader final : public row_reader {
public:
  static result<std::unique_ptr<row_reader>> open(const store_settings& settings, std::shared_ptr<const schema> of);

  rows find(std::span<const std::int64_t> ids) override;
  rows after(std::int64_t id) override;

private:
  sqlite_reader(std::unique_ptr<sqlite_database> database, std::shared_ptr<const schema> of,
                std::chrono::milliseconds patience);

  /// Appends all rows of the statement with that id; false: an error, which the database tells.
  static bool read(sqlite3_stmt* statement, std::int64_t id, row_block& to);

  std::unique_ptr<sqlite_database> database_;
  std::shared_ptr<const schema> schema_;
  std::chrono::milliseconds patience_;
  sqlite_statement find_;
  sqlite_statement after_;
};

} // namespace goloca::store
