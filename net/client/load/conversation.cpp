#include "net/client/load/conversation.hpp"

namespace goloca::net::load {

using kind = point_verdict::kind;

conversation::conversation(shared_parts with, const conversation_options& options)
    : with_{with}, index_{options.index}, of_{options.of}, next_id_{options.first_id}, end_id_{options.end_id},
      replays_{options.replays}, owed_replays_{options.replays > 0 ? static_cast<double>(options.index) /
                                                                         static_cast<double>(options.of)
                                                                   : 0},
      in_flight_{options.window}, chance_{static_cast<std::minstd_rand::result_type>(options.index + 1)} {}

// -- speaking ---------------------------------------------------------------------------------------

bool conversation::may_speak(time_point now) const {
  if (in_flight_.full() || next_id_ >= end_id_ || with_.when.is_over(now)) return false;
  return !with_.when.is_open_loop() || said_ < due_;
}

void conversation::speak(time_point now, std::string& out, std::size_t most) {
  while (out.size() < most && may_speak(now))
    say(with_.when.is_open_loop() ? with_.when.intended(said_ * of_ + index_) : now, out);
}

void conversation::say(time_point due, std::string& out) {
  message made{{}, false, due};
  made.rides = choose(with_.when.take(), made.replay);
  with_.speaks.append(made.rides, out);
  tally_of(made).add_sent(made.rides.count);
  in_flight_.push_back(made);
  ++said_;
}

/// The ids of the next message. When a replay is due but nothing fits, it stays owed.
ride_range conversation::choose(std::size_t count, bool& replay) {
  owed_replays_ += replays_;
  if (owed_replays_ >= 1) {
    if (auto again = acked_.pick(count, chance_)) {
      owed_replays_ -= 1;
      replay = true;
      return {*again, count};
    }
  }
  ride_range fresh{next_id_, count};
  next_id_ += count;
  return fresh;
}

// -- listening --------------------------------------------------------------------------------------

conversation::heard conversation::listen(std::string_view bytes, time_point now, std::string& out) {
  heard so_far;
  for (;;) {
    auto next = with_.speaks.next(bytes.substr(so_far.used), out);
    if (next.what == incoming::kind::partial) return so_far;
    so_far.used += next.size;
    if (next.what == incoming::kind::broken) so_far.broken = std::move(next.why);
    if (next.what == incoming::kind::reply && in_flight_.empty()) so_far.broken = "the service sent a reply to nothing";
    if (!so_far.broken.empty()) return so_far;
    if (next.what != incoming::kind::reply) continue;
    settle(in_flight_.front(), next, now);
    in_flight_.pop_front();
  }
}

void conversation::settle(const message& sent, const incoming& reply, time_point now) {
  auto shape = with_.scanner.scan(reply.body);
  const auto& verdicts = with_.scanner.verdicts();
  auto count = sent.rides.count;
  if (shape != reply_scanner::shape::unreadable && verdicts.size() == count) return settle_each(sent, now);
  auto refused = shape == reply_scanner::shape::one && verdicts.front().what == kind::failed;
  if (refused) return tally_of(sent).add_failed(verdicts.front().code, count, now); // the array as a whole
  auto status = reply.status == 0 ? "" : "_" + std::to_string(reply.status);
  tally_of(sent).add_failed("unreadable" + status, count, now);
}

void conversation::settle_each(const message& sent, time_point now) {
  auto& counts = tally_of(sent);
  std::size_t stored = 0, duplicates = 0;
  auto id = sent.rides.first;
  for (const auto& verdict : with_.scanner.verdicts()) {
    auto expected = verdict.id == id || (verdict.id == 0 && verdict.what == kind::failed);
    if (!expected) {
      counts.add_failed("misordered", 1, now);
    } else if (verdict.what == kind::failed) {
      counts.add_failed(verdict.code, 1, now);
    } else {
      ++(verdict.what == kind::stored ? stored : duplicates);
      if (!sent.replay) acked_.add(id);
    }
    ++id;
  }
  if (stored + duplicates > 0) counts.add_success(stored, duplicates, now - sent.due, now);
}

void conversation::give_up() {
  for (const auto& sent : in_flight_) tally_of(sent).add_unanswered(sent.rides.count);
  in_flight_.clear();
}

} // namespace goloca::net::load
