#pragma once
// What the sessions of one I/O thread read in one turn of its loop, handed to the actors together.

#include "net/executor.hpp"

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace goloca::net {

class exchange;

/// One per I/O thread, used on it. The actors' thread sleeps when it has nothing to do, and each message that finds it
/// asleep pays for waking it. So bursts are kept until every socket that was ready has been read: the thread is woken
/// once, and the writer pool sees them all before it makes a batch.
class burst_round {
public:
  explicit burst_round(const executor& on) : executor_{on} {}

  /// Flushes `reader` once everything that is ready now was done.
  void enlist(std::shared_ptr<exchange> reader);

  /// A WebSocket was read.
  void count_read() { ++reads_; }
  /// How often since the last call.
  std::size_t take_reads() { return std::exchange(reads_, 0); }

private:
  void end();

  executor executor_;
  std::vector<std::shared_ptr<exchange>> readers_;
  std::vector<std::shared_ptr<exchange>> ending_; // a member for its memory
  bool end_is_posted_ = false;
  std::size_t reads_ = 0;
};

} // namespace goloca::net
