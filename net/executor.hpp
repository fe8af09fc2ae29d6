#pragma once
// The I/O objects, bound to io_context's own executor: a polymorphic one costs at every step.

#include <utility> // before Asio 1.74's awaitable, which forgets it

#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>

#include <chrono>

namespace goloca::net {

namespace asio = boost::asio;
using boost::system::error_code;

/// One io_context a thread, so what runs on its executor runs one after the other: no strand, no lock.
using executor = asio::io_context::executor_type;
using tcp_socket = asio::basic_stream_socket<asio::ip::tcp, executor>;
using timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, executor>;

/// A coroutine. g++ 12 miscompiles a co_await that is an operand of && or ?: or stands in an if's init-statement (it
/// resumes the wrong frame): await into a variable first.
template <class T>
using task = asio::awaitable<T, executor>;
inline constexpr asio::use_awaitable_t<executor> use_task{};

} // namespace goloca::net
