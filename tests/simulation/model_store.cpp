#include "tests/simulation/model_store.hpp"

#include "store/stepwise_insert.hpp"
#include "store/unsettled_points.hpp"

#include <algorithm>
#include <stdexcept>

namespace goloca::simulation {

using store::error_kind;
using store::row_view;
using store::store_error;

namespace {

store_error silence() {
  return {error_kind::unavailable, "", "the database is silent"};
}

std::string milliseconds(nanoseconds time) {
  return std::to_string(time / std::chrono::milliseconds{1}) + " ms";
}

} // namespace

std::string to_string(const fault& which) {
  using kind = fault::kind;
  switch (which.what) {
  case kind::none:
    return "nothing";
  case kind::lost_before:
    return "the connection breaks before the commit";
  case kind::lost_after:
    return "the connection breaks after the commit";
  case kind::slow:
    return "the commit takes " + milliseconds(which.wait);
  case kind::slow_answer:
    return "the answer takes " + milliseconds(which.wait);
  case kind::hang:
    return "silence";
  case kind::late_commit:
    return "silence, and a commit " + milliseconds(which.wait) + " later";
  case kind::crash:
    return "an exception before the commit";
  case kind::crash_after:
    return "an exception after the commit";
  case kind::unknown:
    return "an unknown error";
  }
  return "?";
}

/// One writer's connection. An insert in steps may wait for its socket, and for a thread, before it is what an insert
/// in one call is.
class model_store final : public store::data_point_store, private store::stepwise_insert {
public:
  explicit model_store(std::shared_ptr<model_table> table)
      : table_{std::move(table)}, number_{++table_->connections_} {}
  ~model_store() override { table_->model_.gone(number_, table_->stage_.now()); }

  store::result<store::durability> prepare() override {
    if (auto lost = table_->answer_late()) return *lost;
    rest();
    return store::durability{true, "model: as long as the simulation"};
  }

  store::result<store::insert_result> insert(std::span<const row_view> points) override {
    for (const auto& each : points) table_->model_.works(number_, content_of(each), table_->stage_.now());
    auto done = table_->insert(points);
    rest();
    return done;
  }

  store::result<std::shared_ptr<const store::row_block>> find(std::int64_t id) override {
    if (auto lost = table_->answer_late()) return *lost;
    auto at = table_->rows_.find(id);
    return at == table_->rows_.end() ? nullptr : at->second;
  }

  std::optional<store_error> probe() override { return table_->answer_late(); }
  stepwise_insert* in_steps() override { return this; }

private:
  [[nodiscard]] int socket() const override { return 0; }
  bool begin(std::span<const row_view> points) override {
    auto& random = table_->stage_.random;
    if (random.once_in(8)) return false;
    begun_.assign(points.begin(), points.end());
    waits_ = random.between(0, 3);
    return true;
  }
  store::insert_step proceed() override {
    auto& random = table_->stage_.random;
    if (waits_ > 0) {
      --waits_;
      return random.once_in(4) ? store::socket_event::writable : store::socket_event::readable;
    }
    if (random.once_in(6)) return store::needs_thread{};
    auto done = insert(begun_);
    if (auto* lost = std::get_if<store_error>(&done)) return std::move(*lost);
    return std::move(std::get<store::insert_result>(done));
  }
  store::result<store::insert_result> finish() override { return insert(begun_); }

  void rest() { table_->model_.rests(number_, table_->stage_.now()); }

