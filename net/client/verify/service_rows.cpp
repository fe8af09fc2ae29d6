#include "net/client/verify/service_rows.hpp"

#include "net/client/message.hpp"
#include "net/client/nap.hpp"
#include "net/client/outbox.hpp"
#include "net/client/verify/row_text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <nlohmann/json.hpp>

#include <exception>

namespace goloca::net::client {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

namespace {

constexpr std::size_t connections = 8; // enough that a loopback service is busy and not the way there

/// What the connections share. All run on one thread.
struct questions {
  asio::io_context& io;
  const url& service;
  const std::vector<std::int64_t>& ids;
  milliseconds patience;
  row_text reader;
  std::size_t next = 0; // of ids
  found_rows found = {};
  std::string trouble = {}; // why one had no answer: then all end

  [[nodiscard]] bool over() const { return next == ids.size() || !trouble.empty(); }
};

/// What the service said of one id.
struct said {
  enum class kind { there, absent, later, stranger } what = kind::later;
  std::string text; // there: the point; later, stranger: what it said
};

said read_answer(const http::response<http::string_body>& from) {
  switch (from.result_int()) {
  case 200:
    return {said::kind::there, from.body()};
  case 404: { // by goloca itself, and not by whatever else listens there
    auto body = nlohmann::json::parse(from.body(), nullptr, false);
    if (body.is_object() && body.contains("code") && body["code"] == "not_found") return {said::kind::absent, {}};
    break;
  }
  case 202:
    return {said::kind::later, "it is still in flight there"};
  default:
    break;
  }
  auto later = from.result_int() >= 500 || from.result_int() == 408 || from.result_int() == 429;
  return {later ? said::kind::later : said::kind::stranger, "HTTP status " + std::to_string(from.result_int())};
}

/// One connection, kept alive, one question at a time.
class questioner {
public:
  explicit questioner(questions& all) : all_{all}, resolver_{all.io}, pause_{all.io} {}

  asio::awaitable<void> run() {
    while (!all_.over()) {
      auto id = all_.ids[all_.next++];
      auto answer = co_await settle(id);
      if (answer.what == said::kind::there) all_.found[id] = all_.reader.digest_of(answer.text, id);
      if (answer.what == said::kind::later || answer.what == said::kind::stranger) all_.trouble = answer.text;
    }
  }

private:
  /// Asks until there is an answer that counts, or patience is at its end.
  asio::awaitable<said> settle(std::int64_t id) {
    auto end = steady_clock::now() + all_.patience;
    for (unsigned attempt = 0;; ++attempt) {
      auto answer = co_await try_once(id);
      if (answer.what != said::kind::later || steady_clock::now() >= end || !all_.trouble.empty()) co_return answer;
      co_await pause_.until(std::min(end, steady_clock::now() + backoff(attempt, {}, 0.5)));
    }
  }

  asio::awaitable<said> try_once(std::int64_t id) {
    try {
      auto answer = co_await ask(id);
      co_return answer;
    } catch (const boost::system::system_error& failure) { // whatever the network does: it is asked again
      stream_.reset();
      co_return said{said::kind::later, trouble_of(failure.code(), all_.service)};
    }
  }

  asio::awaitable<said> ask(std::int64_t id) {
    if (!stream_) co_await connect();
    http::request<http::empty_body> request{http::verb::get, all_.service.prefix + "/datapoints/" + std::to_string(id),
                                            11};
    request.set(http::field::host, all_.service.authority());
    request.set(http::field::user_agent, "goloca-verify");
    request.set(http::field::accept, "application/json");
    stream_->expires_after(std::max(all_.patience, milliseconds{1'000}));
    co_await http::async_write(*stream_, request, asio::use_awaitable);
    http::response_parser<http::string_body> parser;
    parser.body_limit(longest_reply);
    co_await http::async_read(*stream_, buffer_, parser, asio::use_awaitable);
    auto response = parser.release();
    if (!response.keep_alive()) stream_.reset();
    co_return read_answer(response);
  }

  asio::awaitable<void> connect() {
    buffer_.clear();
    auto found = co_await resolver_.async_resolve(all_.service.host, all_.service.port, asio::use_awaitable);
    auto fresh = std::make_unique<beast::tcp_stream>(all_.io);
    fresh->expires_after(std::max(all_.patience, milliseconds{1'000}));
    co_await fresh->async_connect(found, asio::use_awaitable);
    fresh->socket().set_option(asio::ip::tcp::no_delay{true});
    stream_ = std::move(fresh);
  }

  questions& all_;
  asio::ip::tcp::resolver resolver_;
  nap pause_;
  std::unique_ptr<beast::tcp_stream> stream_; // null: not connected
  beast::flat_buffer buffer_;
};

} // namespace

std::variant<found_rows, std::string> rows_of_service(const url& service, const std::vector<std::int64_t>& ids,
                                                      const std::shared_ptr<const store::schema>& of,
                                                      milliseconds patience) {
  asio::io_context io{1};
  questions all{io, service, ids, patience, row_text{of}};
  std::exception_ptr broken; // our own mistake
  std::vector<std::unique_ptr<questioner>> asking;
  while (asking.size() < std::min(connections, ids.size())) {
    asking.push_back(std::make_unique<questioner>(all));
    asio::co_spawn(io, asking.back()->run(), [&broken](const std::exception_ptr& failure) {
      if (failure) broken = failure;
    });
  }
  io.run();
  if (broken) std::rethrow_exception(broken);
  if (!all.trouble.empty()) return all.trouble;
  return std::move(all.found);
}

} // namespace goloca::net::client
