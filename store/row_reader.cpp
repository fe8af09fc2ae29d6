#include "store/row_reader.hpp"

#include "store/postgres_reader.hpp"
#include "store/sqlite_reader.hpp"

namespace goloca::store {

result<std::unique_ptr<row_reader>> open_reader(const store_settings& settings, std::shared_ptr<const schema> of) {
  if (auto wrong = check(settings)) return store_error{error_kind::unfit, "", *wrong};
  switch (settings.kind) {
  case backend::sqlite:
    return sqlite_reader::open(settings, std::move(of));
  case backend::postgres:
    return postgres_reader::open(settings, std::move(of));
  case backend::null:
    break;
  }
  return store_error{error_kind::unfit, "", "STORE: null keeps nothing that could be read"};
}

} // namespace goloca::store