  std::shared_ptr<model_table> table_;
  std::uint64_t number_;
  std::vector<row_view> begun_;
  std::uint64_t waits_ = 0; // of the insert in steps
};

store::store_opener model_table::opener() {
  return [table = shared_from_this()]() -> store::result<std::unique_ptr<store::data_point_store>> {
    if (auto lost = table->answer_late()) return *lost;
    return std::make_unique<model_store>(table);
  };
}

void model_table::mend() {
  faults_.clear();
  poison_.clear();
  away_until_ = time_point::min();
}

void model_table::compare() const {
  for (const auto& [id, row] : rows_) {
    const auto* kept = model_.content(id);
    if (!kept || content_of((*row)[0]) != *kept) model_.breaks("1 durable: row " + std::to_string(id) + " changed");
  }
}

bool model_table::take_time(nanoseconds wait) {
  stage_.block_for(std::min(wait, call_patience_));
  return wait < call_patience_;
}

std::optional<store_error> model_table::answer_late() {
  auto& random = stage_.random;
  if (random.once_in(2)) take_time(std::chrono::microseconds{random.between(10, random.once_in(8) ? 30'000 : 2'000)});
  if (stage_.now() >= away_until_) return std::nullopt;
  return store_error{away_because_, "08006", "the database is away"};
}

fault model_table::next_fault() {
  if (faults_.empty()) return {};
  auto next = faults_.front();
  faults_.pop_front();
  if (stage_.traces()) stage_.note("an insert fails: " + to_string(next));
  return next;
}

store::result<store::insert_result> model_table::insert(std::span<const row_view> points) {
  using kind = fault::kind;
  if (points.empty() || points.size() > max_batch_) {
    model_.breaks("5 bounded: a batch of " + std::to_string(points.size()) + " points");
  }
  auto meddled = next_fault();
  if (auto lost = answer_late()) return *lost;
  auto poisoned = [this](const row_view& each) { return poison_.contains(each.id()); };
  if (meddled.what == kind::unknown || std::ranges::any_of(points, poisoned)) {
    return store_error{error_kind::unknown, "XX000", "nobody knows"};
  }
  if (meddled.what == kind::lost_before) return store_error{error_kind::unavailable, "08006", "the line is dead"};
  if (meddled.what == kind::crash) throw std::runtime_error{"a bug"};
  if (meddled.what == kind::late_commit) commit_later(points, call_patience_ + meddled.wait);
  if (meddled.what == kind::hang || meddled.what == kind::late_commit) return take_time(call_patience_), silence();
  if (meddled.what == kind::slow && !take_time(meddled.wait)) return silence();
  auto done = commit(points);
  if (meddled.what == kind::slow_answer && !take_time(meddled.wait)) return silence();
  if (meddled.what == kind::lost_after) return store_error{error_kind::unavailable, "08006", "the line is dead"};
  if (meddled.what == kind::crash_after) throw std::runtime_error{"a bug"};
  if (auto lost = answer_late()) return *lost;
  return done;
}

/// One transaction. What is folded, a duplicate or a conflict is the real stores' own reckoning.
store::insert_result model_table::commit(std::span<const row_view> points) {
  store::unsettled_points left{points};
  do {
    for (std::size_t i = 0; i < left.leaders().size(); ++i) {
      auto point = left.leaders()[i];
      if (refused_.contains(point.id())) {
        left.refused(i, "22001", "the data is wrong");
      } else if (auto there = rows_.find(point.id()); there != rows_.end()) {
        left.taken(i, (*there->second)[0]);
      } else {
        auto kept = std::make_shared<store::row_block>(store::rides_schema());
        store::append_row(*kept, point);
        rows_[point.id()] = std::move(kept);
        model_.committed(point.id(), content_of(point), stage_.now());
        if (stage_.traces()) stage_.note("stored: " + std::to_string(point.id()) + ", " + content_of(point));
        left.stored(i);
      }
    }
  } while (left.next_round());
  return left.take();
}

void model_table::commit_later(std::span<const row_view> points, nanoseconds wait) {
  auto kept = std::make_shared<store::row_block>(store::rides_schema());
  for (const auto& each : points) store::append_row(*kept, each);
  stage_.after(wait, "the database commits what it was silent about", [table = shared_from_this(), kept] {
    std::vector<row_view> again;
    for (std::size_t i = 0; i < kept->size(); ++i) again.push_back((*kept)[i]);
    table->commit(again);
  });
}

} // namespace goloca::simulation
