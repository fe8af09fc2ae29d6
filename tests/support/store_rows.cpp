#include "tests/support/store_rows.hpp"

#include <stdexcept>

namespace goloca::test {

rows::rows(std::shared_ptr<const store::schema> of) : block_{std::make_shared<store::row_block>(std::move(of))} {}

std::size_t rows::field(const std::string& member) const {
  auto found = block_->of().find(member);
  if (found == block_->of().size()) throw std::runtime_error{"the schema has no member " + member};
  return found;
}

rows& rows::add(std::int64_t id) {
  block_->begin_row();
  block_->set_integer(block_->of().key(), id);
  return *this;
}

rows& rows::integer(const std::string& member, std::int64_t value) {
  block_->set_integer(field(member), value);
  return *this;
}

rows& rows::real(const std::string& member, double value) {
  block_->set_real(field(member), value);
  return *this;
}

rows& rows::boolean(const std::string& member, bool value) {
  block_->set_boolean(field(member), value);
  return *this;
}

rows& rows::text(const std::string& member, std::string_view value) {
  block_->set_text(field(member), value);
  return *this;
}

rows& rows::ride(std::int64_t id, std::string_view user) {
  return add(id).text("user_id", user).text("vehicle_model_id", "12");
}

std::vector<store::row_view> rows::views() const {
  std::vector<store::row_view> all;
  for (std::size_t i = 0; i < block_->size(); ++i) all.push_back((*block_)[i]);
  return all;
}

rows rides(std::int64_t first, std::size_t count) {
  rows made{store::rides_schema()};
  for (std::size_t i = 0; i < count; ++i) {
    made.ride(first + static_cast<std::int64_t>(i), std::to_string(i % 100))
        .integer("package_id", static_cast<std::int64_t>(i % 7) + 1)
        .integer("from_date", 1'358'000'000'000 + static_cast<std::int64_t>(i))
        .boolean("online_booking", i % 2 == 0)
        .real("from_lat", 12.924353 + static_cast<double>(i) / 1e6)
        .real("from_long", 77.549746)
        .boolean("Car_Cancellation", false);
  }
  return made;
}

std::shared_ptr<const store::schema> schema_of(std::string_view text) {
  auto read = store::read_schema(text, "a test");
  if (auto* fault = std::get_if<store::schema_fault>(&read)) throw std::runtime_error{fault->message()};
  return std::get<std::shared_ptr<const store::schema>>(std::move(read));
}

const char* const sensor_schema_text = R"schema({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "Sensor reading", "type": "object", "x-table": "Reading",
  "required": ["sensor", "value", "taken_at"],
  "properties": {
    "sensor": {"type": ["string", "integer"], "minLength": 1, "maxLength": 20, "x-sql-type": "VARCHAR(20)"},
    "value": {"type": "number", "x-sql-type": "DOUBLE PRECISION"},
    "id": {"type": ["string", "integer", "null"], "minimum": 1, "x-sql-type": "BIGINT"},
    "taken_at": {"type": "integer", "x-sql-type": "BIGINT"},
    "quality": {"type": ["integer", "null"], "x-sql-type": "SMALLINT"},
    "count": {"type": ["integer", "null"], "x-sql-type": "INTEGER"},
    "note": {"type": ["string", "null"], "x-sql-type": "TEXT"},
    "order": {"type": ["boolean", "null"], "x-column": "select", "x-sql-type": "BOOLEAN"}
  }
})schema";

std::shared_ptr<const store::schema> sensor_schema() {
  return schema_of(sensor_schema_text);
}

} // namespace goloca::test
