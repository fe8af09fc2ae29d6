#include "net/link/pulse.hpp"

#include <algorithm>

namespace goloca::net::link {

namespace {

constexpr std::size_t most_open = 64; // pings: a peer that answers none is measured no more, but it may live

} // namespace

pulse::pulse(channel& of, const executor& on, const link_settings& bounds,
             std::function<void(std::chrono::nanoseconds)> measured)
    : channel_{&of}, bounds_{bounds}, measured_{std::move(measured)}, wake_{on, [this] { beat(); }} {}

void pulse::start() {
  next_ping_ = clock::now();
  beat();
}

void pulse::beat() {
  auto now = clock::now();
  auto silent_at = channel_->last_heard(bounds_.silence) + bounds_.silence;
  if (now >= silent_at)
    return channel_->cut("it has been silent for " + std::to_string(bounds_.silence.count()) + " ms");
  if (now >= next_ping_) send(now);
  wake_.watch_until(std::min(next_ping_, silent_at));
}

void pulse::send(clock::time_point now) {
  next_ping_ = now + bounds_.ping_interval;
  if (open_.size() == most_open) open_.pop_front();
  open_.push_back({++last_number_, now});
  channel_->write(ping{last_number_});
  channel_->flush();
}

bool pulse::take(const frame& what) {
  if (const auto* asked = std::get_if<ping>(&what)) {
    channel_->write(pong{asked->number});
    channel_->flush();
    return true;
  }
  if (const auto* answered = std::get_if<pong>(&what)) {
    on_pong(answered->number);
    return true;
  }
  return false;
}

void pulse::on_pong(std::uint64_t number) {
  while (!open_.empty() && open_.front().number < number) open_.pop_front();
  if (open_.empty() || open_.front().number != number) return;
  auto sent = open_.front().at;
  open_.pop_front();
  measured_(clock::now() - sent);
}

} // namespace goloca::net::link
