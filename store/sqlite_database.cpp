#include "store/sqlite_database.hpp"

#include "store/sql_text.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>
#include <utility>

namespace goloca::store {

namespace {

constexpr int instructions_between_looks = 10'000; // of SQLite's virtual machine: well under a millisecond

store_error lock_error(const std::string& what) {
  return {error_kind::unavailable, "55P03", "SQLite: " + what};
}

} // namespace

result<lock_file> lock_file::take(const std::string& path) {
  int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return lock_error("cannot make the lock file " + path + ": " + std::strerror(errno));
  lock_file made{file};
  int locked = 0;
  do {
    locked = ::flock(file, LOCK_EX | LOCK_NB);
  } while (locked != 0 && errno == EINTR);
  if (locked == 0) return made;
  if (errno == EWOULDBLOCK) {
    return lock_error("another goloca holds " + path + ": stop it, or give this one another SQLITE_PATH");
  }
  return lock_error("cannot lock " + path + ": " + std::strerror(errno));
}

lock_file::lock_file(lock_file&& other) noexcept : file_{std::exchange(other.file_, -1)} {}

lock_file::~lock_file() {
  if (file_ >= 0) ::close(file_);
}

file_identity file_identity::of(const std::string& path) {
  struct stat about {};
  if (::stat(path.c_str(), &about) != 0) return {};
  return {about.st_dev, about.st_ino};
}

sqlite_database::sqlite_database(sqlite3* raw, std::string path) : raw_{raw}, path_{std::move(path)} {
  sqlite3_extended_result_codes(raw_, 1);
  sqlite3_busy_handler(raw_, &sqlite_database::on_busy, this);
  sqlite3_progress_handler(raw_, instructions_between_looks, &sqlite_database::on_progress, this);
}

sqlite_database::~sqlite_database() {
  // Closing may run a last checkpoint: no deadline may stop it half way, the log would only be left for the next start.
  sqlite3_progress_handler(raw_, 0, nullptr, nullptr);
  sqlite3_close_v2(raw_);
}

result<std::unique_ptr<sqlite_database>> sqlite_database::open(const std::string& path,
                                                               const std::string& synchronous) {
  sqlite3* raw = nullptr;
  auto code =
      sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  if (raw == nullptr) return store_error{error_kind::unavailable, "53200", "SQLite: out of memory"};
  std::unique_ptr<sqlite_database> made{new sqlite_database{raw, path}};
  if (code != SQLITE_OK) return made->error("opening " + path);
  made->set_deadline(steady::now() + std::chrono::seconds{5}); // until its user sets another
  auto mode = made->ask("PRAGMA journal_mode=WAL");
  if (sqlite3_errcode(raw) != SQLITE_OK && sqlite3_errcode(raw) != SQLITE_DONE && sqlite3_errcode(raw) != SQLITE_ROW) {
    return made->error("opening " + path);
  }
  if (mode != "wal") {
    return store_error{error_kind::unfit, "",
                       "SQLite: " + path + " cannot use a write-ahead log (journal_mode is " + mode +
                           "): is it on a network file system? Put it on a local one"};
  }
  if (made->run(("PRAGMA synchronous=" + synchronous).c_str()) != SQLITE_OK) return made->error("opening " + path);
  return made;
}

result<std::unique_ptr<sqlite_database>> sqlite_database::open_to_read(const std::string& path) {
  sqlite3* raw = nullptr;
  auto code = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  if (raw == nullptr) return store_error{error_kind::unavailable, "53200", "SQLite: out of memory"};
  std::unique_ptr<sqlite_database> made{new sqlite_database{raw, path}};
  if (code != SQLITE_OK) return made->error("opening " + path);
  return made;
}

sqlite_statement sqlite_database::prepare(const std::string& sql) {
  sqlite3_stmt* made = nullptr;
  sqlite3_prepare_v3(raw_, sql.c_str(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &made, nullptr);
  return sqlite_statement{made};
}

std::string sqlite_database::ask(const std::string& sql) {
  auto statement = prepare(sql);
  if (!statement || sqlite3_step(statement.get()) != SQLITE_ROW) return {};
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement.get(), 0));
  return text == nullptr ? std::string{} : std::string{text};
}

store_error sqlite_database::error(const std::string& doing) const {
  auto code = sqlite3_extended_errcode(raw_);
  auto meaning = meaning_of_sqlite_code(code);
  std::string words = sqlite3_errmsg(raw_);
  if ((code & 0xff) == SQLITE_INTERRUPT) words = "no end within its time";
  if ((code & 0xff) == SQLITE_BUSY) words = "another program is writing to it (" + words + ')';
  return {meaning.kind, meaning.sqlstate, "SQLite: " + doing + ": " + one_line(words)};
}

bool sqlite_database::replaced() const {
  return file_identity::of(path_) != file_ || (log_.inode != 0 && file_identity::of(path_ + "-wal") != log_);
}

void sqlite_database::remember_files() {
  file_ = file_identity::of(path_);
  log_ = file_identity::of(path_ + "-wal");
}

int sqlite_database::on_progress(void* self) {
  return steady::now() >= static_cast<sqlite_database*>(self)->deadline_ ? 1 : 0;
}

int sqlite_database::on_busy(void* self, int attempt) {
  if (on_progress(self) != 0) return 0;
  std::this_thread::sleep_for(std::chrono::milliseconds{std::min(attempt + 1, 20)});
  return 1;
}

sqlite_meaning meaning_of_sqlite_code(int extended_code) {
  switch (extended_code) {
  case SQLITE_CONSTRAINT_NOTNULL:
    return {"23502", error_kind::unknown, true};
  case SQLITE_CONSTRAINT_FOREIGNKEY:
    return {"23503", error_kind::unknown, true};
  case SQLITE_CONSTRAINT_UNIQUE:
  case SQLITE_CONSTRAINT_PRIMARYKEY:
    return {"23505", error_kind::unknown, true};
  case SQLITE_CONSTRAINT_CHECK:
    return {"23514", error_kind::unknown, true};
  default:
    break;
  }
  switch (extended_code & 0xff) {
  case SQLITE_CONSTRAINT:
    return {"23000", error_kind::unknown, true};
  case SQLITE_MISMATCH:
    return {"22000", error_kind::unknown, true};
  case SQLITE_TOOBIG:
    return {"22001", error_kind::unknown, true};
  case SQLITE_FULL:
    return {"53100", error_kind::unavailable, false};
  case SQLITE_NOMEM:
    return {"53200", error_kind::unavailable, false};
  case SQLITE_BUSY:
  case SQLITE_LOCKED:
  case SQLITE_PROTOCOL:
    return {"55P03", error_kind::unavailable, false};
  case SQLITE_INTERRUPT:
    return {"57014", error_kind::unavailable, false};
  case SQLITE_READONLY:
    return {"25006", error_kind::unavailable, false};
  case SQLITE_IOERR:
    return {"58030", error_kind::unavailable, false};
  case SQLITE_CANTOPEN:
  case SQLITE_PERM:
    return {"58P01", error_kind::unavailable, false};
  case SQLITE_CORRUPT:
    return {"XX001", error_kind::unavailable, false};
  case SQLITE_NOTADB:
    return {"58P01", error_kind::unfit, false};
  case SQLITE_ERROR:
    return {"42000", error_kind::unfit, false}; // no such table or column
  case SQLITE_SCHEMA:
    return {"0A000", error_kind::unavailable, false};
  default:
    return {"XX000", error_kind::unknown, false};
  }
}

} // namespace goloca::store
