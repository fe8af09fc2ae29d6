#pragma once
// The points that a run sends: new ones on a fixed schedule, and among them some that were acked before, sent again on
// purpose as they were (to be answered as duplicates) or changed (to be answered as conflicts).

#include "net/client/drill/waiting.hpp"
#include "net/client/point_source.hpp"

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace goloca::net::drill {

/// What a point is sent for. Stands in its item's `line`, by which the answer is told apart.
enum class errand : std::uint64_t { fresh, replay, conflict };

/// Any thread.
class errands {
public:
  /// \param first_id  the ids count from here. \param rate  points/s
  errands(std::int64_t first_id, double rate, unsigned seed)
      : next_id_{first_id}, interval_{std::chrono::duration_cast<clock::duration>(
                                std::chrono::duration<double>{1 / rate})},
        due_{clock::now()}, chance_{seed} {}

  /// The next point, once it is time for it; nothing once they were stopped.
  std::optional<client::item> next();

  void acked(std::int64_t id); // a fresh one was: from now on it may be sent again
  void stop();

private:
  std::int64_t some_acked();

  std::mutex lock_;
  std::condition_variable stopped_;
  bool stop_ = false;
  std::int64_t next_id_;
  std::uint64_t count_ = 0;
  clock::duration interval_;
  time_point due_;
  std::minstd_rand chance_;
  std::vector<std::int64_t> acked_;
};

/// The errands as a sending reads them.
class errand_source final : public client::point_source {
public:
  explicit errand_source(std::shared_ptr<errands> from) : from_{std::move(from)} {}
  std::optional<client::item> next() override { return from_->next(); }
  [[nodiscard]] std::uint64_t consumed() const override { return 0; }

private:
  std::shared_ptr<errands> from_;
};

/// \param variant  0: as it is first sent; else with another content.
std::string ride_of(std::int64_t id, std::uint64_t variant);

} // namespace goloca::net::drill
