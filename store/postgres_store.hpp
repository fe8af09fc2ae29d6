#pragma once
// Data points in PostgreSQL: one connection, one transaction a batch, or two where the first, of COPYs, fails.
// libpqxx prepares the table, libpq moves the rows.

#include "store/copy_rule.hpp"
#include "store/data_point_store.hpp"
#include "store/open_store.hpp"
#include "store/postgres_connection.hpp"
#include "store/stepwise_insert.hpp"
#include "store/unsettled_points.hpp"

#include <chrono>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace goloca::store {

struct server_settings;

class postgres_store final : public data_point_store, private stepwise_insert {
public:
  /// \param of_a_cluster  the server is one of several, of which another may take over.
  postgres_store(std::unique_ptr<postgres_connection> connection, std::shared_ptr<const schema> of,
                 bool allow_weak_durability, bool of_a_cluster);

  result<durability> prepare() override;
  result<insert_result> insert(std::span<const row_view> points) override;
  result<std::shared_ptr<const row_block>> find(std::int64_t id) override;
  std::optional<store_error> probe() override;
  stepwise_insert* in_steps() override { return connection_->speaks_plainly() ? this : nullptr; }

private:
  using fault = std::optional<store_error>;

  static constexpr auto storing = "storing points";
  static constexpr auto copy_many = "goloca_copy_many"; // a prepared statement

  int socket() const override { return connection_->socket(); }
  bool begin(std::span<const row_view> points) override;
  insert_step proceed() override;
  result<insert_result> finish() override;

  // Each within the clock of a public call.
  result<durability> prepare_table();
  void create_table();
  fault fault_of(const server_settings& settings, const durability& promise) const;
  fault prepare_statements(bool takes_copy);
  [[nodiscard]] bool has_to_look_at_durability() const;
  fault still_durable();
  result<insert_result> settle();
  result<insert_result> conclude();
  fault settle_leaders();
  fault store_all();
  copy_request& ask_for_copies();
  fault copy_all();
  [[nodiscard]] bool copies(std::size_t rows) const { return takes_copy_ && copy_rule_.worth_it(rows); }
  std::variant<bool, store_error> note_copy(fault doubt);
  fault insert_all();
  const char* fill_insert(std::size_t first, std::size_t count);
  fault insert_run(std::size_t first, std::size_t count);
  fault note_insert(std::size_t first, std::size_t count, PGresult* answer);
  void note_new_rows(std::size_t first, std::size_t count, PGresult* answer);
  fault settle_taken();
  fault compare_taken();
  pg_result select(std::span<const std::int64_t> ids);
  insert_step proceed_from_copy();
  insert_step proceed_from_insert();
  insert_step rest_of_steps();

  std::unique_ptr<postgres_connection> connection_;
  std::shared_ptr<const schema> schema_;
  bool allow_weak_durability_;
  bool of_a_cluster_;
  std::chrono::steady_clock::time_point settings_read_{};
  bool takes_copy_ = false; // the table, as far as we know
  copy_rule copy_rule_;
  std::string copy_file_;
  copy_request copies_{copy_many};
  binary_parameters parameters_;
  std::optional<unsettled_points> left_; // of the call at hand
  std::vector<std::size_t> taken_;       // leaders, ascending, whose id did not come back: some row has it
  std::vector<std::int64_t> new_ids_;    // that did
  std::size_t refused_ = 0;              // leaders, by the database, since they were last made

  /// What proceed() leaves to finish(), in the order of the doing.
  enum class rest : std::uint8_t { insert, compare, further_rounds, look_at_durability };
  rest rest_ = rest::insert;
  std::vector<row_view> begun_; // the points of begin()
  bool copying_ = false;        // the begun statement is a COPY
};

} // namespace goloca::store
