#include "store/unsettled_points.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>
#include <utility>

namespace goloca::store {

unsettled_points::unsettled_points(std::span<const row_view> points) : points_{points}, waiting_(points.size()) {
  result_.outcomes.resize(points.size(), outcome::invalid);
  std::iota(waiting_.begin(), waiting_.end(), 0);
  std::ranges::sort(waiting_, {}, [this](std::uint32_t at) { return std::pair{points_[at].id(), at}; });
  lead();
}

void unsettled_points::lead() {
  leaders_.clear();
  groups_.clear();
  for (std::uint32_t i = 0; i < waiting_.size(); ++i) {
    auto point = points_[waiting_[i]];
    if (!leaders_.empty() && leaders_.back().id() == point.id()) continue;
    leaders_.push_back(point);
    groups_.push_back(i);
  }
  groups_.push_back(static_cast<std::uint32_t>(waiting_.size()));
}

std::size_t unsettled_points::leader_of(std::int64_t id) const {
  auto found = std::ranges::lower_bound(leaders_, id, {}, &row_view::id);
  assert(found != leaders_.end() && found->id() == id && "an id that was not sent");
  return static_cast<std::size_t>(found - leaders_.begin());
}

std::span<const std::uint32_t> unsettled_points::repeats(std::size_t leader) const {
  auto first = groups_[leader] + 1;
  return std::span{waiting_}.subspan(first, groups_[leader + 1] - first);
}

void unsettled_points::stored(std::size_t leader) {
  settle(waiting_[groups_[leader]], outcome::stored);
  for (auto repeat : repeats(leader)) {
    settle(repeat, same_content(points_[repeat], leaders_[leader]) ? outcome::duplicate : outcome::conflict);
  }
}

void unsettled_points::taken(std::size_t leader, row_view by) {
  settle(waiting_[groups_[leader]], same_content(leaders_[leader], by) ? outcome::duplicate : outcome::conflict);
  for (auto repeat : repeats(leader)) {
    settle(repeat, same_content(points_[repeat], by) ? outcome::duplicate : outcome::conflict);
  }
}

void unsettled_points::refused(std::size_t leader, const std::string& sqlstate, const std::string& message) {
  result_.refusals.push_back({waiting_[groups_[leader]], sqlstate, message}); // outcomes are `invalid` from the start
  for (auto repeat : repeats(leader)) {
    if (same_content(points_[repeat], leaders_[leader])) {
      result_.refusals.push_back({repeat, sqlstate, message});
    } else {
      later_.push_back(repeat);
    }
  }
}

bool unsettled_points::next_round() {
  waiting_ = std::exchange(later_, {});
  std::ranges::sort(waiting_, {}, [this](std::uint32_t at) { return std::pair{points_[at].id(), at}; });
  lead();
  return !waiting_.empty();
}

insert_result unsettled_points::take() {
  std::ranges::sort(result_.refusals, {}, &refusal::index);
  return std::move(result_);
}

} // namespace goloca::store
