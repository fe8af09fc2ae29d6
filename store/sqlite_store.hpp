#pragma once
// Data points in a SQLite file: the embedded store. One writer; a transaction a batch.

#include "store/data_point_store.hpp"
#include "store/open_store.hpp"
#include "store/sqlite_database.hpp"

#include <memory>
#include <string>

namespace goloca::store {

class sqlite_store final : public data_point_store {
public:
  /// \error unavailable  another goloca has the file, or it cannot be opened
  /// \error unfit        it is no database
  static result<std::unique_ptr<sqlite_store>> open(const store_settings& settings, std::shared_ptr<const schema> of);

  result<durability> prepare() override;
  result<insert_result> insert(std::span<const row_view> points) override;
  result<std::shared_ptr<const row_block>> find(std::int64_t id) override;
  std::optional<store_error> probe() override;

private:
  using fault = std::optional<store_error>;

  sqlite_store(lock_file lock, std::unique_ptr<sqlite_database> database, std::shared_ptr<const schema> of,
               const store_settings& settings);

  void start_clock();
  fault prepare_table();
  fault insert_rows(std::span<const row_view> points, insert_result& to);
  fault insert_row(row_view point, std::uint32_t index, insert_result& to);
  fault compare(row_view point, outcome& to);
  fault select(std::int64_t id, row_block& to); // appends the row, if there is one
  fault replaced_fault() const;
  [[nodiscard]] durability read_durability();

  lock_file lock_; // first: given up last
  std::unique_ptr<sqlite_database> database_;
  std::shared_ptr<const schema> schema_;
  bool allow_weak_durability_;
  std::chrono::milliseconds patience_;
  sqlite_statement insert_;
  sqlite_statement select_;
};

} // namespace goloca::store
