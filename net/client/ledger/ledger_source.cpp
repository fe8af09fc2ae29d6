#include "net/client/ledger/ledger_source.hpp"

#include <utility>

namespace goloca::net::client {

namespace {

std::string without_own_id(const item& point) {
  auto text = point.text;
  if (point.own_id_at != std::string::npos) text.erase(point.own_id_at, point.id.size());
  return text;
}

} // namespace

ledger_source::ledger_source(std::unique_ptr<point_source> from, std::shared_ptr<const store::schema> of,
                             std::shared_ptr<const ledger_book> before,
                             std::shared_ptr<std::atomic<std::uint64_t>> skipped)
    : from_{std::move(from)}, schema_{std::move(of)}, before_{std::move(before)}, skipped_{std::move(skipped)},
      decoder_{schema_, false, unused_ids_} {
  for (const auto& [point, entry] : before_->points()) {
    // A refused one is not given again: that id was another's.
    if (entry.id_given && entry.state != point_state::refused) given_[point.content].push_back(point.id);
  }
}

std::optional<item> ledger_source::next() {
  while (auto read = from_->next()) {
    if (!read->fault.empty() || !identify(*read)) return read;
    ++*skipped_;
  }
  return std::nullopt;
}

/// Gives it digest and id. \return whether it was acknowledged before.
bool ledger_source::identify(item& point) {
  store::row_block rows{schema_};
  decoder_.decode(format::json, point.text, shape::object, rows);
  auto row = rows[0];
  auto id = row.valid() ? row.id() : 0;
  point.content = row.valid() ? digest_of(row) : digest_of(without_own_id(point));
  if (point.own_id_at != std::string::npos) {
    give_earlier_id(point, id);
  } else if (row.valid()) {
    point.id = std::to_string(id); // as the reply will have it: the input may say 7.0
  }
  return before_->acked({id, point.content});
}

void ledger_source::give_earlier_id(item& point, std::int64_t& id) {
  auto ids = given_.find(point.content);
  if (ids == given_.end() || ids->second.empty()) return;
  id = ids->second.back();
  ids->second.pop_back();
  auto digits = std::to_string(id);
  point.text.replace(point.own_id_at, point.id.size(), digits);
  point.id = std::move(digits);
}

} // namespace goloca::net::client
