// Any life that a connection may have: whatever comes in whatever order, no point is lost, doubled or out of its turn.
#include "actors/connection_state.hpp"
#include "tests/support/ride_rows.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <random>
#include <string>

namespace goloca::actors {
namespace {

using namespace std::chrono_literals;
using test::rows_of;

/// A client, a pool and a clock that do anything at any time; the same for the same seed.
class random_life {
public:
  explicit random_life(std::uint32_t seed) : random_{seed} {}

  void step() {
    switch (below(8)) {
    case 0:
    case 1:
    case 2:
      return read();
    case 3:
    case 4:
    case 5:
      return answer_some();
    case 6:
      return pass_time();
    default:
      if (below(20) == 0) lose_pool();
    }
  }

  void finish() {
    state_.expire(time_point::max());
    collect();
    report();
  }

  void check() { ASSERT_TRUE(total_.conserved()); }

  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] std::uint64_t read_points() const { return state_.next; }
  [[nodiscard]] const account& total() const { return total_; }

private:
  std::uint32_t below(std::uint32_t limit) { return random_() % limit; }

  void read() {
    rows_of rows;
    for (auto count = below(12); count > 0; --count) {
      auto kind = below(6);
      if (kind == 0)
        rows.invalid();
      else if (kind == 1)
        rows.assigned(next_id_++);
      else
        rows.point(next_id_++);
    }
    hold(state_.take({state_.next, rows, now_ + 1s}));
    collect();
  }

  /// The pool answers a random part of what it holds, one time in ten twice.
  void answer_some() {
    insert_reply reply;
    auto parts = below(4);
    for (std::uint32_t i = 0; i < parts && !held_.empty(); ++i) {
      auto at = std::next(held_.begin(), below(static_cast<std::uint32_t>(held_.size())));
      auto count = 1 + below(at->second);
      auto what = static_cast<verdict>(below(7));
      if (what == verdict::invalid) what = verdict::stored;
      reply.runs.push_back({at->first, count, what, {}});
      if (below(10) == 0) continue;
      if (count < at->second) held_[at->first + count] = at->second - count;
      held_.erase(at->first);
    }
    hold(state_.apply(std::move(reply), [this] { return next_id_++; }));
    collect();
  }

  void pass_time() {
    now_ += std::chrono::milliseconds{below(400)};
    state_.expire(now_);
    collect();
  }

  void lose_pool() {
    held_.clear();
    state_.lose_pool();
    collect();
  }

  void hold(const std::optional<insert_request>& request) {
    if (!request) return;
    for (const auto& run : request->runs) held_[run.first] = run.rows.count;
  }

  void collect() {
    for (const auto& run : state_.release(now_).runs) {
      ASSERT_EQ(run.first, answered_) << "in order, no gap, none twice";
      answered_ += run.count;
    }
    if (below(2) == 0) report(); // it may be asked at any time
  }

  void report() {
    total_ += state_.take_report().change.points;
    ASSERT_FALSE(state_.has_news());
    ASSERT_EQ(total_.received, state_.next);
    ASSERT_EQ(total_.in_flight, state_.next - answered_ - waiting_answered());
  }

  [[nodiscard]] std::uint64_t waiting_answered() const {
    std::uint64_t points = 0;
    for (const auto& run : state_.window) points += run.answer ? run.rows.count : 0;
    return points;
  }

  std::mt19937 random_;
  connection_state state_;
  time_point now_{};
  std::int64_t next_id_ = 1;
  std::map<std::uint64_t, std::uint32_t> held_; // by the pool: first number → count
  account total_;
  std::uint64_t answered_ = 0;
};

TEST(connection_state_random_test, answers_every_point_once_and_conserves_the_account_at_each_step) {
  for (std::uint32_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    random_life life{seed};
    for (auto i = 0; i < 200; ++i) {
      ASSERT_NO_FATAL_FAILURE(life.step());
      ASSERT_NO_FATAL_FAILURE(life.check());
    }
    ASSERT_NO_FATAL_FAILURE(life.finish());
    EXPECT_EQ(life.answered(), life.read_points());
    EXPECT_EQ(life.total().in_flight, 0U);
    EXPECT_EQ(life.total().answered(), life.total().received);
  }
}

} // namespace
} // namespace goloca::actors
