#pragma once
// The rows of a table in PostgreSQL.

#include "store/postgres_connection.hpp"
#include "store/row_reader.hpp"

namespace goloca::store {

class postgres_reader final : public row_reader {
public:
  static result<std::unique_ptr<row_reader>> open(const store_settings& settings, std::shared_ptr<const schema> of);

  rows find(std::span<const std::int64_t> ids) override;
  rows after(std::int64_t id) override;

private:
  postgres_reader(std::unique_ptr<postgres_connection> connection, std::shared_ptr<const schema> of);
  result<bool> prepare();
  rows read(const char* statement, std::span<const std::int64_t> ids);

  std::unique_ptr<postgres_connection> connection_;
  std::shared_ptr<const schema> schema_;
  binary_parameters parameters_;
};

} // namespace goloca::store
