// What may happen to a SQLite file.

#include "net/client/drill/fault.hpp"
#include "store/sqlite_database.hpp"

#include <memory>

namespace goloca::net::drill {

namespace {

/// Another program's write lock, as it is while that program is in a transaction.
class foreign_lock {
public:
  explicit foreign_lock(const std::filesystem::path& file) {
    auto opened = store::sqlite_database::open(file, "full");
    if (auto* failed = std::get_if<store::store_error>(&opened)) throw drill_failure{failed->message};
    database_ = std::get<std::unique_ptr<store::sqlite_database>>(std::move(opened));
    auto taken = wait_until(milliseconds{5'000}, [this] {
      database_->set_deadline(clock::now() + milliseconds{200});
      return database_->run("BEGIN IMMEDIATE") == 0; // SQLITE_OK
    });
    if (!taken) throw drill_failure{"SQLite: the write lock is never free"};
  }
  ~foreign_lock() { database_->run("ROLLBACK"); }
  foreign_lock(const foreign_lock&) = delete;
  foreign_lock& operator=(const foreign_lock&) = delete;

private:
  std::unique_ptr<store::sqlite_database> database_;
};

fault locked() {
  return {.name = "sqlite.locked",
          .what = "another program is in a transaction that writes, for longer than any timeout",
          .strike = [](scene& on) -> cure {
            auto lock = std::make_shared<foreign_lock>(on.sqlite_file);
            return [lock]() mutable { lock.reset(); };
          },
          .hold = longer_than_patience,
          .blocks_commits = true};
}

fault disk_full() {
  return {.name = "sqlite.disk-full",
          .what = "no byte is free on its file system",
          .strike = [](scene& on) -> cure {
            on.disk->fill();
            return [&on] { on.disk->free(); };
          },
          .stage = {.disk_mebibytes = 64},
          .hold = milliseconds{1'500}};
}

fault read_only() {
  return {.name = "sqlite.read-only",
          .what = "goloca is killed, and when it comes up again the file system is read-only, for a while",
          .strike = [](scene& on) -> cure {
            on.goloca.kill();
            on.disk->make_read_only(true);
            on.goloca.start();
            return [&on] { on.disk->make_read_only(false); };
          },
          .stage = {.disk_mebibytes = 64},
          .hold = milliseconds{1'500},
          .blocks_commits = true};
}

/// What is in flight while the lock is held cannot be committed: an ack of it is a lie that is found out afterwards,
/// too.
fault killed_while_locked() {
  return {.name = "sqlite.killed-while-locked",
          .what = "another program holds the write lock, goloca is killed, the lock goes, goloca is started",
          .strike = [](scene& on) -> cure {
            auto lock = std::make_shared<foreign_lock>(on.sqlite_file);
            on.in_force = clock::now();
            on.pause(milliseconds{700});
            on.goloca.kill();
            return [&on, lock]() mutable {
              lock.reset();
              on.goloca.start();
            };
          },
          .hold = milliseconds{200},
          .blocks_commits = true};
}

} // namespace

std::vector<fault> faults_of_sqlite() {
  std::vector<fault> all{locked(), disk_full(), read_only(), killed_while_locked()};
  for (auto& each : all) each.stores = {store_kind::sqlite};
  return all;
}

} // namespace goloca::net::drill
