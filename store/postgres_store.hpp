#pragma once
// Data points in PostgreSQL: one connection, one statement a batch, or two where the first is a COPY that fails.
// libpqxx prepares the table, libpq moves the rows.

#include "store/copy_rule.hpp"
#include "store/data_point_store.hpp"
#include "store/open_store.hpp"
#include "store/postgres_connection.hpp"
#include "store/unsettled_points.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace goloca::store {

struct server_settings;

class postgres_store final : public data_point_store {
public:
  /// \param of_a_cluster  the server is one of several, of which another may take over.
  postgres_store(std::unique_ptr<postgres_connection> connection, std::shared_ptr<const schema> of,
                 bool allow_weak_durability, bool of_a_cluster);

  result<durability> prepare() override;
  result<insert_result> insert(std::span<const row_view> points) override;
  result<std::shared_ptr<const row_block>> find(std::int64_t id) override;
  std::optional<store_error> probe() override;

private:
  using fault = std::optional<store_error>;

  // Each within the clock of a public call.
  result<durability> prepare_table();
  void create_table();
  fault fault_of(const server_settings& settings, const durability& promise) const;
  fault prepare_statements(bool takes_copy);
  fault still_durable();
  fault settle_leaders(unsettled_points& points);
  fault store_all(unsettled_points& points);
  std::variant<bool, store_error> copy_all(unsettled_points& points);
  fault insert_run(unsettled_points& points, std::size_t first, std::size_t count);
  void note_new_rows(unsettled_points& points, std::size_t first, std::size_t count, PGresult* answer);
  fault compare_taken(unsettled_points& points);
  pg_result select(std::span<const std::int64_t> ids);

  std::unique_ptr<postgres_connection> connection_;
  std::shared_ptr<const schema> schema_;
  bool allow_weak_durability_;
  bool of_a_cluster_;
  std::chrono::steady_clock::time_point settings_read_{};
  bool takes_copy_ = false; // the table, as far as we know
  copy_rule copy_rule_;
  std::string copy_file_;
  binary_parameters parameters_;
  std::vector<std::size_t> taken_;    // leaders, ascending, whose id did not come back: some row has it
  std::vector<std::int64_t> new_ids_; // that did
  std::size_t refused_ = 0;           // leaders, by the database, since they were last made
};

} // namespace goloca::store
