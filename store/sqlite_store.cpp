#include "store/sqlite_store.hpp"

#include "store/sql_text.hpp"
#include "store/sqlite_catalogue.hpp"
#include "store/sqlite_rows.hpp"

#include <array>
#include <filesystem>
#include <string_view>
#include <utility>

namespace goloca::store {

namespace {

std::string insert_sql(const schema& of) {
  std::string marks;
  for (std::size_t i = 0; i < of.size(); ++i) marks += i == 0 ? "?" : ", ?";
  return "INSERT INTO " + quote_name(of.table()) + " (" + column_list(of) + ") VALUES (" + marks + ") ON CONFLICT (" +
         quote_name(of.fields()[of.key()].column) + ") DO NOTHING";
}

/// Texts are bound by reference: the row must outlive the step.
int bind(sqlite3_stmt* to, row_view row, std::size_t field, column_type type) {
  auto place = static_cast<int>(field) + 1;
  if (row.is_null(field)) return sqlite3_bind_null(to, place);
  switch (type) {
  case column_type::text: {
    auto text = row.text(field);
    // An empty view may have no address, which SQLite would take for a null.
    return sqlite3_bind_text64(to, place, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC, SQLITE_UTF8);
  }
  case column_type::double_precision:
    return sqlite3_bind_double(to, place, row.real(field));
  default:
    return sqlite3_bind_int64(to, place, row.integer(field));
  }
}

std::string resolved(const std::string& path) {
  std::error_code ignored; // then the path as it is will do
  auto real = std::filesystem::weakly_canonical(path, ignored);
  return ignored ? path : real.string();
}

} // namespace

result<std::unique_ptr<sqlite_store>> sqlite_store::open(const store_settings& settings,
                                                         std::shared_ptr<const schema> of) {
  auto path = resolved(settings.sqlite_path); // one file, one lock, by whatever name it comes
  auto lock = lock_file::take(path + ".lock");
  if (auto* failed = std::get_if<store_error>(&lock)) return std::move(*failed);
  auto database = sqlite_database::open(path, settings.sqlite_synchronous);
  if (auto* failed = std::get_if<store_error>(&database)) return std::move(*failed);
  return std::unique_ptr<sqlite_store>{new sqlite_store{std::get<lock_file>(std::move(lock)),
                                                        std::get<std::unique_ptr<sqlite_database>>(std::move(database)),
                                                        std::move(of), settings}};
}

sqlite_store::sqlite_store(lock_file lock, std::unique_ptr<sqlite_database> database, std::shared_ptr<const schema> of,
                           const store_settings& settings)
    : lock_{std::move(lock)}, database_{std::move(database)}, schema_{std::move(of)},
      allow_weak_durability_{settings.allow_weak_durability}, patience_{settings.statement_timeout} {}

void sqlite_store::start_clock() {
  database_->set_deadline(sqlite_database::steady::now() + patience_);
}

durability sqlite_store::read_durability() {
  constexpr std::array levels{"OFF", "NORMAL", "FULL", "EXTRA"};
  auto level = database_->ask("PRAGMA synchronous");
  auto number = level.size() == 1 && level[0] >= '0' && level[0] <= '3' ? static_cast<std::size_t>(level[0] - '0') : 0;
  durability promise;
  promise.full = number >= 2;
  promise.statement =
      std::string{"SQLite "} + sqlite3_libversion() + ": journal_mode=WAL, synchronous=" + levels[number];
  if (!promise.full) promise.statement += "; weak: a power failure loses the last commits";
  return promise;
}

result<durability> sqlite_store::prepare() {
  start_clock();
  auto promise = read_durability();
  if (!promise.full && !allow_weak_durability_) {
    return store_error{error_kind::unfit, "",
                       "SQLite: durability is weaker than promised: " + promise.statement +
                           ". Set SQLITE_SYNCHRONOUS=full, or accept it by ALLOW_WEAK_DURABILITY=true"};
  }
  if (auto failed = prepare_table()) return *failed;
  insert_ = database_->prepare(insert_sql(*schema_));
  select_ = database_->prepare(select_by_key(*schema_, "= ?"));
  if (!insert_ || !select_) return database_->error("preparing the table");
  database_->remember_files();
  if (auto failed = probe()) return *failed;
  return promise;
}

sqlite_store::fault sqlite_store::prepare_table() {
  // In one transaction: nobody else makes another table between the look and ours.
  if (database_->run("BEGIN IMMEDIATE") != SQLITE_OK) return database_->error("preparing the table");
  auto roll_back = [this](store_error failed) {
    database_->run("ROLLBACK");
    return failed;
  };
  auto found = read_table(*database_, *schema_);
  if (auto* failed = std::get_if<store_error>(&found)) return roll_back(std::move(*failed));
  const auto& existing = std::get<std::optional<existing_table>>(found);
  if (existing) {
    auto why = misfit(*schema_, *existing, sqlite_dialect());
    if (why) return roll_back({error_kind::unfit, "", "SQLite: " + *why});
  } else if (database_->run(create_table(*schema_, "INTEGER PRIMARY KEY").c_str()) != SQLITE_OK) {
    return roll_back(database_->error("making the table"));
  }
  if (database_->run("COMMIT") != SQLITE_OK) return roll_back(database_->error("making the table"));
  return std::nullopt;
}

sqlite_store::fault sqlite_store::replaced_fault() const {
  if (!database_->replaced()) return std::nullopt;
  return store_error{error_kind::unavailable, "58P01",
                     "SQLite: " + database_->path() + " was removed or replaced while it was in use"};
}

result<insert_result> sqlite_store::insert(std::span<const row_view> points) {
  start_clock();
  if (database_->run("BEGIN IMMEDIATE") != SQLITE_OK) return database_->error("storing points");
  insert_result done;
  done.outcomes.reserve(points.size());
  auto failed = insert_rows(points, done);
  if (!failed) failed = replaced_fault(); // a commit would succeed, into a file that nobody will read
  if (!failed && database_->run("COMMIT") != SQLITE_OK) failed = database_->error("storing points");
  if (!failed) return done;
  database_->run("ROLLBACK"); // fails where SQLite has done so itself
  return *failed;
}

sqlite_store::fault sqlite_store::insert_rows(std::span<const row_view> points, insert_result& to) {
  for (std::uint32_t i = 0; i < points.size(); ++i) {
    if (auto failed = insert_row(points[i], i, to)) return failed;
  }
  return std::nullopt;
}

sqlite_store::fault sqlite_store::insert_row(row_view point, std::uint32_t index, insert_result& to) {
  reset_at_the_end after{insert_.get()};
  int code = SQLITE_OK;
  for (std::size_t i = 0; i < schema_->size() && code == SQLITE_OK; ++i) {
    code = bind(insert_.get(), point, i, schema_->fields()[i].type);
  }
  if (code == SQLITE_OK) code = sqlite3_step(insert_.get());
  auto& mine = to.outcomes.emplace_back(outcome::stored);
  if (code == SQLITE_DONE) {
    return sqlite3_changes(database_->raw()) == 1 ? std::nullopt : compare(point, mine);
  }
  auto failed = database_->error("storing points");
  bool transaction_lives = sqlite3_get_autocommit(database_->raw()) == 0; // a trigger may have rolled it back
  if (!meaning_of_sqlite_code(code).data || !transaction_lives) return failed;
  mine = outcome::invalid;
  to.refusals.push_back({index, failed.sqlstate, one_line(sqlite3_errmsg(database_->raw()))});
  return std::nullopt;
}

sqlite_store::fault sqlite_store::compare(row_view point, outcome& to) {
  row_block stored{schema_};
  if (auto failed = select(point.id(), stored)) return failed;
  if (stored.empty()) {
    return store_error{error_kind::unknown, "",
                       "SQLite: storing points: a row was neither stored nor found (is there a "
                       "trigger on the table?)"};
  }
  to = same_content(point, stored[0]) ? outcome::duplicate : outcome::conflict;
  return std::nullopt;
}

sqlite_store::fault sqlite_store::select(std::int64_t id, row_block& to) {
  reset_at_the_end after{select_.get()};
  sqlite3_bind_int64(select_.get(), 1, id);
  auto code = sqlite3_step(select_.get());
  if (code == SQLITE_ROW) append_current_row(to, select_.get());
  if (code == SQLITE_ROW || code == SQLITE_DONE) return std::nullopt;
  return database_->error("looking for a point");
}

result<std::shared_ptr<const row_block>> sqlite_store::find(std::int64_t id) {
  start_clock();
  if (auto failed = replaced_fault()) return *failed;
  auto found = std::make_shared<row_block>(schema_);
  if (auto failed = select(id, *found)) return *failed;
  if (found->empty()) return nullptr;
  return found;
}

std::optional<store_error> sqlite_store::probe() {
  start_clock();
  if (auto failed = replaced_fault()) return failed;
  // Taking the write lock asks all that matters but the disk's free space.
  if (database_->run("BEGIN IMMEDIATE") != SQLITE_OK) return database_->error("probing");
  if (database_->run("ROLLBACK") != SQLITE_OK) return database_->error("probing");
  return std::nullopt;
}

} // namespace goloca::store
