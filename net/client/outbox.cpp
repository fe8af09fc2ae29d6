#include "net/client/outbox.hpp"

#include <algorithm>
#include <utility>

namespace goloca::net::client {

using std::chrono::milliseconds;

milliseconds backoff(unsigned attempts, milliseconds asked, double jitter) {
  auto step = milliseconds{100} * (1 << std::min(attempts, 5U));
  auto longest = std::min(step, milliseconds{2'000});
  auto ours = std::chrono::duration_cast<milliseconds>(longest * (0.5 + jitter / 2));
  auto theirs = std::chrono::duration_cast<milliseconds>(asked * (1 + jitter / 4));
  return std::max(ours, theirs);
}

outbox::outbox(bounds limits, ways out) : limits_{limits}, ways_{std::move(out)}, most_{limits.batch} {}

/// The next point of the input that can be sent; what cannot be read is refused on the way.
std::optional<parcel> outbox::fresh(time_point now) {
  while (out_ + waiting_.size() < limits_.window) {
    auto next = ways_.next();
    if (!next) break;
    ++counts_.read;
    if (next->fault.empty()) {
      if (out_ + waiting_.size() == 0) stuck_since_ = now;
      return parcel{std::move(*next)};
    }
    ++counts_.refused;
    ways_.refuse(*next, {point_reply::verdict::refused, "unreadable", next->fault});
  }
  return std::nullopt;
}

batch outbox::take(time_point now, bool idle) {
  auto taken = gather(now, idle);
  if (witness_new(taken)) return taken;
  out_ -= taken.size();
  for (auto& one : taken) put_back(std::move(one), now); // they stay unanswered
  return {};
}

/// False when what was not sent before must not be.
bool outbox::witness_new(batch& taken) {
  if (ways_.told == nullptr) return true;
  std::vector<const item*> fresh;
  for (auto& one : taken) {
    if (!std::exchange(one.witnessed, true)) fresh.push_back(&one.point);
  }
  if (fresh.empty() || ways_.told->about_to_send(fresh)) return true;
  for (auto& one : taken) one.witnessed = false;
  return false;
}

void outbox::tell(const parcel& of, const point_reply& how) {
  if (ways_.told != nullptr) ways_.told->answered(of.point, how);
}

void outbox::message_is_over() {
  if (ways_.told != nullptr) ways_.told->message_is_over();
}

batch outbox::gather(time_point now, bool idle) {
  batch taken;
  std::size_t bytes = 0;
  auto most = most_;
  auto fits = [&](const parcel& one) {
    auto limit = std::min(most, std::max<std::size_t>(one.most, 1));
    return taken.size() < limit && (taken.empty() || bytes + one.point.text.size() <= limits_.bytes);
  };
  auto add = [&](parcel one) {
    most = std::min(most, std::max<std::size_t>(one.most, 1));
    bytes += one.point.text.size() + 1;
    taken.push_back(std::move(one));
    ++out_;
  };
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    auto& first = waiting_.begin()->second;
    if (!fits(first) || (first.most == 0 && !idle)) return taken;
    add(std::move(first));
    waiting_.erase(waiting_.begin());
  }
  while (taken.size() < most && bytes < limits_.bytes) {
    auto next = fresh(now);
    if (!next) break;
    add(std::move(
        *next)); // one whose size goes over the bound is sent all the same: the bound is half of the service's
  }
  return taken;
}

void outbox::put_back(parcel back, time_point due) {
  ++back.attempts;
  ++counts_.again;
  waiting_.emplace(due, std::move(back));
}

void outbox::end(parcel& done, const point_reply& how, time_point now) {
  tell(done, how);
  stuck_since_ = now;
  answered_ = true;
  switch (how.what) {
  case point_reply::verdict::stored:
    ++counts_.stored;
    break;
  case point_reply::verdict::duplicate:
    ++counts_.duplicates;
    break;
  default:
    ++counts_.refused;
    ways_.refuse(done.point, how);
  }
}

void outbox::settle_point(parcel one, const point_reply& how, time_point now, double jitter) {
  if (how.what == point_reply::verdict::again) {
    last_trouble_ = how.error.empty() ? how.code : how.error;
    tell(one, how);
    auto wait = backoff(one.attempts, how.retry_after, jitter);
    return put_back(std::move(one), now + wait);
  }
  auto& point = one.point;
  if (how.code == "conflict" && point.own_id_at != std::string::npos) {
    // Another point has the id that we gave to this one, so this one is not stored under it: another id is safe.
    tell(one, how);
    one.witnessed = false;
    auto id = ways_.new_id();
    point.text.replace(point.own_id_at, point.id.size(), id);
    point.id = std::move(id);
    return put_back(std::move(one), now);
  }
  end(one, how, now);
}

/// A message was refused as a whole: its points come in messages of half its size, until the one at fault stands alone.
void outbox::split(batch sent, const point_reply& whole, time_point now) {
  if (sent.size() == 1) {
    auto refused = whole;
    refused.what = point_reply::verdict::refused;
    return end(sent.front(), refused, now);
  }
  last_trouble_ = whole.error;
  for (auto& one : sent) {
    tell(one, {point_reply::verdict::again, whole.code, whole.error});
    one.most = std::min(one.most, sent.size() / 2);
    put_back(std::move(one), now);
  }
}

bool outbox::settle(batch sent, const reply& got, time_point now) {
  auto good = settle_all(std::move(sent), got, now);
  message_is_over();
  return good;
}

bool outbox::settle_all(batch sent, const reply& got, time_point now) {
  out_ -= sent.size();
  auto jitter = ways_.jitter(); // one for all: points that were refused together are sent together again
  switch (got.what) {
  case reply::kind::points:
    most_ = std::min(most_ + 1, limits_.batch);
    for (std::size_t i = 0; i < sent.size(); ++i) settle_point(std::move(sent[i]), got.points[i], now, jitter);
    return true;
  case reply::kind::too_large:
    most_ = std::max<std::size_t>(std::min(most_, sent.size()) / 2, 1);
    [[fallthrough]];
  case reply::kind::unreadable:
    split(std::move(sent), got.whole, now);
    return true;
  case reply::kind::stranger:
    // Once it has taken points it is ours, and only a proxy or a restart stands between: then wait.
    if (!answered_) stranger_ = got.whole.error;
    [[fallthrough]];
  case reply::kind::again:
    for (auto& one : sent) settle_point(std::move(one), got.whole, now, jitter);
    return true;
  case reply::kind::nonsense:
    break;
  }
  out_ += sent.size();
  give_back(std::move(sent), now, got.whole.error);
  return false;
}

void outbox::give_back(batch sent, time_point now, const std::string& why) {
  out_ -= sent.size();
  last_trouble_ = why;
  for (auto& one : sent) {
    tell(one, {point_reply::verdict::again, std::string{lost_code}, why});
    put_back(std::move(one), now);
  }
  message_is_over();
}

void outbox::give_back_smaller(std::vector<batch> sent, time_point now, const std::string& why) {
  last_trouble_ = why;
  if (sent.size() == 1 && sent.front().size() == 1) {
    --out_;
    end(sent.front().front(), {point_reply::verdict::refused, "too_large", why}, now);
    return message_is_over();
  }
  for (auto& message : sent) {
    out_ -= message.size();
    most_ = std::max<std::size_t>(std::min(most_, message.size()) / 2, 1);
    for (auto& one : message) {
      one.most =
          std::min(one.most, message.size() / 2); // a lone one gets 0: next time nothing else is on the connection
      tell(one, {point_reply::verdict::again, "too_large", why});
      put_back(std::move(one), now);
    }
  }
  message_is_over();
}

time_point outbox::due_after(time_point taken) const {
  if (waiting_.empty()) return time_point::max();
  auto due = waiting_.begin()->first;
  return due <= taken ? time_point::max() : due; // what was due, but not given, waits for an idle connection
}

bool outbox::finished() const {
  return out_ == 0 && waiting_.empty() && ways_.exhausted();
}

} // namespace goloca::net::client
