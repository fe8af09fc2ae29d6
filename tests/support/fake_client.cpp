#include "tests/support/fake_client.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace goloca::test {

void fake_client::heard::note(actors::port_event event) {
  std::scoped_lock lock{mutex};
  std::visit(
      [this](auto& said) {
        using said_type = std::decay_t<decltype(said)>;
        if constexpr (std::is_same_v<said_type, actors::connection_opened>)
          handle = std::move(said.handle);
        else if constexpr (std::is_same_v<said_type, actors::connection_refused>)
          refused = true;
        else if constexpr (std::is_same_v<said_type, actors::insert_reply>)
          keep(std::move(said));
        else if constexpr (std::is_same_v<said_type, actors::find_result>)
          found.push_back(std::move(said));
        else if constexpr (std::is_same_v<said_type, actors::readiness>)
          readiness.push_back(std::move(said));
        else if constexpr (std::is_same_v<said_type, actors::status_told>)
          status.push_back(std::move(said));
        else
          drained = true;
      },
      event);
  news.notify_all();
}

void fake_client::heard::keep(actors::insert_reply reply) {
  for (auto& run : reply.runs) {
    answered += run.count;
    runs.push_back(std::move(run));
  }
}

actors::reply_port fake_client::port() {
  return [weak = std::weak_ptr<heard>{heard_}](actors::port_event event) {
    if (auto here = weak.lock()) here->note(std::move(event));
  };
}

void fake_client::send(store::row_range points, actors::time_point deadline) {
  auto count = points.count;
  auto first = std::exchange(heard_->sent, heard_->sent + count);
  caf::anon_send(connection(), actors::burst{first, std::move(points), deadline});
}

actors::connection fake_client::connection() const {
  std::scoped_lock lock{heard_->mutex};
  return heard_->handle;
}

bool fake_client::refused() const {
  std::scoped_lock lock{heard_->mutex};
  return heard_->refused;
}

bool fake_client::told_to_drain() const {
  std::scoped_lock lock{heard_->mutex};
  return heard_->drained;
}

std::uint64_t fake_client::sent() const {
  return heard_->sent;
}

std::vector<actors::verdict_run> fake_client::runs() const {
  std::scoped_lock lock{heard_->mutex};
  return heard_->runs;
}

std::vector<actors::verdict> fake_client::verdicts() const {
  std::vector<actors::verdict> all;
  for (const auto& run : runs()) all.insert(all.end(), run.count, run.what);
  return all;
}

std::vector<actors::find_result> fake_client::found() const {
  std::scoped_lock lock{heard_->mutex};
  return heard_->found;
}

std::vector<actors::readiness> fake_client::readiness() const {
  std::scoped_lock lock{heard_->mutex};
  return heard_->readiness;
}

std::vector<actors::status_told> fake_client::status() const {
  std::scoped_lock lock{heard_->mutex};
  return heard_->status;
}

bool fake_client::await_answers(std::uint64_t points, std::chrono::nanoseconds patience) const {
  std::unique_lock lock{heard_->mutex};
  return heard_->news.wait_for(lock, patience, [&] { return heard_->answered >= points; });
}

bool fake_client::await_connection(std::chrono::nanoseconds patience) const {
  std::unique_lock lock{heard_->mutex};
  return heard_->news.wait_for(lock, patience, [&] { return static_cast<bool>(heard_->handle); });
}

bool fake_client::in_order() const {
  std::uint64_t next = 0;
  for (const auto& run : runs()) {
    if (run.first != next || run.count == 0) return false;
    next += run.count;
  }
  return true;
}

} // namespace goloca::test
