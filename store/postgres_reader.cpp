#include "store/postgres_reader.hpp"

#include "store/sql_text.hpp"

#include <utility>

namespace goloca::store {

namespace {

constexpr auto doing = "reading the table";
constexpr auto find_rows = "goloca_find_rows";
constexpr auto next_rows = "goloca_next_rows";

} // namespace

postgres_reader::postgres_reader(std::unique_ptr<postgres_connection> connection, std::shared_ptr<const schema> of)
    : connection_{std::move(connection)}, schema_{std::move(of)} {}

result<std::unique_ptr<row_reader>> postgres_reader::open(const store_settings& settings,
                                                          std::shared_ptr<const schema> of) {
  auto opened = postgres_connection::open(settings);
  if (auto* failed = std::get_if<store_error>(&opened)) return std::move(*failed);
  std::unique_ptr<postgres_reader> made{
      new postgres_reader{std::get<std::unique_ptr<postgres_connection>>(std::move(opened)), std::move(of)}};
  auto prepared = made->connection_->timed(doing, [&made] { return made->prepare(); });
  if (auto* failed = std::get_if<store_error>(&prepared)) return std::move(*failed);
  return made;
}

result<bool> postgres_reader::prepare() {
  auto key = quote_name(schema_->fields()[schema_->key()].column);
  auto select = "SELECT " + result_column_list(*schema_) + " FROM " + quote_name(schema_->table()) + " WHERE " + key;
  const std::pair<const char*, std::string> statements[] = {
      {find_rows, select + " = ANY ($1::int8[])"},
      {next_rows, select + " > ($1::int8[])[1] ORDER BY " + key + " LIMIT 1000"}};
  for (const auto& [name, sql] : statements) {
    auto answer = connection_->prepare(name, sql);
    if (auto failed = connection_->doubt(answer.get())) return *failed;
  }
  return true;
}

postgres_reader::rows postgres_reader::find(std::span<const std::int64_t> ids) {
  return read(find_rows, ids);
}

postgres_reader::rows postgres_reader::after(std::int64_t id) {
  return read(next_rows, {&id, 1});
}

postgres_reader::rows postgres_reader::read(const char* statement, std::span<const std::int64_t> ids) {
  return connection_->timed(doing, [&]() -> rows {
    parameters_.fill_ids(ids);
    auto answer = connection_->execute(statement, parameters_);
    if (auto failed = connection_->doubt(answer.get())) return *failed;
    auto found = std::make_shared<row_block>(schema_);
    for (int row = 0; row < PQntuples(answer.get()); ++row) append_result_row(*found, answer.get(), row);
    return found;
  });
}

} // namespace goloca::store
