#include "tests/support/store_worlds.hpp"

#include "store/memory_store.hpp"
#include "store/open_store.hpp"
#include "tests/support/scratch_folder.hpp"
#include "tests/support/stepped_store.hpp"
#include "tests/support/store_rows.hpp"
#include "tests/support/temporary_postgres.hpp"

#include <sqlite3.h>

#include <chrono>
#include <map>
#include <stdexcept>

namespace goloca::test {

namespace {

class sqlite_world : public store_world {
public:
  store::result<opened_store> open(std::shared_ptr<const store::schema> of) override {
    store::store_settings settings;
    settings.sqlite_path = path_;
    return open_store(settings, std::move(of));
  }
  void execute(const std::string& sql) override {
    sqlite3* database = nullptr;
    sqlite3_open(path_.c_str(), &database);
    char* wrong = nullptr;
    sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &wrong);
    std::string message = wrong == nullptr ? "" : wrong;
    sqlite3_free(wrong);
    sqlite3_close(database);
    if (!message.empty()) throw std::runtime_error{sql + ": " + message};
  }
  void refuse_user(const std::string& user, std::int64_t) override {
    execute(
        "CREATE TABLE datapoint (id INTEGER PRIMARY KEY, user_id VARCHAR(100) NOT NULL CHECK (user_id <> '" + user +
        "'), vehicle_model_id VARCHAR(100) NOT NULL, package_id SMALLINT, travel_type_id SMALLINT, from_area_id TEXT, "
        "to_area_id TEXT, from_city_id TEXT, to_city_id TEXT, from_date BIGINT, to_date BIGINT, online_booking "
        "BOOLEAN, "
        "mobile_site_booking BOOLEAN, booking_created BIGINT, from_lat REAL, from_long REAL, to_lat REAL, to_long "
        "REAL, "
        "car_cancellation BOOLEAN, remark TEXT)");
  }

private:
  scratch_folder folder_;
  std::string path_ = (folder_.path() / "points.db").string();
};

class postgres_world : public store_world {
public:
  postgres_world() {
    static int count = 0;
    database_ = "world_" + std::to_string(++count);
    server().query("CREATE DATABASE " + database_);
  }
  store::result<opened_store> open(std::shared_ptr<const store::schema> of) override {
    store::store_settings settings;
    settings.kind = store::backend::postgres;
    settings.database_url = server().conninfo() + " dbname=" + database_;
    settings.statement_timeout = std::chrono::seconds{30};
    return open_store(settings, std::move(of));
  }
  void execute(const std::string& sql) override { server().query(sql, database_); }
  void refuse_user(const std::string& user, std::int64_t) override {
    prepared(store::rides_schema());
    execute("ALTER TABLE datapoint ADD CHECK (user_id <> '" + user + "')");
  }

private:
  static temporary_postgres& server() {
    static temporary_postgres one;
    return one;
  }
  std::string database_;
};

/// The contract's calls come after prepare(), but for those that are about it.
class postgres_in_steps_world : public postgres_world {
public:
  store::result<opened_store> open(std::shared_ptr<const store::schema> of) override {
    auto opened = postgres_world::open(std::move(of));
    if (auto* store = std::get_if<opened_store>(&opened)) return stepped(std::move(*store));
    return opened;
  }
};

class memory_world : public store_world {
public:
  store::result<opened_store> open(std::shared_ptr<const store::schema> of) override {
    return store::memory_opener(table(of))();
  }
  void execute(const std::string&) override { throw std::runtime_error{"no SQL in memory"}; }
  void refuse_user(const std::string&, std::int64_t its_id) override {
    table(store::rides_schema())->refuse(its_id, "23514", "refused by script");
  }

private:
  const std::shared_ptr<store::memory_table>& table(const std::shared_ptr<const store::schema>& of) {
    auto& found = tables_[of->table()];
    if (!found) found = std::make_shared<store::memory_table>(of);
    return found;
  }
  std::map<std::string, std::shared_ptr<store::memory_table>> tables_;
};

} // namespace

opened_store store_world::prepared(std::shared_ptr<const store::schema> of) {
  auto opened = value(open(std::move(of)));
  value(opened->prepare());
  return opened;
}

std::unique_ptr<store_world> make_store_world(const std::string& name) {
  if (name == "sqlite") return std::make_unique<sqlite_world>();
  if (name == "postgres") return std::make_unique<postgres_world>();
  if (name == "postgres_in_steps") return std::make_unique<postgres_in_steps_world>();
  return std::make_unique<memory_world>();
}

} // namespace goloca::test
