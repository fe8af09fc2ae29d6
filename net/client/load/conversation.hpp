#pragma once
// What is said and heard on one connection: messages as window and pace allow, and what their replies come to. No
// socket and no clock here.

#include "net/client/load/acked_ids.hpp"
#include "net/client/load/pace.hpp"
#include "net/client/load/reply_scanner.hpp"
#include "net/client/load/tally.hpp"
#include "net/client/load/wire.hpp"

#include <boost/circular_buffer.hpp>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace goloca::net::load {

/// What all conversations of a run share; one thread has them all.
struct shared_parts {
  const wire& speaks;
  pace& when;
  reply_scanner& scanner;
  tally& warm_up; // of the messages that were due before counted.from()
  tally& counted;
};

struct conversation_options {
  std::size_t index = 0; // among all
  std::size_t of = 1;    // how many there are
  std::size_t window = 1;
  std::uint64_t first_id = 1;
  std::uint64_t end_id = 0; // behind the last that it may use
  double replays = 0;
};

/// Invariant: the k-th reply belongs to the front of in_flight_, for replies come in the order of messages.
class conversation {
public:
  conversation(shared_parts with, const conversation_options& options);

  /// Appends what may be sent at `now`, as long as `out` has less than `most` bytes.
  void speak(time_point now, std::string& out, std::size_t most);

  /// Open loop: one more of its messages is due.
  void add_due() { ++due_; }

  struct heard {
    std::size_t used = 0;    // of the bytes; the rest is the beginning of something
    std::string broken = {}; // why the connection is of no more use; empty: it is
  };
  /// \param out  gets what must be answered at once.
  heard listen(std::string_view bytes, time_point now, std::string& out);

  /// The connection is gone, or nobody waits any longer: what is in flight has no answer.
  void give_up();

  [[nodiscard]] std::size_t in_flight() const { return in_flight_.size(); } // messages
  [[nodiscard]] std::uint64_t behind() const { return due_ - said_; }       // open loop: messages due but not sent
  [[nodiscard]] const acked_ids& acked() const { return acked_; }

private:
  struct message {
    ride_range rides;
    bool replay;
    time_point due;
  };

  [[nodiscard]] bool may_speak(time_point now) const;
  void say(time_point due, std::string& out);
  ride_range choose(std::size_t count, bool& replay);
  void settle(const message& sent, const incoming& reply, time_point now);
  void settle_each(const message& sent, time_point now);
  tally& tally_of(const message& sent) { return sent.due < with_.counted.from() ? with_.warm_up : with_.counted; }

  shared_parts with_;
  std::size_t index_;
  std::size_t of_;
  std::uint64_t next_id_;
  std::uint64_t end_id_;
  double replays_;
  double owed_replays_;                       // spread over the connections, so that rare ones come, too
  std::uint64_t due_ = 0;                     // open loop: messages
  std::uint64_t said_ = 0;                    // messages
  boost::circular_buffer<message> in_flight_; // oldest first
  acked_ids acked_;
  std::minstd_rand chance_;
};

} // namespace goloca::net::load
