#include "store/sqlite_reader.hpp"

#include "store/sql_text.hpp"
#include "store/sqlite_rows.hpp"

#include <utility>

namespace goloca::store {

namespace {

constexpr auto doing = "reading the table";

} // namespace

sqlite_reader::sqlite_reader(std::unique_ptr<sqlite_database> database, std::shared_ptr<const schema> of,
                             std::chrono::milliseconds patience)
    : database_{std::move(database)}, schema_{std::move(of)}, patience_{patience} {}

result<std::unique_ptr<row_reader>> sqlite_reader::open(const store_settings& settings,
                                                        std::shared_ptr<const schema> of) {
  auto opened = sqlite_database::open_to_read(settings.sqlite_path);
  if (auto* failed = std::get_if<store_error>(&opened)) return std::move(*failed);
  std::unique_ptr<sqlite_reader> made{new sqlite_reader{std::get<std::unique_ptr<sqlite_database>>(std::move(opened)),
                                                        std::move(of), settings.statement_timeout}};
  auto& database = *made->database_;
  auto key = quote_name(made->schema_->fields()[made->schema_->key()].column);
  database.set_deadline(sqlite_database::steady::now() + made->patience_);
  made->find_ = database.prepare(select_by_key(*made->schema_, "= ?"));
  if (made->find_)
    made->after_ = database.prepare(select_by_key(*made->schema_, "> ? ORDER BY " + key + " LIMIT 1000"));
  if (!made->after_) return database.error(doing);
  return made;
}

bool sqlite_reader::read(sqlite3_stmt* statement, std::int64_t id, row_block& to) {
  reset_at_the_end after{statement};
  sqlite3_bind_int64(statement, 1, id);
  auto code = sqlite3_step(statement);
  for (; code == SQLITE_ROW; code = sqlite3_step(statement)) append_current_row(to, statement);
  return code == SQLITE_DONE;
}

sqlite_reader::rows sqlite_reader::find(std::span<const std::int64_t> ids) {
  database_->set_deadline(sqlite_database::steady::now() + patience_);
  auto found = std::make_shared<row_block>(schema_);
  for (auto id : ids) {
    if (!read(find_.get(), id, *found)) return database_->error(doing);
  }
  return found;
}

sqlite_reader::rows sqlite_reader::after(std::int64_t id) {
  database_->set_deadline(sqlite_database::steady::now() + patience_);
  auto found = std::make_shared<row_block>(schema_);
  if (!read(after_.get(), id, *found)) return database_->error(doing);
  return found;
}

} // namespace goloca::store
