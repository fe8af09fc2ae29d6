#include "net/client/drill/lone_sender.hpp"

#include "net/codec.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

namespace goloca::net::drill {

namespace {

constexpr milliseconds pause_after_failure{20};
constexpr milliseconds pause_between{5};
constexpr milliseconds connect_patience{300};

client::content_digest digest_of_ride(const std::string& ride) {
  store::point_id_source any_ids{0};
  store::row_block rows{store::rides_schema()};
  decoder{store::rides_schema(), false, any_ids}.decode(format::json, ride, shape::object, rows);
  return client::digest_of(rows[0]);
}

} // namespace

lone_sender::lone_sender(client::url at, bool websocket, std::string name, milliseconds patience, chronicle& to)
    : at_{std::move(at)}, name_{std::move(name)}, patience_{patience}, chronicle_{&to} {
  wire_ = websocket ? load::speak_websocket(at_, false) : load::speak_http(at_, false);
  thread_ = std::thread{[this] { run(); }};
}

lone_sender::~lone_sender() {
  stop();
}

void lone_sender::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void lone_sender::run() {
  while (!stop_) {
    auto connected = socket_ || connect();
    if (connected) send_one();
    std::this_thread::sleep_for(connected ? pause_between : pause_after_failure);
  }
}

bool lone_sender::connect() {
  auto dialed = load::dialer{at_, connect_patience}.dial(*wire_);
  auto* line = std::get_if<load::line>(&dialed);
  if (line == nullptr) return false;
  socket_ = std::move(line->socket);
  heard_ = std::move(line->heard);
  return true;
}

void lone_sender::send_one() {
  auto ride = R"({"user_id":")" + name_ + ' ' + std::to_string(points_.size()) + R"(","vehicle_model_id":"1"})";
  points_.push_back({digest_of_ride(ride)});
  auto& one = points_.back();
  auto start = clock::now();
  auto what = exchange(ride, one);
  auto now = clock::now();
  chronicle_->add(now, what);
  slowest_ = std::max(slowest_, std::chrono::duration_cast<milliseconds>(now - start));
  if (what != heard::lost && what != heard::silent && what != heard::misfit) return;
  one.unknown = true;
  socket_ = load::descriptor{};
}

heard lone_sender::exchange(const std::string& ride, lone_point& one) {
  if (auto trouble = trouble_before()) return *trouble;
  std::string out;
  wire_->append_text(ride, out);
  if (::send(socket_.get(), out.data(), out.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(out.size()))
    return heard::lost;
  for (auto until = clock::now() + patience_; clock::now() < until;) {
    if (auto what = read(one)) return *what;
    if (!receive(milliseconds{10})) return heard::lost;
  }
  return heard::silent;
}

/// Before a point is sent nothing can have come that answers one.
std::optional<heard> lone_sender::trouble_before() {
  if (!receive(milliseconds{0})) return heard::lost;
  lone_point nobody;
  auto what = read(nobody);
  return what && *what != heard::lost ? heard::misfit : what;
}

/// What the first answer among the bytes that are here says; nothing when there is none.
std::optional<heard> lone_sender::read(lone_point& one) {
  for (;;) {
    std::string at_once;
    auto got = wire_->next(heard_, at_once);
    if (!at_once.empty()) ::send(socket_.get(), at_once.data(), at_once.size(), MSG_NOSIGNAL);
    if (got.what == load::incoming::kind::partial) return std::nullopt;
    if (got.what == load::incoming::kind::broken) return heard::lost;
    auto what = got.what == load::incoming::kind::reply ? std::optional{settle(one, got.body)} : std::nullopt;
    heard_.erase(0, got.size);
    if (what) return what;
  }
}

/// False when the connection is over, and everything that came before is read.
bool lone_sender::receive(milliseconds patience) {
  pollfd watched{socket_.get(), POLLIN, 0};
  if (::poll(&watched, 1, static_cast<int>(patience.count())) <= 0) return true;
  std::array<char, 4096> bytes;
  auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  if (got > 0) heard_.append(bytes.data(), static_cast<std::size_t>(got));
  return got > 0;
}

} // namespace goloca::net::drill
