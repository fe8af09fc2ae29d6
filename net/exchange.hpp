#pragma once
// A session's side of its connection: the points it read and what it owes for them, in order. Owns the credit: a
// mailbox cannot bound itself, so the session stops reading when this says so.

#include "net/actor_bridge.hpp"
#include "net/burst_round.hpp"
#include "net/codec.hpp"
#include "net/net_settings.hpp"

#include <deque>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace goloca::net {

/// What a status is shown as.
enum class status_page : std::uint8_t { metrics, actors, cluster };

/// What was asked of an actor came back as.
using actor_answer = std::variant<actors::find_result, actors::readiness, actors::status_told>;

/// One request or message whose reply is owed. Kept small: there may be as many as MAX_IN_FLIGHT of a connection.
struct owed_reply {
  enum class kind : std::uint8_t { ready, object, array, bulk, question };

  kind what = kind::ready;
  format as = format::json; // of the reply
  bool binary = false;      // WebSocket: answered by a binary message
  bool keep_alive = true;   // HTTP: false closes after it
  bool head_only = false;   // HTTP: HEAD
  bool http_1_0 = false;    // HTTP: keep-alive must be said
  std::string text{};       // ready: the bytes of the reply, complete

  std::uint64_t first = 0;                            // number of its first point
  store::row_range rows{};                            // its points, one row each
  std::span<const actors::verdict_run> verdicts = {}; // on them, once it was popped; good until the next is

  std::uint64_t question = 0;                // its number
  std::unique_ptr<actor_answer> reply{};     // to the question; null: not yet
  status_page status = status_page::metrics; // of a status
};

/// The answers to a reply's points, with their ids' texts. Used again and again, for its memory.
class answer_list {
public:
  /// \param owed  was popped.
  /// \return good until the next call, and as long as `owed` is.
  const std::vector<answer>& of(const owed_reply& owed);

  void trim();

private:
  std::string_view text_of(std::int64_t id);
  std::string ids_;
  std::vector<answer> answers_;
};

/// Where replies are put together. One per I/O thread, kept for its memory.
struct reply_scratch {
  std::string body;
  answer_list answers;

  /// Gives back what only a large reply needs.
  void trim();
};

/// Invariant: every point that was read is in exactly one owed reply, until its reply was popped; in_flight() counts
/// the points from read to written. One thread.
class exchange : public std::enable_shared_from_this<exchange> {
public:
  exchange(decoder& reader, std::shared_ptr<const store::schema> of, const net_settings& settings,
           std::shared_ptr<actor_link> link, burst_round& round);

  // -- reading

  /// May more be read? Not at the bound of points or requests in flight.
  [[nodiscard]] bool has_credit() const;

  /// Decodes one text and owes its reply: `how` says which (kind object, array or bulk is set from what the text is).
  /// \throw std::bad_alloc  nothing of it was read, no reply is owed.
  void add_points(format text_format, std::string_view text, shape expected, owed_reply how);
  void add(owed_reply ready); // kind ready
  void ask_store(std::int64_t id, owed_reply how);
  void ask_readiness(owed_reply how);
  void ask_status(owed_reply how);

  /// Hands what was read since the last time to the connection actor, as one burst, as far as credit goes.
  void flush();

  /// The same, together with what other sessions read in this turn of the I/O thread.
  void flush_soon();

  // -- answers

  void apply(actors::insert_reply reply);
  void apply(actors::find_result found);
  void apply(actors::readiness ready);
  void apply(actors::status_told status);

  /// The connection is a WebSocket from now on. Nothing is owed.
  void become_websocket() {
    is_websocket_ = true;
    link_->send(actors::became_websocket{});
  }

  [[nodiscard]] bool front_done() const { return !owed_.empty() && is_done(owed_.front()); }
  owed_reply pop_front(); // which is done
  [[nodiscard]] bool idle() const { return owed_.empty(); }

  [[nodiscard]] std::size_t in_flight() const { return in_flight_; }
  /// Bytes of blocks and ready replies.
  [[nodiscard]] std::size_t memory() const { return memory_ + (filling_ ? filling_->memory() : 0); }
  [[nodiscard]] actor_link& link() { return *link_; }
  [[nodiscard]] std::chrono::milliseconds request_timeout() const { return settings_->request_timeout; }

private:
  struct backlog {
    std::uint64_t first;
    store::row_range points;
    actors::time_point deadline;
  };
  struct held_block {
    std::uint64_t end; // number after its last point
    std::size_t bytes;
  };
  void submit();
  [[nodiscard]] bool is_done(const owed_reply& one) const;
  void take_verdicts(std::uint32_t points);
  void answer_question(std::uint64_t number, actor_answer reply);

  decoder* reader_;
  std::shared_ptr<const store::schema> schema_;
  const net_settings* settings_;
  std::shared_ptr<actor_link> link_;
  burst_round* round_;
  bool is_websocket_ = false;
  bool enlisted_ = false;                     // in the round
  std::shared_ptr<store::row_block> filling_; // rows read since the last flush
  std::deque<owed_reply> owed_;
  std::deque<backlog> backlog_;              // read, and not handed on for lack of credit
  std::deque<held_block> blocks_;            // that owed replies still refer to
  std::size_t rows_at_once_ = 0;             // in the last block
  std::deque<actors::verdict_run> verdicts_; // in the order of the points, without those of replies that were popped
  std::vector<actors::verdict_run> front_verdicts_; // of the reply that was popped last
  std::uint64_t settled_ = 0;                       // points below this number have their verdicts
  std::uint64_t next_number_ = 0;
  std::uint64_t next_question_ = 1;
  std::size_t in_flight_ = 0; // handed to the connection, not answered yet
  std::size_t memory_ = 0;
};

} // namespace goloca::net
