#include "net/link/channel.hpp"

#include "net/link/tls_fault.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/error.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

// g++ 12 takes Asio's coroutine frames to be of mismatched new and delete, at some inlinings.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace goloca::net::link {

namespace {

constexpr std::size_t record = 16 << 10;           // what TLS gives at a time, at most
constexpr std::size_t most_kept = 1 << 20;         // of memory, once it is not needed
constexpr std::size_t most_unsent = 2 * most_body; // for a peer that does not read

void forget(std::string& done) {
  if (done.capacity() > most_kept) std::string{}.swap(done);
  done.clear();
}

/// How long ago the kernel took data from the peer last, read or not.
std::optional<std::chrono::milliseconds> kernel_heard(int socket) {
  tcp_info known{};
  socklen_t length = sizeof known;
  if (getsockopt(socket, IPPROTO_TCP, TCP_INFO, &known, &length) != 0) return std::nullopt;
  return std::chrono::milliseconds{known.tcpi_last_data_recv};
}

} // namespace

channel::channel(tcp_socket socket, std::shared_ptr<asio::ssl::context> identity,
                 std::shared_ptr<const store::schema> schema)
    : identity_{std::move(identity)}, schema_{std::move(schema)}, stream_{std::move(socket), *identity_},
      heard_{clock::now()} {
  stream_.set_verify_callback([this](bool fine, asio::ssl::verify_context& looked_at) {
    if (!fine) certificate_fault_ = fault_of(looked_at);
    return fine;
  });
}

task<std::optional<std::string>> channel::handshake(role as) {
  error_code ec;
  co_await stream_.async_handshake(as, asio::redirect_error(use_task, ec));
  heard_ = clock::now();
  if (!ec) co_return std::nullopt;
  co_return end_of(ec);
}

// -- reading -------------------------------------------------------------------------------------

task<std::variant<frame, std::string>> channel::read(std::size_t most_bytes) {
  for (;;) {
    auto next = head();
    if (next && next->size > most_bytes) {
      co_return "it sent a frame of " + std::to_string(next->size) + " bytes, more than " + std::to_string(most_bytes);
    }
    if (next && input_.size() - head_size >= next->size) {
      std::string_view bytes{static_cast<const char*>(input_.data().data()), input_.size()};
      auto body = read_body(next->kind, bytes.substr(head_size, next->size), schema_);
      input_.consume(head_size + next->size);
      if (input_.size() == 0 && input_.capacity() > most_kept) input_.shrink_to_fit();
      if (auto* wrong = std::get_if<std::string>(&body)) co_return "it sent " + *wrong;
      co_return std::move(body);
    }
    error_code ec;
    auto room = std::min(record, head_size + most_bytes);
    auto n = co_await stream_.async_read_some(input_.prepare(room), asio::redirect_error(use_task, ec));
    if (ec) co_return end_of(ec);
    input_.commit(n);
    heard_ = clock::now();
  }
}

std::optional<frame_head> channel::head() const {
  std::array<char, head_size> bytes{};
  if (input_.size() < head_size) return std::nullopt;
  std::memcpy(bytes.data(), input_.data().data(), head_size);
  return read_head(bytes);
}

task<void> channel::drop_rest() {
  std::array<char, 1024> dropped{};
  for (error_code ec; !ec && !closed();) {
    co_await stream_.next_layer().async_read_some(asio::buffer(dropped), asio::redirect_error(use_task, ec));
  }
}

std::string channel::end_of(const error_code& ec) {
  peer_closed_ =
      ec == asio::error::eof || ec == asio::error::connection_reset || ec == asio::ssl::error::stream_truncated;
  if (!cut_because_.empty()) return cut_because_;
  return certificate_fault_.empty() ? describe(ec) : certificate_fault_;
}

channel::clock::time_point channel::last_heard(clock::duration long_ago) {
  auto now = clock::now();
  if (now - heard_ < long_ago || closed()) return heard_;
  if (auto before = kernel_heard(stream_.lowest_layer().native_handle())) heard_ = std::max(heard_, now - *before);
  return heard_;
}

// -- writing -------------------------------------------------------------------------------------

void channel::write(const frame& what) {
  if (write_failed_ || finishing_ || closed()) return;
  auto before = gathering_.size();
  try {
    append(gathering_, what);
  } catch (const std::bad_alloc&) { // half a frame is none
    gathering_.resize(before);
    return cut("this node has no memory for a frame");
  }
  if (gathering_.size() > most_unsent) cut("it does not read what it is sent");
}

void channel::flush() {
  if (!sending_.empty() || gathering_.empty() || write_failed_ || closed()) return;
  sending_.swap(gathering_);
  asio::async_write(stream_, asio::buffer(sending_),
                    [this, alive = owner_.lock()](const error_code& ec, std::size_t) { on_written(ec); });
}

void channel::on_written(const error_code& ec) {
  forget(sending_);
  if (ec) {
    write_failed_ = true;
    forget(gathering_);
  }
  flush();
  if (finishing_ && sending_.empty()) finish_writing();
}

void channel::finish_writing() {
  finishing_ = true;
  flush();
  error_code ignored; // the peer may be gone
  if (sending_.empty()) stream_.lowest_layer().shutdown(tcp_socket::shutdown_send, ignored);
}

void channel::cut(std::string why) {
  if (cut_because_.empty()) cut_because_ = std::move(why);
  forget(gathering_);
  error_code ignored; // it is closed whatever comes
  stream_.lowest_layer().close(ignored);
}

} // namespace goloca::net::link
