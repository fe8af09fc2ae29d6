#include "store/open_store.hpp"

#include "store/faulty_store.hpp"
#include "store/null_store.hpp"
#include "store/postgres_conninfo.hpp"
#include "store/postgres_store.hpp"
#include "store/sqlite_store.hpp"

#include <utility>
#include <variant>

namespace goloca::store {

namespace {

bool of_a_cluster(const store_settings& settings) {
  auto given = read_conninfo(settings);
  return std::holds_alternative<conninfo>(given) && names_several_hosts(std::get<conninfo>(given));
}

result<std::unique_ptr<data_point_store>> open_postgres(const store_settings& settings,
                                                        std::shared_ptr<const schema> of) {
  auto opened = postgres_connection::open(settings);
  if (auto* failed = std::get_if<store_error>(&opened)) return std::move(*failed);
  return std::make_unique<postgres_store>(std::get<std::unique_ptr<postgres_connection>>(std::move(opened)),
                                          std::move(of), settings.allow_weak_durability, of_a_cluster(settings));
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

result<std::unique_ptr<data_point_store>> open_store(const store_settings& settings, std::shared_ptr<const schema> of) {
  if (auto wrong = check(settings)) return store_error{error_kind::unfit, "", *wrong};
  if (auto injected = fault_at_connect()) return *injected;
  auto opened = open_backend(settings, std::move(of));
  auto* store = std::get_if<std::unique_ptr<data_point_store>>(&opened);
  if (store == nullptr) return opened;
  return std::make_unique<faulty_store>(std::move(*store), settings.statement_timeout);
}

} // namespace goloca::store
