#pragma once
// Databases for the stores' contract, all by one handle.

#include "store/data_point_store.hpp"
#include "tests/support/store_rows.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace goloca::test {

using opened_store = std::unique_ptr<store::data_point_store>;

/// A database of a test's own, which outlives its stores.
class store_world {
public:
  virtual ~store_world() = default;

  virtual store::result<opened_store> open(std::shared_ptr<const store::schema> of) = 0;
  opened_store prepared(std::shared_ptr<const store::schema> of); // throws where it is not

  /// Runs SQL, as another program would. Throws in memory.
  virtual void execute(const std::string& sql) = 0;

  /// A ride of that user_id, which has that id, shall be refused for its data. To be called first.
  virtual void refuse_user(const std::string& user, std::int64_t its_id) = 0;
};

/// \param name  sqlite, postgres, postgres_in_steps or memory. All of postgres share one server, each with a database
/// of its own.
[[nodiscard]] std::unique_ptr<store_world> make_store_world(const std::string& name);

/// A test over such a database, whose name is the test's parameter.
struct over_a_store : testing::TestWithParam<std::string> {
  std::unique_ptr<store_world> where = make_store_world(GetParam());

  [[nodiscard]] opened_store prepared(std::shared_ptr<const store::schema> of = store::rides_schema()) const {
    return where->prepared(std::move(of));
  }
};

/// What became of each point.
inline std::vector<store::outcome> insert(store::data_point_store& into, const rows& points) {
  return value(into.insert(points.views())).outcomes;
}

} // namespace goloca::test
