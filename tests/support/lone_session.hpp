#pragma once
// One session and its client on a pair of sockets, with the real connection actors, over a table in memory. Nothing
// runs but by settle(), on the caller's thread and in virtual time for the actors: the same bytes are answered by the
// same bytes. No GoogleTest, for fuzz targets use it too.

#include "actors/connections.hpp"
#include "net/burst_round.hpp"
#include "net/codec.hpp"
#include "net/exchange.hpp"
#include "net/executor.hpp"
#include "net/service.hpp"
#include "store/memory_store.hpp"
#include "tests/support/fake_books.hpp"
#include "tests/support/fake_pool.hpp"

#include <caf/scheduler/test_coordinator.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace goloca::test {

/// What many lone sessions share, for it is dear to make.
class session_world {
  struct config : caf::actor_system_config {
    config();
  };
  config config_;

public:
  explicit session_world(const net::net_settings& bounds,
                         std::shared_ptr<const store::schema> of = store::rides_schema());
  ~session_world();

  caf::actor_system system{config_};
  caf::scheduler::test_coordinator& scheduler;
  net::service service;
  net::asio::io_context context{1};
  net::decoder reader;
  net::burst_round round{context.get_executor()};
  net::reply_scratch scratch;
};

/// Of one world one at a time.
class lone_session {
public:
  explicit lone_session(session_world& in);
  ~lone_session(); // the client hangs up, the actors end
  lone_session(const lone_session&) = delete;
  lone_session& operator=(const lone_session&) = delete;

  /// The client sends; what comes back is gathered in received(). Settles before, between and after.
  void send(std::string_view bytes);
  void be_deaf() { deaf_ = true; } // it reads no more, and sends no more than is taken from it
  void hear_again() {
    deaf_ = false;
    settle();
  }
  void send_no_more(); // half a close
  void hang_up();      // both halves

  /// Until no byte, no message and no handler is left to move. \return false: it went round for ever.
  bool settle();

  /// From now on points wait; release() answers them, the last request first.
  void hold() { holding_ = true; }
  void release();

  [[nodiscard]] const std::string& received() const { return received_; }
  [[nodiscard]] std::size_t turns() const { return turns_; } // handlers that the sockets' thread has run
  [[nodiscard]] bool ended() const { return ended_; }        // the client saw the end of the stream
  [[nodiscard]] std::size_t unread() const;                  // bytes that the client sent, and the session has not read
  [[nodiscard]] int server_descriptor() const { return server_; }
  [[nodiscard]] actors::account account(); // of the session's points so far
  [[nodiscard]] std::size_t open_sessions() const { return world_->service.sessions; }
  [[nodiscard]] const std::shared_ptr<store::memory_table>& table() const { return table_; }

private:
  bool step();
  bool receive();
  bool answer_points();
  [[nodiscard]] actors::find_result find(std::int64_t id) const;
  actors::insert_reply store(const actors::insert_request& request);

  session_world* world_;
  std::shared_ptr<store::memory_table> table_;
  std::shared_ptr<fake_pool_log> pool_log_ = std::make_shared<fake_pool_log>();
  actors::writer_pool pool_{};
  std::shared_ptr<actors::account_book> book_ = std::make_shared<actors::account_book>();
  actors::node_books books_{};
  actors::connections parent_{};
  std::size_t turns_ = 0;
  int client_ = -1;
  int server_ = -1;
  bool holding_ = false;
  bool deaf_ = false;
  bool ended_ = false;
  std::string received_;
};

} // namespace goloca::test
