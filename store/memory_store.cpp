#include "store/memory_store.hpp"

#include <stdexcept>
#include <utility>

namespace goloca::store {

void memory_table::script(memory_call in, memory_fault fault) {
  std::scoped_lock lock{mutex_};
  script_[in].push_back(std::move(fault));
}

void memory_table::always(memory_call in, memory_fault fault) {
  std::scoped_lock lock{mutex_};
  always_[in] = std::move(fault);
}

void memory_table::refuse(std::int64_t id, std::string sqlstate, std::string message) {
  std::scoped_lock lock{mutex_};
  refused_[id] = {0, std::move(sqlstate), std::move(message)};
}

void memory_table::on_call(std::function<void(memory_call)> hook) {
  std::scoped_lock lock{mutex_};
  hook_ = std::move(hook);
}

void memory_table::promise(durability what) {
  std::scoped_lock lock{mutex_};
  promise_ = std::move(what);
}

std::size_t memory_table::size() const {
  std::scoped_lock lock{mutex_};
  return rows_.size();
}

std::size_t memory_table::calls(memory_call of) const {
  std::scoped_lock lock{mutex_};
  auto found = calls_.find(of);
  return found == calls_.end() ? 0 : found->second;
}

std::shared_ptr<const row_block> memory_table::row(std::int64_t id) const {
  std::scoped_lock lock{mutex_};
  auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : found->second;
}

void memory_table::erase(std::int64_t id) {
  std::scoped_lock lock{mutex_};
  rows_.erase(id);
}

/// Counts the call, runs the hook, and gives the fault that the call shall have. Throws where the fault says so.
memory_fault memory_table::begin(memory_call call) {
  std::function<void(memory_call)> hook;
  memory_fault fault;
  {
    std::scoped_lock lock{mutex_};
    ++calls_[call];
    hook = hook_;
    auto& scripted = script_[call];
    if (scripted.empty()) {
      fault = always_[call];
    } else {
      fault = std::move(scripted.front());
      scripted.pop_front();
    }
  }
  if (hook) hook(call);
  if (fault.what == memory_fault::kind::exception) throw std::runtime_error{fault.error.message};
  return fault;
}

outcome memory_table::put(row_view point, std::uint32_t index, insert_result& to) {
  if (auto refused = refused_.find(point.id()); refused != refused_.end()) {
    to.refusals.push_back({index, refused->second.sqlstate, refused->second.message});
    return outcome::invalid;
  }
  if (auto found = rows_.find(point.id()); found != rows_.end()) {
    return same_content(point, (*found->second)[0]) ? outcome::duplicate : outcome::conflict;
  }
  auto kept = std::make_shared<row_block>(schema_);
  append_row(*kept, point);
  rows_[point.id()] = std::move(kept);
  return outcome::stored;
}

result<durability> memory_store::prepare() {
  auto fault = table_->begin(memory_call::prepare);
  if (fault.what != memory_fault::kind::none) return fault.error;
  std::scoped_lock lock{table_->mutex_};
  return table_->promise_;
}

result<insert_result> memory_store::insert(std::span<const row_view> points) {
  auto fault = table_->begin(memory_call::insert);
  if (fault.what == memory_fault::kind::before) return fault.error;
  insert_result done;
  {
    std::scoped_lock lock{table_->mutex_};
    for (std::uint32_t i = 0; i < points.size(); ++i) done.outcomes.push_back(table_->put(points[i], i, done));
  }
  if (fault.what == memory_fault::kind::after) return fault.error;
  return done;
}

result<std::shared_ptr<const row_block>> memory_store::find(std::int64_t id) {
  auto fault = table_->begin(memory_call::find);
  if (fault.what != memory_fault::kind::none) return fault.error;
  return table_->row(id);
}

std::optional<store_error> memory_store::probe() {
  auto fault = table_->begin(memory_call::probe);
  if (fault.what != memory_fault::kind::none) return fault.error;
  return std::nullopt;
}

store_opener memory_opener(std::shared_ptr<memory_table> table) {
  return [table = std::move(table)]() -> result<std::unique_ptr<data_point_store>> {
    auto fault = table->begin(memory_call::open);
    if (fault.what != memory_fault::kind::none) return fault.error;
    return std::make_unique<memory_store>(table);
  };
}

} // namespace goloca::store
