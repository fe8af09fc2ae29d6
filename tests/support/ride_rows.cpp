#include "tests/support/ride_rows.hpp"

namespace goloca::test {

rows_of::rows_of() : block_{std::make_shared<store::row_block>(store::rides_schema())} {}

store::row_block& rows_of::valid(const std::string& user) {
  const auto& schema = block_->of();
  block_->begin_row();
  block_->set_text(schema.find("user_id"), user);
  block_->set_text(schema.find("vehicle_model_id"), "12");
  return *block_;
}

rows_of& rows_of::point(std::int64_t id, const std::string& user) {
  valid(user).set_integer(block_->of().key(), id);
  return *this;
}

rows_of& rows_of::points(std::int64_t first_id, std::uint32_t count) {
  for (std::uint32_t i = 0; i < count; ++i) point(first_id + i);
  return *this;
}

rows_of& rows_of::assigned(std::int64_t id) {
  valid("user").assign_id(id);
  return *this;
}

rows_of& rows_of::invalid(const std::string& why) {
  block_->begin_row();
  block_->mark_invalid({why, {}, {}});
  return *this;
}

store::row_range rows_of::range() const {
  return {block_, 0, static_cast<std::uint32_t>(block_->size())};
}

store::row_range ride_range(std::initializer_list<std::int64_t> ids) {
  rows_of made;
  for (auto id : ids) made.point(id);
  return made;
}

store::row_range ride_range(std::int64_t first_id, std::uint32_t count) {
  return rows_of{}.points(first_id, count);
}

std::vector<std::int64_t> ids_of(const store::row_range& rows) {
  std::vector<std::int64_t> ids;
  for (std::uint32_t i = 0; i < rows.count; ++i) ids.push_back(rows[i].id());
  return ids;
}

} // namespace goloca::test
