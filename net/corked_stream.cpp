#include "net/corked_stream.hpp"

#include <algorithm>

namespace goloca::net {

corked_stream::corked_stream(tcp_socket socket, std::string head)
    : socket_{std::move(socket)}, drained_{socket_.get_executor()}, input_{std::move(head)}, filled_{input_.size()} {
  drained_.expires_at(timer::time_point::max());
}

bool corked_stream::read_now() {
  if (!last_read_filled_) return false;
  error_code ec;
  auto n = socket_.read_some(prepare(), ec); // the socket is non-blocking
  last_read_filled_ = false;
  if (ec) return false; // would_block, or an error that the next read meets again
  commit(n);
  return true;
}

asio::mutable_buffer corked_stream::prepare() {
  taken_ = filled_ = 0;
  if (input_.size() != read_size_) input_ = std::string(read_size_, '\0');
  return asio::buffer(input_);
}

void corked_stream::commit(std::size_t n) {
  filled_ = n;
  last_read_filled_ = n == input_.size();
  if (last_read_filled_)
    read_size_ = std::min(most_read, read_size_ * 2);
  else if (n < read_size_ / 4)
    read_size_ = std::max(least_read, read_size_ / 2);
}

void corked_stream::flush() {
  if (sending_.empty() && !gathering_.empty() && !failure_) send();
}

void corked_stream::send() {
  sending_.swap(gathering_);
  if (on_flush_) on_flush_(true);
  asio::async_write(socket_, asio::buffer(sending_), [this, alive = owner_.lock()](const error_code& ec, std::size_t) {
    failure_ = ec;
    if (sending_.capacity() > most_read) std::string{}.swap(sending_);
    sending_.clear();
    if (unsent() == 0 || failure_) drained_.cancel();
    if (on_flush_) on_flush_(false);
    if (!failure_ && !gathering_.empty()) flush();
  });
}

} // namespace goloca::net
