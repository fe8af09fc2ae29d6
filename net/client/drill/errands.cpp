#include "net/client/drill/errands.hpp"

namespace goloca::net::drill {

namespace {

constexpr std::uint64_t replay_every = 10;
constexpr std::uint64_t conflict_every = 25;

} // namespace

std::string ride_of(std::int64_t id, std::uint64_t variant) {
  auto n = std::to_string(id);
  auto ride = R"({"id":")" + n + R"(","user_id":"rider )" + n + R"(","vehicle_model_id":)" +
              std::to_string(id % 90 + 1) + R"(,"package_id":)" + std::to_string(id % 7 + 1) +
              R"(,"from_area_id":"83","from_date":)" + std::to_string(1'356'998'400'000 + id % 100'000) +
              R"(,"online_booking":)" + (id % 2 == 0 ? "true" : "false") + R"(,"from_lat":12.5,"from_long":77.)" +
              std::to_string(id % 1'000);
  if (variant > 0) ride += R"(,"to_area_id":"changed )" + std::to_string(variant) + '"';
  return ride + '}';
}

std::optional<client::item> errands::next() {
  std::unique_lock held{lock_};
  // A schedule that was held up (by a full window) goes on from now: a burst would say nothing more.
  due_ = std::max(due_ + interval_, clock::now() - std::chrono::milliseconds{100});
  if (stopped_.wait_until(held, due_, [this] { return stop_; })) return std::nullopt;
  ++count_;
  auto what = acked_.empty()                 ? errand::fresh
              : count_ % conflict_every == 0 ? errand::conflict
              : count_ % replay_every == 0   ? errand::replay
                                             : errand::fresh;
  auto id = what == errand::fresh ? next_id_++ : some_acked();
  client::item made;
  made.line = static_cast<std::uint64_t>(what);
  made.id = std::to_string(id);
  made.text = ride_of(id, what == errand::conflict ? count_ : 0);
  return made;
}

std::int64_t errands::some_acked() {
  return acked_[std::uniform_int_distribution<std::size_t>{0, acked_.size() - 1}(chance_)];
}

void errands::acked(std::int64_t id) {
  std::scoped_lock held{lock_};
  acked_.push_back(id);
}

void errands::stop() {
  std::scoped_lock held{lock_};
  stop_ = true;
  stopped_.notify_all();
}

} // namespace goloca::net::drill
