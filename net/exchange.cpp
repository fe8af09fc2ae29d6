#include "net/exchange.hpp"

#include "store/fault.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net {

namespace {

constexpr std::size_t most_reserved = 16; // rows: what is reserved and not needed is held until the replies are out
constexpr std::size_t answers_kept = 1'000;
constexpr std::size_t body_kept = 256 << 10;

} // namespace

const std::vector<answer>& answer_list::of(const owed_reply& owed) {
  constexpr std::size_t digits = 20;
  ids_.clear();
  answers_.clear();
  ids_.reserve(owed.rows.count * digits); // never grows: answers_ points into it
  answers_.reserve(owed.rows.count);
  for (const auto& run : owed.verdicts) {
    for (std::uint32_t i = 0; i < run.count; ++i) {
      auto at = static_cast<std::size_t>(run.first - owed.first) + i;
      auto row = owed.rows[at];
      if (!row.valid()) {
        const auto& fault = owed.rows.block->fault(owed.rows.first + at);
        answers_.push_back({ending::invalid, fault.id, fault.message, fault.member});
      } else {
        answers_.push_back({ending_of(run.what), text_of(run.new_id != 0 ? run.new_id : row.id()), run.detail, {}});
      }
    }
  }
  return answers_;
}

void answer_list::trim() {
  if (answers_.capacity() > answers_kept) *this = {};
}

void reply_scratch::trim() {
  answers.trim();
  if (body.capacity() > body_kept) std::string{}.swap(body);
}

std::string_view answer_list::text_of(std::int64_t id) {
  char digits[20];
  auto end = std::to_chars(std::begin(digits), std::end(digits), id).ptr;
  auto at = ids_.size();
  ids_.append(std::begin(digits), end);
  return std::string_view{ids_}.substr(at);
}

exchange::exchange(decoder& reader, std::shared_ptr<const store::schema> of, const net_settings& settings,
                   std::shared_ptr<actor_link> link, burst_round& round)
    : reader_{&reader}, schema_{std::move(of)}, settings_{&settings}, link_{std::move(link)}, round_{&round} {}

bool exchange::has_credit() const {
  auto reading = filling_ ? filling_->size() : 0;
  return backlog_.empty() && in_flight_ + reading < settings_->max_in_flight && owed_.size() < settings_->max_in_flight;
}

void exchange::add_points(format text_format, std::string_view text, shape expected, owed_reply how) {
  if (!filling_) {
    filling_ = std::make_shared<store::row_block>(schema_);
    filling_->reserve(std::min(rows_at_once_, most_reserved)); // bursts are much alike
  }
  auto first_row = static_cast<std::uint32_t>(filling_->size());
  decoded read;
  try {
    faults::allocate_at();
    read = reader_->decode(text_format, text, expected, *filling_);
  } catch (const std::bad_alloc&) {
    filling_->truncate(first_row);
    throw;
  }
  if (!read.array)
    how.what = owed_reply::kind::object; // unreadable as a whole: one answer
  else if (how.what != owed_reply::kind::bulk)
    how.what = owed_reply::kind::array;
  how.first = next_number_;
  how.rows = {filling_, first_row, read.count};
  next_number_ += read.count;
  owed_.push_back(std::move(how));
}

void exchange::add(owed_reply ready) {
  memory_ += ready.text.size();
  owed_.push_back(std::move(ready));
}

void exchange::ask_store(std::int64_t id, owed_reply how) {
  how.what = owed_reply::kind::question;
  how.question = next_question_++;
  flush(); // the point may be among those that were just read: its question must not overtake it
  link_->send(actors::find_query{how.question, id, std::chrono::steady_clock::now() + settings_->request_timeout});
  owed_.push_back(std::move(how));
}

void exchange::ask_readiness(owed_reply how) {
  how.what = owed_reply::kind::question;
  how.question = next_question_++;
  link_->send(actors::readiness_query{how.question});
  owed_.push_back(std::move(how));
}

