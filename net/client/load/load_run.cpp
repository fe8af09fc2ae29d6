#include "net/client/load/load_run.hpp"

#include "net/client/load/id_plan.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace goloca::net::load {

using std::chrono::steady_clock;

namespace {

constexpr std::uint64_t timer_source = ~std::uint64_t{0}; // else the index of a connection
constexpr std::size_t first_buffer = 256 * 1024;

/// The shortest time between two looks at the schedule. At high rates messages leave up to so much late, which counts
/// in their latency; shorter ones would make the client dear.
constexpr std::chrono::nanoseconds shortest_tick{100'000};

void must(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string{what} + ": " + std::strerror(errno));
}

timespec to_timespec(std::chrono::nanoseconds from) {
  return {static_cast<time_t>(from.count() / 1'000'000'000), static_cast<long>(from.count() % 1'000'000'000)};
}

} // namespace

std::chrono::microseconds cpu_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return std::chrono::seconds{used.ru_utime.tv_sec + used.ru_stime.tv_sec} +
         std::chrono::microseconds{used.ru_utime.tv_usec + used.ru_stime.tv_usec};
}

load_run::load_run(const bench_options& options, const wire& speaks, std::vector<line> lines)
    : options_{options}, speaks_{&speaks}, start_{steady_clock::now()}, pace_{options, start_}, warm_up_{start_},
      counted_{start_ + options.warmup}, buffer_(first_buffer), epoll_{epoll_create1(EPOLL_CLOEXEC)} {
  must(static_cast<bool>(epoll_), "epoll_create1");
  auto range = id_range(options);
  connections_.reserve(lines.size());
  for (auto& one : lines) {
    auto index = connections_.size();
    auto first = options.first_id + index * range;
    connections_.emplace_back(
        std::move(one), conversation{{speaks, pace_, scanner_, warm_up_, counted_},
                                     {index, lines.size(), options.window, first, first + range, options.replays}});
  }
}

void load_run::run() {
  note_phases(start_);
  watch();
  if (pace_.is_open_loop()) set_timer();
  add_due(start_);
  for (auto& one : connections_) one.speak(start_);
  for (std::size_t i = 0; i < connections_.size(); ++i) watch_for_write(i);
  while (!is_over(steady_clock::now())) step();
  for (auto& one : connections_) one.talk().give_up();
  if (counting_) cpu_ = cpu_time() - cpu_;
  for (auto& one : connections_) one.say_goodbye(*speaks_);
}

void load_run::watch() {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    epoll_event wanted{EPOLLIN, {.u64 = i}};
    must(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, connections_[i].socket(), &wanted) == 0, "epoll_ctl");
  }
}

/// epoll's own timeout is in milliseconds: too coarse for a schedule.
void load_run::set_timer() {
  timer_ = descriptor{timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)}; // steady_clock's
  must(static_cast<bool>(timer_), "timerfd_create");
  auto tick = std::max(pace_.interval(), shortest_tick);
  itimerspec when{to_timespec(tick), to_timespec(start_.time_since_epoch() + tick)};
  must(timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr) == 0, "timerfd_settime");
  epoll_event wanted{EPOLLIN, {.u64 = timer_source}};
  must(epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, timer_.get(), &wanted) == 0, "epoll_ctl");
}

void load_run::step() {
  std::array<epoll_event, 256> events;
  auto now = steady_clock::now();
  auto count = epoll_wait(epoll_.get(), events.data(), events.size(), patience(now));
  must(count >= 0 || errno == EINTR, "epoll_wait");
  for (int i = 0; i < count; ++i)
    serve(events[static_cast<std::size_t>(i)].data.u64, events[static_cast<std::size_t>(i)].events);
  note_phases(steady_clock::now());
}

void load_run::note_phases(time_point now) {
  if (!counting_ && now >= counted_.from()) cpu_ = cpu_time(), counting_ = true;
  if (drain_until_ || !pace_.is_over(now)) return;
  add_due(now);
  timer_.close();
  drain_until_ = now + options_.drain_timeout;
}

bool load_run::is_over(time_point now) const {
  auto is_open = [](const load_connection& one) { return one.is_open(); };
  auto is_waiting = [](const load_connection& one) { return one.talk().in_flight() > 0; };
  if (std::ranges::none_of(connections_, is_open)) return true;
  return drain_until_ && (now >= *drain_until_ || std::ranges::none_of(connections_, is_waiting));
}

/// How long epoll may wait, in milliseconds: to the next change of phase.
int load_run::patience(time_point now) const {
  auto next = drain_until_ ? *drain_until_ : counting_ ? pace_.end() : std::min(counted_.from(), pace_.end());
  auto left = std::chrono::ceil<std::chrono::milliseconds>(next - now);
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, 60'000));
}

std::uint64_t load_run::behind() const {
  if (!pace_.is_open_loop() || pace_.has_no_points_left()) return 0;
  std::uint64_t messages = pace_.due_by(pace_.end()) - next_due_;
  for (const auto& one : connections_) messages += one.talk().behind();
  return messages * options_.array;
}

void load_run::serve(std::uint64_t source, std::uint32_t events) {
  if (source == timer_source) {
    std::uint64_t ticks = 0; // how many do not matter: the clock says what is due
    if (::read(timer_.get(), &ticks, sizeof ticks) > 0) add_due(steady_clock::now());
    return;
  }
  auto& one = connections_[source];
  if ((events & EPOLLOUT) != 0) one.speak(steady_clock::now());
  if ((events & ~EPOLLOUT) != 0) one.read(buffer_);
  watch_for_write(source);
}

/// Gives what the schedule has by now to the connections, in turn.
void load_run::add_due(time_point now) {
  if (!pace_.is_open_loop()) return;
  now = std::min(now, pace_.end() - std::chrono::nanoseconds{1}); // a late last tick still sends what was due
  auto first = next_due_;
  auto due = pace_.due_by(now);
  for (; next_due_ < due; ++next_due_) connections_[next_due_ % connections_.size()].talk().add_due();
  auto touched = std::min<std::uint64_t>(due - std::min(first, due), connections_.size());
  for (std::uint64_t i = 0; i < touched; ++i) {
    auto index = (first + i) % connections_.size();
    connections_[index].speak(now);
    watch_for_write(index);
  }
}

void load_run::watch_for_write(std::size_t index) {
  auto& one = connections_[index];
  if (!one.is_open() || one.wants_to_write() == one.watched_for_write) return;
  one.watched_for_write = one.wants_to_write();
  epoll_event wanted{one.watched_for_write ? EPOLLIN | EPOLLOUT : EPOLLIN, {.u64 = index}};
  must(epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, one.socket(), &wanted) == 0, "epoll_ctl");
}

} // namespace goloca::net::load
