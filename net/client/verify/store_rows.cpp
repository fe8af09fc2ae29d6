#include "net/client/verify/store_rows.hpp"

#include "store/row_reader.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>

namespace goloca::net::client {

namespace {

constexpr std::size_t ids_at_once = 1'000;

using rows_or_fault = std::variant<found_rows, std::string>;

/// Notes what the rows say. \return the last id; nothing when there was no row.
std::optional<std::int64_t> note(const store::row_block& from, found_rows& to) {
  for (std::size_t i = 0; i < from.size(); ++i) to[from[i].id()] = digest_of(from[i]);
  return from.empty() ? std::nullopt : std::optional{from[from.size() - 1].id()};
}

/// Opens a reader and has `read` fill the rows with it: that returns why it cannot go on, or nothing.
template <class Read>
rows_or_fault with_reader(const store::store_settings& from, const std::shared_ptr<const store::schema>& of,
                          Read read) {
  auto opened = store::open_reader(from, of);
  if (auto* failed = std::get_if<store::store_error>(&opened)) return failed->message;
  found_rows found;
  std::optional<store::store_error> failed = read(*std::get<std::unique_ptr<store::row_reader>>(opened), found);
  if (failed) return failed->message;
  return found;
}

} // namespace

rows_or_fault rows_of_store(const store::store_settings& from, const std::vector<std::int64_t>& ids,
                            const std::shared_ptr<const store::schema>& of) {
  auto read = [&ids](store::row_reader& reader, found_rows& to) -> std::optional<store::store_error> {
    for (std::span<const std::int64_t> rest{ids}; !rest.empty();) {
      auto asked = rest.first(std::min(rest.size(), ids_at_once));
      rest = rest.subspan(asked.size());
      auto got = reader.find(asked);
      if (auto* failed = std::get_if<store::store_error>(&got)) return *failed;
      note(*std::get<std::shared_ptr<const store::row_block>>(got), to);
    }
    return std::nullopt;
  };
  return with_reader(from, of, read);
}

rows_or_fault all_rows_of_store(const store::store_settings& from, const std::shared_ptr<const store::schema>& of) {
  auto read = [](store::row_reader& reader, found_rows& to) -> std::optional<store::store_error> {
    for (std::optional<std::int64_t> last = INT64_MIN; last;) {
      auto got = reader.after(*last);
      if (auto* failed = std::get_if<store::store_error>(&got)) return *failed;
      last = note(*std::get<std::shared_ptr<const store::row_block>>(got), to);
    }
    return std::nullopt;
  };
  return with_reader(from, of, read);
}

} // namespace goloca::net::client
