#pragma once
// A service that answers as a test scripts it: HTTP bulk and WebSocket arrays on one loopback port, kept points in a
// map.

#include <utility>

#include <boost/asio.hpp>
#include <boost/beast.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace goloca::net::client {

class fake_service {
  template <class Do>
  auto locked(Do&& what) const {
    std::lock_guard held{lock_};
    return what();
  }

public:
  using json = nlohmann::json;

  /// What to do about one message.
  struct action {
    enum class kind { answer, drop, half, silence, close };
    kind what = kind::answer;
    unsigned status = 200;      // answer over HTTP
    std::string body;           // answer; half: half of it, then the connection is cut
    unsigned close_code = 1000; // close, over WebSocket
  };
  /// \param nth     the message's number, from 0, over all connections.
  /// \param points  the array that came.
  using script = std::function<action(fake_service&, std::size_t nth, const json& points)>;

  explicit fake_service(script with, unsigned short port = 0)
      : script_{std::move(with)}, acceptor_{io_, {boost::asio::ip::address_v4::loopback(), port}} {
    spawn(listen());
    thread_ = std::thread{[this] { io_.run(); }};
  }
  ~fake_service() {
    io_.stop();
    thread_.join();
  }
  fake_service(const fake_service&) = delete;
  fake_service& operator=(const fake_service&) = delete;

  [[nodiscard]] unsigned short port() const { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }

  // What the tests look at once the sending is over.
  [[nodiscard]] std::map<std::string, json> kept() const {
    return locked([this] { return kept_; });
  }
  [[nodiscard]] std::vector<json> messages() const {
    return locked([this] { return messages_; });
  }
  [[nodiscard]] std::vector<std::string> targets() const {
    return locked([this] { return targets_; });
  }

  /// For scripts: keeps a point as the service would, and says what it would say.
  json keep(const json& point) {
    auto id = point.at("id").is_string() ? point.at("id").get<std::string>() : point.at("id").dump();
    auto [at, fresh] = kept_.emplace(id, point);
    if (!fresh && at->second != point) return failed(id, "conflict", "another point has this id");
    json said{{"status", "success"}, {"error", nullptr}, {"id", id}};
    if (!fresh) said["duplicate"] = true;
    return said;
  }
  static json failed(const std::string& id, const std::string& code, const std::string& error, int retry_after_ms = 0) {
    json said{{"status", "failed"}, {"error", error}, {"id", id}, {"code", code}};
    if (retry_after_ms > 0) said["retry_after_ms"] = retry_after_ms;
    return said;
  }
  json keep_all(const json& points) {
    auto all = json::array();
    for (const auto& point : points) all.push_back(keep(point));
    return all;
  }
  /// The same results serve both ways: bulk takes them in an object.
  action answer(const json& results, unsigned status = 200) const {
    return {action::kind::answer, status, websocket_ ? results.dump() : json{{"results", results}}.dump(), 0};
  }
  action answer_whole(unsigned status, const std::string& code, const std::string& error) const {
    auto said = failed("", code, error, status >= 500 ? 20 : 0);
    said["id"] = nullptr;
    return {action::kind::answer, status, said.dump(), 0};
  }

private:
  using tcp = boost::asio::ip::tcp;
  template <class T>
  using awaitable = boost::asio::awaitable<T>;
  void spawn(awaitable<void> what) { // a connection that ends in an error has ended: that is all
    boost::asio::co_spawn(io_, std::move(what), boost::asio::detached);
  }

  awaitable<void> listen() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(boost::asio::use_awaitable);
      spawn(serve(std::make_shared<boost::beast::tcp_stream>(std::move(socket))));
    }
  }

  awaitable<void> serve(std::shared_ptr<boost::beast::tcp_stream> stream) {
    namespace http = boost::beast::http;
    boost::beast::flat_buffer buffer;
    try {
      for (;;) {
        http::request_parser<http::string_body> parser;
        parser.body_limit(std::uint64_t{1} << 30);
        co_await http::async_read(*stream, buffer, parser, boost::asio::use_awaitable);
        auto request = parser.release();
        locked([&] { targets_.emplace_back(request.target()); });
        if (boost::beast::websocket::is_upgrade(request)) {
          co_await serve_websocket(std::move(*stream), request);
          co_return;
        }
        auto todo = decide(request.body(), false);
        if (todo.what == action::kind::drop) co_return;
        if (todo.what == action::kind::silence) co_await rest();
        http::response<http::string_body> response{http::int_to_status(todo.status), 11, todo.body};
        response.result(todo.status);
        response.prepare_payload();
        if (todo.what == action::kind::half) {
          response.body().resize(response.body().size() / 2); // the length still promises all of it
          boost::beast::error_code cut;
          http::serializer<false, http::string_body> serializer{response};
          co_await http::async_write(*stream, serializer, boost::asio::redirect_error(boost::asio::use_awaitable, cut));
          co_return;
        }
        co_await http::async_write(*stream, response, boost::asio::use_awaitable);
      }
    } catch (const boost::system::system_error&) { // the client closed: expected
    }
  }

  awaitable<void> serve_websocket(boost::beast::tcp_stream stream,
                                  boost::beast::http::request<boost::beast::http::string_body> request) {
    boost::beast::websocket::stream<boost::beast::tcp_stream> socket{std::move(stream)};
    co_await socket.async_accept(request, boost::asio::use_awaitable);
    for (;;) {
      boost::beast::flat_buffer buffer;
      co_await socket.async_read(buffer, boost::asio::use_awaitable);
      auto todo = decide(boost::beast::buffers_to_string(buffer.data()), true);
      if (todo.what == action::kind::drop) co_return;
      if (todo.what == action::kind::silence) co_await rest();
      if (todo.what == action::kind::close) {
        co_await socket.async_close(static_cast<boost::beast::websocket::close_code>(todo.close_code),
                                    boost::asio::use_awaitable);
        co_return;
      }
      if (todo.what == action::kind::half) {
        co_await socket.async_write_some(false, boost::asio::buffer(todo.body.substr(0, todo.body.size() / 2)),
                                         boost::asio::use_awaitable);
        co_return;
      }
      co_await socket.async_write(boost::asio::buffer(todo.body), boost::asio::use_awaitable);
    }
  }

  awaitable<void> rest() {
    boost::asio::steady_timer never{io_, boost::asio::steady_timer::time_point::max()};
    co_await never.async_wait(boost::asio::use_awaitable);
  }

  action decide(const std::string& body, bool websocket) {
    std::lock_guard held{lock_};
    websocket_ = websocket;
    messages_.push_back(json::parse(body));
    return script_(*this, messages_.size() - 1, messages_.back());
  }

  mutable std::mutex lock_; // for what the tests look at
  std::map<std::string, json> kept_;
  std::vector<json> messages_;
  std::vector<std::string> targets_;
  bool websocket_ = false;

  script script_;
  boost::asio::io_context io_{1};
  tcp::acceptor acceptor_;
  std::thread thread_;
};

} // namespace goloca::net::client
