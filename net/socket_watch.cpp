#include "net/socket_watch.hpp"

#include <boost/asio/posix/basic_stream_descriptor.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <memory>
#include <utility>

namespace goloca::net {

actors::socket_watch watch_socket(const executor& on, answer_bell& bell, int socket) {
  using descriptor = asio::posix::basic_stream_descriptor<executor>;
  auto duplicate = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return nullptr;
  auto watched = std::make_shared<descriptor>(on);
  error_code failed;
  watched->assign(duplicate, failed);
  if (failed) {
    ::close(duplicate);
    return nullptr;
  }
  return [watched, &bell](store::socket_event event, std::function<void()> then) {
    auto what = event == store::socket_event::readable ? descriptor::wait_read : descriptor::wait_write;
    auto number = watched->native_handle();
    if (what == descriptor::wait_read) bell.watch(number);
    watched->async_wait(what, [then = std::move(then), &bell, number](const error_code& ec) {
      bell.forget(number);
      if (!ec) then(); // else the watch is over
    });
  };
}

} // namespace goloca::net
