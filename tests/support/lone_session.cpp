#include "tests/support/lone_session.hpp"

#include "net/http_session.hpp"

#include <array>
#include <stdexcept>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace goloca::test {

session_world::config::config() {
  add_message_types<caf::id_block::goloca>();
  set("scheduler.policy", caf::atom("testing"));
}

session_world::session_world(const net::net_settings& bounds, std::shared_ptr<const store::schema> of)
    : scheduler{dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())},
      service{of, bounds, std::size_t{256} << 20, 1}, reader{of, bounds.reject_unknown_members, service.ids} {}

session_world::~session_world() = default;

lone_session::lone_session(session_world& in)
    : world_{&in}, table_{std::make_shared<store::memory_table>(in.service.schema)} {
  std::array<int, 2> ends{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::runtime_error{"no pair of sockets"};
  client_ = ends[0];
  server_ = ends[1];
  pool_log_->find = [this](std::int64_t id) { return find(id); };
  pool_ = in.system.spawn(run_fake_pool, pool_log_);
  actors::connections_settings settings;
  settings.each.new_id = [&ids = in.service.ids] { return ids.next(std::chrono::system_clock::now()); };
  books_ = in.system.spawn(run_fake_books, book_);
  parent_ = in.system.spawn(actors::run_connections, settings, books_, pool_);
  net::tcp_socket socket{in.context.get_executor(), net::asio::ip::tcp::v4(), server_};
  socket.non_blocking(true);
  std::make_shared<net::http_session>(std::move(socket), in.service, actors::entrance::clients, in.reader, in.round,
                                      in.scratch)
      ->open(parent_);
  settle();
}

lone_session::~lone_session() {
  hang_up();
  settle();
  caf::anon_send_exit(parent_, caf::exit_reason::kill);
  caf::anon_send_exit(pool_, caf::exit_reason::kill);
  parent_ = actors::connections{};
  caf::anon_send_exit(books_, caf::exit_reason::kill);
  pool_ = actors::writer_pool{};
  books_ = actors::node_books{};
  settle();
  while (world_->scheduler.has_pending_timeout()) world_->scheduler.trigger_timeout(); // ticks for the dead
  settle();
}

void lone_session::send(std::string_view bytes) {
  while (!bytes.empty() && client_ >= 0) {
    auto n = ::send(client_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    auto over = n < 0 && (deaf_ || errno != EAGAIN);
    if (!settle() || over) return;
  }
}

void lone_session::send_no_more() {
  if (client_ >= 0) ::shutdown(client_, SHUT_WR);
  settle();
}

void lone_session::hang_up() {
  if (client_ >= 0) ::close(std::exchange(client_, -1));
  settle();
}

bool lone_session::settle() {
  constexpr auto enough = 100'000;
  for (auto round = 0; round < enough; ++round) {
    if (!step()) return true;
  }
  return false;
}

/// \return whether anything moved.
bool lone_session::step() {
  world_->context.restart();
  auto handlers = world_->context.poll();
  turns_ += handlers;
  bool moved = handlers > 0;
  moved |= world_->scheduler.run() > 0;
  if (!holding_) moved |= answer_points();
  moved |= receive();
  return moved;
}

bool lone_session::receive() {
  bool moved = false;
  std::array<char, 16'384> bytes;
  while (client_ >= 0 && !ended_ && !deaf_) {
    auto n = ::recv(client_, bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EAGAIN) break;
    moved = true;
    if (n <= 0)
      ended_ = true;
    else
      received_.append(bytes.data(), static_cast<std::size_t>(n));
  }
  return moved;
}

std::size_t lone_session::unread() const {
  int bytes = 0;
  if (::ioctl(server_, FIONREAD, &bytes) != 0) throw std::runtime_error{"the session's socket is closed"};
  return static_cast<std::size_t>(bytes);
}

void lone_session::release() {
  holding_ = false;
  settle();
}

/// Stores in the order of requests, so that of two points of one id the first is the one that is stored; answers the
/// last of them first.
bool lone_session::answer_points() {
  auto requests = std::exchange(pool_log_->requests, {});
  auto clients = std::exchange(pool_log_->clients, {});
  std::vector<actors::insert_reply> replies;
  for (const auto& request : requests) replies.push_back(store(request));
  for (auto i = requests.size(); i > 0; --i) {
    caf::anon_send(caf::actor_cast<actors::reply_receiver>(clients[i - 1]), std::move(replies[i - 1]));
  }
  return !requests.empty();
}

/// As the pool does: what waits is in flight.
actors::find_result lone_session::find(std::int64_t id) const {
  using state = actors::find_result::state;
  for (const auto& request : pool_log_->requests) {
    for (const auto& run : request.runs) {
      for (std::uint32_t i = 0; i < run.rows.count; ++i) {
        if (run.rows[i].id() == id) return {0, state::in_flight, nullptr, {}};
      }
    }
  }
  auto row = table_->row(id);
  return {0, row ? state::found : state::missing, row, {}};
}

actors::insert_reply lone_session::store(const actors::insert_request& request) {
  store::memory_store into{table_};
  actors::insert_reply reply;
  for (const auto& run : request.runs) {
    for (std::uint32_t i = 0; i < run.rows.count; ++i) {
      std::array<store::row_view, 1> point{run.rows[i]};
      auto done = std::get<store::insert_result>(into.insert(point));
      auto what = static_cast<actors::verdict>(done.outcomes.front()); // the same order
      reply.runs.push_back({run.first + i, 1, what, {}, 0});
    }
  }
  return reply;
}

actors::account lone_session::account() {
  caf::anon_send(parent_, actors::connections_query{}); // then all connections say what they have counted
  settle();
  return book_->sum();
}

} // namespace goloca::test
