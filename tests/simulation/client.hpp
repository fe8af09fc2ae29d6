#pragma once
// A client with its session, but without a socket: it sends bursts, hears answers, and sends again what has no final
// one, until it has.

#include "tests/simulation/promises.hpp"
#include "tests/simulation/script.hpp"
#include "tests/simulation/stage.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace goloca::simulation {

/// Where new connections go at the moment, and the account that they will be in.
struct door {
  actors::connections parent;
  std::shared_ptr<book> account;
};

/// What all clients share.
struct client_world {
  stage& on;
  promises& model;
  const settings& with;
  std::shared_ptr<door> entrance;
  std::int64_t next_id; // for points without one
};

class client : public std::enable_shared_from_this<client> {
public:
  client(std::string name, std::shared_ptr<client_world> world) : name_{std::move(name)}, world_{std::move(world)} {}

  void send(const std::vector<point>& points); // as soon as there is a connection, and credit
  void ask(std::int64_t id);                   // where there is a connection
  void leave();                                // in the middle of whatever it does; it comes back for its answers

  /// Checks that nothing waits longer than it may.
  void watch();

  /// Everything it ever sent has a final answer.
  [[nodiscard]] bool satisfied() const;
  [[nodiscard]] std::string unanswered() const; // what has none
  [[nodiscard]] actors::connection connection() const;

private:
  /// One connection, from the wish for it to its end.
  struct link {
    std::weak_ptr<client> owner;
    std::shared_ptr<book> account;
    time_point gives_up{}; // waiting for it to open
    actors::connection handle{};
    std::uint64_t next = 0;          // number of the next point to be sent
    std::deque<submission> window{}; // no answer yet, oldest first
    std::uint64_t next_question = 1;
    std::map<std::uint64_t, question> questions{};
  };

  void turn();
  void turn_soon(nanoseconds at_most);
  void connect();
  void send_burst();
  void lose_link();
  void hear(const std::shared_ptr<link>& by, actors::port_event& event);
  void open(const std::shared_ptr<link>& by, actors::connection handle);
  void hear_reply(const actors::insert_reply& reply);
  void hear_verdict(const actors::verdict_run& said, const submission& of);
  void hear_found(const actors::find_result& found);
  void hear_drain();
  void make_room();
  static actors::reply_port port(std::shared_ptr<link> of);

  std::string name_;
  std::shared_ptr<client_world> world_;
  std::deque<point> outbox_;
  std::shared_ptr<link> link_; // null: not connected
  unsigned failures_ = 0;      // answers in a row that were not final
  bool turn_comes_ = false;
  bool draining_ = false;
};

} // namespace goloca::simulation
