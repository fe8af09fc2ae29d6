#pragma once
// A client without a socket: what a session does with its connection, and everything that it hears.

#include "actors/messages.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace goloca::test {

/// Keeps what came by its reply port. The port may be called from any thread and outlive the client.
class fake_client {
public:
  [[nodiscard]] actors::reply_port port();

  /// Sends the rows as the next burst. There must be a connection.
  void send(store::row_range points, actors::time_point deadline);

  [[nodiscard]] actors::connection connection() const; // null: not opened
  [[nodiscard]] bool refused() const;
  [[nodiscard]] bool told_to_drain() const;

  [[nodiscard]] std::uint64_t sent() const;
  [[nodiscard]] std::vector<actors::verdict> verdicts() const; // one a point, in the order they came
  [[nodiscard]] std::vector<actors::verdict_run> runs() const;
  [[nodiscard]] std::vector<actors::find_result> found() const;
  [[nodiscard]] std::vector<actors::readiness> readiness() const;
  [[nodiscard]] std::vector<actors::status_told> status() const;

  /// Waits until so many points are answered; false: they were not within `patience` (real time).
  [[nodiscard]] bool await_answers(std::uint64_t points, std::chrono::nanoseconds patience) const;

  /// Waits for a connection; false: there was none within `patience` (real time).
  [[nodiscard]] bool await_connection(std::chrono::nanoseconds patience) const;

  /// The answers came in the order of the points' numbers, without gap or repeat.
  [[nodiscard]] bool in_order() const;

private:
  struct heard {
    mutable std::mutex mutex;
    mutable std::condition_variable news;
    actors::connection handle;
    bool refused = false;
    bool drained = false;
    std::uint64_t sent = 0;
    std::uint64_t answered = 0;
    std::vector<actors::verdict_run> runs;
    std::vector<actors::find_result> found;
    std::vector<actors::readiness> readiness;
    std::vector<actors::status_told> status;

    void note(actors::port_event event);
    void keep(actors::insert_reply reply);
  };
  std::shared_ptr<heard> heard_ = std::make_shared<heard>();
};

} // namespace goloca::test
