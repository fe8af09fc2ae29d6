#pragma once
// SQLite's handles: the file, its lock, statements, and errors as ours.

#include "store/data_point_store.hpp"

#include <sqlite3.h>
#include <sys/types.h>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace goloca::store {

/// A file of ours next to the database, locked while it lives: a second goloca on the same database is refused. A kill
/// releases it; it is never removed, for then two could hold one each. Readers such as the sqlite3 shell know nothing
/// of it.
class lock_file {
public:
  /// \error unavailable  another process has it, or it cannot be made
  static result<lock_file> take(const std::string& path);

  lock_file(lock_file&& other) noexcept;
  lock_file& operator=(lock_file&& other) = delete;
  ~lock_file();

private:
  explicit lock_file(int file) : file_{file} {}
  int file_; // -1: moved from
};

/// Which file a path names; it changes when the file is replaced beneath us.
struct file_identity {
  dev_t device = 0;
  ino_t inode = 0; // 0: there is none
  static file_identity of(const std::string& path);
  friend bool operator==(const file_identity&, const file_identity&) = default;
};

struct finalize_statement {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using sqlite_statement = std::unique_ptr<sqlite3_stmt, finalize_statement>;

/// An open database file. Used by one thread. Every call on it ends soon after its deadline with SQLITE_INTERRUPT or
/// SQLITE_BUSY; only a disk that hangs in fsync cannot be ended.
class sqlite_database {
public:
  using steady = std::chrono::steady_clock;

  /// Opens or makes the file, in WAL mode.
  /// \param synchronous  off, normal, full or extra
  static result<std::unique_ptr<sqlite_database>> open(const std::string& path, const std::string& synchronous);

  /// Opens a file that is there, beside whoever writes to it; nothing can be written through it.
  static result<std::unique_ptr<sqlite_database>> open_to_read(const std::string& path);

  ~sqlite_database();
  sqlite_database(const sqlite_database&) = delete;
  sqlite_database& operator=(const sqlite_database&) = delete;

  [[nodiscard]] sqlite3* raw() const { return raw_; }
  [[nodiscard]] const std::string& path() const { return path_; }

  void set_deadline(steady::time_point deadline) { deadline_ = deadline; }

  /// Runs statements that give no rows. SQLITE_OK, or the extended error code.
  int run(const char* sql) { return sqlite3_exec(raw_, sql, nullptr, nullptr, nullptr); }

  /// Null on an error, which error() tells.
  [[nodiscard]] sqlite_statement prepare(const std::string& sql);

  /// The first column of the first row as text; empty when there is none.
  [[nodiscard]] std::string ask(const std::string& sql);

  /// SQLite's last error, as ours.
  [[nodiscard]] store_error error(const std::string& doing) const;

  /// The file, or its log, is no longer the one that we opened: what we write goes nowhere.
  [[nodiscard]] bool replaced() const;

  /// Remembers which files these are. To be called once the log exists.
  void remember_files();

private:
  sqlite_database(sqlite3* raw, std::string path);
  static int on_progress(void* self);
  static int on_busy(void* self, int attempt);

  sqlite3* raw_;
  std::string path_;
  steady::time_point deadline_ = steady::time_point::max();
  file_identity file_;
  file_identity log_;
};

/// What an extended result code means.
struct sqlite_meaning {
  const char* sqlstate; // the nearest
  error_kind kind;
  bool data; // this row was refused for its data
};
[[nodiscard]] sqlite_meaning meaning_of_sqlite_code(int extended_code);

} // namespace goloca::store
