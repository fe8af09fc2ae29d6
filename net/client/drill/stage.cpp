#include "net/client/drill/stage.hpp"

#include <utility>

namespace goloca::net::drill {

namespace {

constexpr milliseconds start_patience{30'000}; // a sanitizer's build on a busy machine

} // namespace

stage::stage(const row& which, const setup& with, std::filesystem::path folder)
    : folder_{std::move(folder)}, wanted_{which.what->stage} {
  auto on_postgres = which.on == store_kind::postgres;
  make_folder(folder_, on_postgres ? postgres_account() : std::nullopt);
  if (wanted_.disk_mebibytes > 0) {
    if (!with.no_mounts.empty()) throw not_possible{with.no_mounts};
    disk_ = std::make_unique<small_disk>(folder_ / "disk", wanted_.disk_mebibytes);
  }
  if (on_postgres) set_up_postgres(with);
  goloca_ = std::make_unique<service>(with.program, settings_of_goloca(), folder_, wanted_.max_files);
  scene_.emplace(scene{*goloca_,
                       postgres_.get(),
                       way_.get(),
                       disk_.get(),
                       home_of_the_store() / "goloca.db",
                       folder_,
                       which.over,
                       [this](milliseconds time) { await(time, [] { return false; }); },
                       {}});
  goloca_->start();
  if (!await(start_patience, [this] { return goloca_->ready(); })) throw drill_failure{"goloca does not get ready"};
}

void stage::set_up_postgres(const setup& with) {
  if (with.cluster == nullptr) throw not_possible{"no PostgreSQL is installed"};
  auto data = home_of_the_store() / "data";
  with.cluster->copy_to(data);
  postgres_ = std::make_unique<postgres_server>(with.cluster->programs(), folder_, data, wanted_.postgres);
  postgres_->start();
  if (wanted_.gate) way_ = std::make_unique<gate>(postgres_->port());
}

environment stage::settings_of_goloca() const {
  auto all = wanted_.settings;
  if (postgres_) {
    all["STORE"] = "postgres";
    all["DATABASE_URL"] = way_ ? postgres_->url(way_->port()) : postgres_->url();
  } else {
    all["STORE"] = "sqlite";
    all["SQLITE_PATH"] = home_of_the_store() / "goloca.db";
  }
  return all;
}

store::store_settings stage::to_read() const {
  store::store_settings made;
  made.kind = postgres_ ? store::backend::postgres : store::backend::sqlite;
  if (postgres_) made.database_url = postgres_->url();
  made.sqlite_path = home_of_the_store() / "goloca.db";
  made.statement_timeout = milliseconds{20'000};
  return made;
}

} // namespace goloca::net::drill