void exchange::ask_status(owed_reply how) {
  how.what = owed_reply::kind::question;
  how.question = next_question_++;
  link_->send(actors::status_query{how.question});
  owed_.push_back(std::move(how));
}

void exchange::flush_soon() {
  if (is_websocket_) round_->count_read();
  if (filling_ && !std::exchange(enlisted_, true)) round_->enlist(shared_from_this());
}

void exchange::flush() {
  enlisted_ = false;
  if (!filling_) return;
  auto count = static_cast<std::uint32_t>(filling_->size());
  rows_at_once_ = count;
  auto deadline = std::chrono::steady_clock::now() + settings_->request_timeout;
  memory_ += blocks_.emplace_back(held_block{next_number_, filling_->memory()}).bytes;
  if (count > 0) backlog_.push_back({next_number_ - count, {std::move(filling_), 0, count}, deadline});
  filling_.reset();
  submit();
}

void exchange::submit() {
  while (!backlog_.empty() && in_flight_ < settings_->max_in_flight) {
    auto& next = backlog_.front();
    auto count =
        static_cast<std::uint32_t>(std::min<std::size_t>(next.points.count, settings_->max_in_flight - in_flight_));
    in_flight_ += count;
    link_->send(actors::burst{next.first, {next.points.block, next.points.first, count}, next.deadline});
    next.first += count;
    next.points.first += count;
    next.points.count -= count;
    if (next.points.count == 0) backlog_.pop_front();
  }
}

/// Verdicts come in the order of the points, and replies complete in it too: they are told apart when they are popped.
void exchange::apply(actors::insert_reply reply) {
  for (auto& run : reply.runs) {
    if (settled_ + run.count > next_number_) break; // cannot be: the connection answers only what it was given
    settled_ += run.count;
    in_flight_ -= std::min<std::size_t>(in_flight_, run.count);
    verdicts_.push_back(std::move(run));
  }
  submit();
}

bool exchange::is_done(const owed_reply& one) const {
  switch (one.what) {
  case owed_reply::kind::ready:
    return true;
  case owed_reply::kind::question:
    return one.reply != nullptr;
  default:
    return one.first + one.rows.count <= settled_;
  }
}

/// The verdicts on the next so many points, into front_verdicts_.
void exchange::take_verdicts(std::uint32_t points) {
  front_verdicts_.clear();
  while (points > 0) {
    auto& next = verdicts_.front();
    auto count = std::min(points, next.count);
    points -= count;
    if (count == next.count) {
      front_verdicts_.push_back(std::move(next));
      verdicts_.pop_front();
      continue;
    }
    front_verdicts_.push_back(next);
    front_verdicts_.back().count = count;
    next.first += count;
    next.count -= count;
  }
}

void exchange::answer_question(std::uint64_t number, actor_answer reply) {
  auto asked = std::ranges::find_if(owed_, [&](const auto& each) { return each.question == number; });
  if (asked != owed_.end()) asked->reply = std::make_unique<actor_answer>(std::move(reply));
}

void exchange::apply(actors::find_result found) {
  auto number = found.number;
  answer_question(number, std::move(found));
}

void exchange::apply(actors::readiness ready) {
  auto number = ready.number;
  answer_question(number, std::move(ready));
}

void exchange::apply(actors::status_told status) {
  auto number = status.number;
  answer_question(number, std::move(status));
}

owed_reply exchange::pop_front() {
  auto front = std::move(owed_.front());
  owed_.pop_front();
  take_verdicts(front.rows.count);
  front.verdicts = front_verdicts_;
  memory_ -= front.text.size();
  auto answered_up_to = owed_.empty() ? next_number_ : front.first + front.rows.count;
  while (!blocks_.empty() && blocks_.front().end <= answered_up_to) {
    memory_ -= blocks_.front().bytes;
    blocks_.pop_front();
  }
  return front;
}

} // namespace goloca::net
