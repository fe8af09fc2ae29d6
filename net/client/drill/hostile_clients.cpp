#include "net/client/drill/hostile_clients.hpp"

#include "net/client/drill/errands.hpp"
#include "net/client/load/dial.hpp"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <string>
#include <variant>
#include <vector>

namespace goloca::net::drill {

namespace {

constexpr milliseconds between_steps{10};

std::string head_of(std::size_t length) {
  return "POST /datapoints HTTP/1.1\r\nHost: drill\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(length) + "\r\n\r\n";
}

/// One of them: a connection, and what is still to be sent on it.
class one_client {
public:
  one_client(const load::dialer& to, const load::wire& greets, manner how) : to_{&to}, wire_{&greets}, how_{how} {}

  void step() {
    if (!socket_ && !connect()) return;
    auto over = false;
    if (how_ != manner::unread) over = hears_the_end();
    if (!over && how_ != manner::idle) over = send_some();
    if (over) close();
  }

private:
  bool connect() {
    auto dialed = to_->dial(*wire_);
    auto* line = std::get_if<load::line>(&dialed);
    if (line == nullptr) return false;
    socket_ = std::move(line->socket);
    ++rounds_;
    left_ = script();
    return true;
  }

  /// What it sends in this round.
  [[nodiscard]] std::string script() const {
    switch (how_) {
    case manner::reset:
      return rounds_ % 2 == 0 ? head_of(2) + "[]" + head_of(2) + "[]" : head_of(1'000) + "[{\"user_id\":";
    case manner::huge_body:
      return head_of(8'000'000) + '[' + std::string(7'900'000, ' ');
    case manner::half_body:
      return head_of(400'000) + '[' + std::string(300'000, ' ');
    case manner::trickle:
      return "POST /datapoints HTTP/1.1\r\nHost: drill\r\nContent-Length: 40\r\n\r\n[" + std::string(38, ' ');
    case manner::half_frame:
      return half_frame();
    default:
      return {};
    }
  }

  [[nodiscard]] std::string half_frame() const {
    std::string frame;
    wire_->append_text(R"({"user_id":"half","vehicle_model_id":"1"})", frame);
    switch (rounds_ % 4) {
    case 0:
      return frame.substr(0, 1);
    case 1:
      return frame.substr(0, frame.size() / 2);
    case 2:
      return "\xff" + frame; // reserved bits
    default:
      return frame.substr(0, 2) + std::string(1, '\0'); // a mask's first byte
    }
  }

  /// True when its round is over.
  bool send_some() {
    if (how_ == manner::unread && left_.size() < 10'000) wire_->append_text("[{},{},{},{},{},{},{},{}]", left_);
    if (left_.empty()) return how_ == manner::reset || how_ == manner::half_frame;
    auto most = how_ == manner::trickle ? std::size_t{1} : left_.size();
    auto sent = ::send(socket_.get(), left_.data(), most, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) left_.erase(0, static_cast<std::size_t>(sent));
    return sent < 0 && errno != EAGAIN;
  }

  [[nodiscard]] bool hears_the_end() const {
    std::array<char, 4096> bytes;
    auto got = ::recv(socket_.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    return got == 0 || (got < 0 && errno != EAGAIN);
  }

  void close() {
    linger at_once{1, 0}; // a reset
    if (how_ == manner::reset) ::setsockopt(socket_.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    socket_ = load::descriptor{};
  }

  const load::dialer* to_;
  const load::wire* wire_;
  manner how_;
  load::descriptor socket_;
  std::string left_;
  std::size_t rounds_ = 0;
};

} // namespace

hostile_clients::hostile_clients(std::uint16_t port, manner how, std::size_t count)
    : port_{port}, how_{how}, count_{count}, thread_{[this] { run(); }} {}

hostile_clients::~hostile_clients() {
  stop();
}

void hostile_clients::stop() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
}

void hostile_clients::run() const {
  client::url to{"127.0.0.1", std::to_string(port_), {}};
  load::dialer dialer{to, milliseconds{50}};
  auto websocket = how_ == manner::half_frame || how_ == manner::unread;
  auto wire = websocket ? load::speak_websocket(to, true) : load::speak_http(to, true);
  std::vector<one_client> all;
  for (std::size_t i = 0; i < count_; ++i) all.emplace_back(dialer, *wire, how_);
  while (!stop_) {
    for (auto& each : all) {
      if (!stop_) each.step();
    }
    std::this_thread::sleep_for(between_steps);
  }
}

} // namespace goloca::net::drill
