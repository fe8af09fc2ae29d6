#pragma once
// What the tests of the PostgreSQL store share.

#include "store/open_store.hpp"
#include "tests/support/stepped_store.hpp"
#include "tests/support/store_rows.hpp"
#include "tests/support/temporary_postgres.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace goloca::test {

/// Settings for that server; `more` are libpq options besides. Patient: a machine that tests share may stand still a
/// while.
inline store::store_settings settings_for(const temporary_postgres& server, const std::string& more = "") {
  store::store_settings settings;
  settings.kind = store::backend::postgres;
  settings.database_url = server.conninfo() + ' ' + more;
  settings.connect_timeout = std::chrono::seconds{30};
  settings.statement_timeout = std::chrono::seconds{30};
  return settings;
}

inline std::unique_ptr<store::data_point_store> prepared_store(const store::store_settings& settings) {
  auto opened = value(open_store(settings, store::rides_schema()));
  value(opened->prepare());
  return opened;
}

/// A test of one whose inserts go in one call each, and again of one whose inserts go in steps.
struct over_both_inserts : testing::TestWithParam<bool> {
  [[nodiscard]] static std::unique_ptr<store::data_point_store>
  as_asked(std::unique_ptr<store::data_point_store> made) {
    return GetParam() ? stepped(std::move(made)) : std::move(made);
  }
  static std::unique_ptr<store::data_point_store> prepared_store(const store::store_settings& settings) {
    return as_asked(test::prepared_store(settings));
  }
};
inline const auto both_inserts = testing::Bool();
inline std::string name_of_insert(const testing::TestParamInfo<bool>& of) {
  return of.param ? "in_steps" : "in_one_call";
}

} // namespace goloca::test
