#pragma once
// A writer pool that stores nothing: it keeps what it is sent, and says what the test tells it to.

#include "actors/messages.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace goloca::test {

struct fake_pool_log {
  std::vector<actors::insert_request> requests{};
  std::vector<caf::strong_actor_ptr> clients{};      // who sent requests[i]
  std::vector<actors::db_writer> ready{};            // each writer_ready
  std::vector<actors::writer_capacity> capacities{}; // of these
  std::vector<actors::db_writer> leaving{};          // each writer_leaving
  std::vector<std::string> missing{};                // each writers_missing
  std::function<actors::find_result(std::int64_t id)> find{};
  std::uint32_t writers = 1; // what a readiness_query is told
};

/// Answers a readiness_query with log->writers, and a find_request as log->find does; never, where there is none.
actors::writer_pool::behavior_type run_fake_pool(actors::writer_pool::stateful_pointer<caf::unit_t> self,
                                                 std::shared_ptr<fake_pool_log> log);

} // namespace goloca::test
