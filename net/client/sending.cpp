#include "net/client/sending.hpp"

#include "net/client/http_lane.hpp"
#include "net/client/own_ids.hpp"
#include "net/client/websocket_lane.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>

namespace goloca::net::client {

namespace asio = boost::asio;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr milliseconds tick_interval{100};
constexpr milliseconds shown_trouble_after{1'000}; // a short hiccup is not worth a word
constexpr std::uint64_t shown_refusals = 5;
constexpr std::size_t most_connections = 4; // HTTP: enough that the service's batches fill while replies travel

} // namespace

sending::sending(const send_options& options, parts with)
    : options_{options}, refused_{&with.refused}, ledger_{with.ledger}, chance_{std::random_device{}()},
      total_bytes_{with.total_bytes}, progress_{with.err, options.progress}, started_{steady_clock::now()},
      feed_{std::move(with.from), options.window, [this] { asio::post(io_, [this] { wake_all(); }); }},
      outbox_{{options.window, options.batch},
              {[this] { return feed_.poll(); }, [this] { return feed_.ended(); },
               [this](const item& point, const point_reply& how) { refuse(point, how); },
               [] { return std::to_string(own_ids().next(std::chrono::system_clock::now())); },
               [this] {
                 return std::uniform_real_distribution{0.0, 1.0}(chance_);
               },
               with.told != nullptr ? with.told : with.ledger}},
      ticks_{io_} {
  add_lanes(options, with.to);
}

void sending::add_lanes(const send_options& options, const url& to) {
  lane_parts all{io_,
                 outbox_,
                 to,
                 options.connect_timeout,
                 options.reply_timeout,
                 [this] {
                   return std::uniform_real_distribution{0.0, 1.0}(chance_);
                 },
                 [this] { wake_all(); }};
  if (options.websocket) {
    lanes_.push_back(std::make_unique<websocket_lane>(all));
    return;
  }
  auto wanted = (options.window + options.batch - 1) / options.batch;
  while (lanes_.size() < std::min(wanted, most_connections)) lanes_.push_back(std::make_unique<http_lane>(all));
}

void sending::run() {
  for (auto& one : lanes_) start(*one);
  asio::co_spawn(io_, tick(), [this](const std::exception_ptr& failure) {
    if (failure) broken_ = failure;
  });
  io_.run();
  progress_.say("");
  if (broken_) std::rethrow_exception(broken_);
}

void sending::end(std::string why) {
  asio::post(io_, [this, why = std::move(why)]() mutable { stop(std::move(why)); });
}

void sending::start(lane& one) {
  ++running_;
  asio::co_spawn(io_, one.run(), [this](const std::exception_ptr& failure) {
    --running_;
    if (failure) {
      broken_ = failure;
      stop("an error of its own");
    }
    ticks_.cut_short();
  });
}

void sending::wake_all() {
  for (auto& one : lanes_) one->wake();
}

void sending::stop(std::string why) {
  if (!gave_up_.empty()) return;
  gave_up_ = std::move(why);
  for (auto& one : lanes_) one->stop();
}

void sending::refuse(const item& point, const point_reply& how) {
  refused_->add(point, how);
  auto nth = outbox_.counts().refused;
  if (nth <= shown_refusals) progress_.say("line " + std::to_string(point.line) + ": " + how.code + ": " + how.error);
  if (nth == shown_refusals) progress_.say("further refusals are not shown here");
}

asio::awaitable<void> sending::tick() {
  while (running_ > 0) {
    co_await ticks_.until(steady_clock::now() + tick_interval);
    if (running_ > 0) check(steady_clock::now());
  }
}

void sending::check(time_point at) {
  for (auto& one : lanes_) one->check(at);
  progress_.show(now());
  if (ledger_ != nullptr && !ledger_->fault().empty()) {
    stop(ledger_->fault());
  } else if (!outbox_.stranger().empty()) {
    stop("what answers there does not take points (" + outbox_.stranger() + ')');
  } else if (outbox_.unanswered() > 0 && at - outbox_.stuck_since() >= options_.give_up_after) {
    auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options_.give_up_after).count();
    stop("no answer that counts for " + std::to_string(seconds) + " s (" + outbox_.last_trouble() + ')');
  }
}

standing sending::now() const {
  auto at = steady_clock::now();
  standing is{
      outbox_.counts(), feed_.consumed(), total_bytes_, std::chrono::duration_cast<milliseconds>(at - started_), {}};
  if (outbox_.unanswered() > 0 && at - outbox_.stuck_since() > shown_trouble_after) is.trouble = outbox_.last_trouble();
  return is;
}

} // namespace goloca::net::client
