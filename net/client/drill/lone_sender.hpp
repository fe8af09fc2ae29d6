#pragma once
// Sends points one at a time on one connection, each a lone object without an id, and each once only: it is never sent
// again, so a second row of it is the service's own doing. What it hears is also the drill's finest clock.

#include "net/client/drill/chronicle.hpp"
#include "net/client/drill/lone_point.hpp"
#include "net/client/load/dial.hpp"

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace goloca::net::drill {

class lone_sender {
public:
  /// Starts at once, on a thread of its own. \param name  makes its points unlike any others
  lone_sender(client::url at, bool websocket, std::string name, milliseconds patience, chronicle& to);
  ~lone_sender();
  lone_sender(const lone_sender&) = delete;
  lone_sender& operator=(const lone_sender&) = delete;

  void stop(); // returns once the last point has its end
  [[nodiscard]] const std::vector<lone_point>& points() const { return points_; } // once it was stopped
  [[nodiscard]] milliseconds slowest() const { return slowest_; }                 // answer

private:
  void run();
  bool connect();
  void send_one();
  heard exchange(const std::string& ride, lone_point& one);
  std::optional<heard> trouble_before();
  std::optional<heard> read(lone_point& one);
  bool receive(milliseconds patience);

  client::url at_;
  std::string name_;
  milliseconds patience_;
  chronicle* chronicle_;
  std::unique_ptr<load::wire> wire_;
  load::descriptor socket_;
  std::string heard_; // bytes that are not yet read as an answer
  std::vector<lone_point> points_;
  milliseconds slowest_{0};
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

} // namespace goloca::net::drill
