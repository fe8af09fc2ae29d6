#include "net/corked_stream.hpp"

#include "store/fault.hpp"

#include <algorithm>
#include <cstring>

namespace goloca::net {

corked_stream::corked_stream(tcp_socket socket, std::string head)
    : socket_{std::move(socket)}, drained_{socket_.get_executor()}, input_{std::move(head)}, filled_{input_.size()} {
  drained_.expires_at(timer::time_point::max());
}

bool corked_stream::read_now() {
  if (!last_read_filled_ || unsent() > most_unsent) return false;
  error_code ec;
  auto n = socket_.read_some(prepare(), ec); // the socket is non-blocking
  last_read_filled_ = false;
  if (ec) return false; // would_block, or an error that the next read meets again
  commit(n);
  return true;
}

asio::mutable_buffer corked_stream::prepare() {
  auto kept = waiting();
  if (input_.size() != read_size_) {
    std::string resized(read_size_, '\0');
    std::ranges::copy(kept, resized.begin());
    input_ = std::move(resized);
  } else {
    std::memmove(input_.data(), kept.data(), kept.size());
  }
  taken_ = 0;
  filled_ = kept.size();
  auto room = asio::buffer(input_) + filled_;
  auto one_byte = !spared_ && faults::strikes(faults::named::net_short_read);
  return one_byte ? asio::buffer(room, 1) : room;
}

void corked_stream::commit(std::size_t n) {
  filled_ += n;
  last_read_filled_ = filled_ == input_.size();
  if (last_read_filled_)
    read_size_ = std::min(most_read, read_size_ * 2);
  else if (filled_ < read_size_ / 4)
    read_size_ = std::max(least_read, read_size_ / 2);
}

void corked_stream::flush() {
  if (sending_.empty() && !gathering_.empty() && !failure_) send();
}

/// Mostly the socket takes all at once: then nobody has to be told that a write is on its way.
void corked_stream::send() {
  if (reset_by_fault()) failure_ = asio::error::connection_reset;
  if (auto stall = spared_ ? std::nullopt : faults::struck_by(faults::named::net_stall_write)) {
    return send_late(*stall->delay);
  }
  error_code ec;
  auto sent = socket_.write_some(asio::buffer(gathering_), ec); // the socket is non-blocking
  if (ec && ec != asio::error::would_block) failure_ = ec;
  sending_.swap(gathering_);
  if (failure_ || sent == sending_.size()) return finish_sending();
  send_rest(sent);
}

bool corked_stream::reset_by_fault() {
  if (spared_ || !faults::strikes(faults::named::net_reset)) return false;
  reset();
  return true;
}

void corked_stream::reset() {
  error_code ignored;                                       // it may be gone already
  socket_.set_option(tcp_socket::linger{true, 0}, ignored); // a close then is a reset
  socket_.close(ignored);
}

/// A fault: as if the client's window were full for so long.
void corked_stream::send_late(std::chrono::milliseconds delay) {
  sending_.swap(gathering_);
  if (on_flush_) on_flush_(true);
  auto wait = std::make_shared<timer>(socket_.get_executor(), delay);
  wait->async_wait([this, wait, alive = owner_.lock()](const error_code&) { send_rest(0); });
}

void corked_stream::finish_sending() {
  if (sending_.capacity() > most_read) std::string{}.swap(sending_);
  sending_.clear();
  if (unsent() == 0 || failure_) drained_.cancel();
  if (on_flush_) on_flush_(false);
}

void corked_stream::send_rest(std::size_t sent) {
  if (on_flush_) on_flush_(true);
  auto rest = asio::buffer(sending_) + sent;
  asio::async_write(socket_, rest, [this, alive = owner_.lock()](const error_code& ec, std::size_t) {
    failure_ = ec;
    finish_sending();
    if (!failure_ && !gathering_.empty()) flush();
  });
}

} // namespace goloca::net
