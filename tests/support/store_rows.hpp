#pragma once
// Rows for the stores' tests.

#include "store/data_point_store.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace goloca::test {

/// A block to which a test adds rows, and views of them for a store.
class rows {
public:
  explicit rows(std::shared_ptr<const store::schema> of);

  /// Opens a row of that id; the setters write to it, by the member's name.
  rows& add(std::int64_t id);
  rows& integer(const std::string& member, std::int64_t value);
  rows& real(const std::string& member, double value);
  rows& boolean(const std::string& member, bool value);
  rows& text(const std::string& member, std::string_view value);

  /// A ride of that id and user, other members null.
  rows& ride(std::int64_t id, std::string_view user = "17712");

  /// Views, good as long as no row is added.
  [[nodiscard]] std::vector<store::row_view> views() const;
  [[nodiscard]] store::row_view operator[](std::size_t row) const { return (*block_)[row]; }
  [[nodiscard]] const std::shared_ptr<store::row_block>& block() const { return block_; }

private:
  [[nodiscard]] std::size_t field(const std::string& member) const;
  std::shared_ptr<store::row_block> block_;
};

/// `count` rides with ids from `first` on.
[[nodiscard]] rows rides(std::int64_t first, std::size_t count);

/// A second schema: other types, another table, required numbers.
extern const char* const sensor_schema_text;
[[nodiscard]] std::shared_ptr<const store::schema> sensor_schema();

/// The schema of a text that is right.
[[nodiscard]] std::shared_ptr<const store::schema> schema_of(std::string_view text);

/// What a call gave, or std::runtime_error with the error's message.
template <class T>
T value(store::result<T> of) {
  if (auto* failed = std::get_if<store::store_error>(&of))
    throw std::runtime_error{"a store_error: " + failed->message};
  return std::get<T>(std::move(of));
}

/// The error that a call gave; throws where it gave none.
template <class T>
store::store_error error(store::result<T> of) {
  if (auto* failed = std::get_if<store::store_error>(&of)) return std::move(*failed);
  throw std::runtime_error{"no store_error where there should be one"};
}

} // namespace goloca::test
