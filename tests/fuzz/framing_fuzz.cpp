// HTTP's framing: where a request ends is one answer, however its bytes came, and the one that Beast has, too.

#include "net/chunk_decoder.hpp"
#include "net/http_framing.hpp"
#include "net/http_request.hpp"
#include "tests/fuzz/law.hpp"

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <algorithm>

namespace {

using namespace goloca;
using fuzz::require;
namespace http = boost::beast::http;

/// find_header_end as a session asks it: more bytes each time.
std::size_t end_by_steps(std::string_view bytes, std::size_t step) {
  std::size_t looked = 0;
  for (std::size_t size = 0; size < bytes.size();) {
    size = std::min(bytes.size(), size + step);
    auto end = net::find_header_end(bytes.substr(0, size), looked);
    if (end != std::string_view::npos) return end;
    looked = size;
  }
  return std::string_view::npos;
}

/// Has it a field whose elements Beast reads for their grammar? They say nothing of where a request ends.
bool lists_options(std::string_view header) {
  auto has = [&](std::string_view name) {
    auto same = [](char a, char b) { return (a | 0x20) == (b | 0x20); };
    return std::ranges::search(header, name, same).begin() != header.end();
  };
  return has("connection") || has("upgrade");
}

/// What we take, Beast takes for the same request: nobody in front can be made to see two where we see one.
void compare(const net::request_head& head, std::string_view header) {
  if (header.starts_with("\r\n")) header.remove_prefix(2); // Beast passes over none
  http::request_parser<http::empty_body> other;
  other.header_limit(static_cast<std::uint32_t>(header.size() + 1));
  other.body_limit(UINT64_MAX);
  other.eager(false);
  boost::system::error_code ec;
  auto used = other.put(boost::asio::buffer(header.data(), header.size()), ec);
  if (ec == http::error::need_more) ec = {};
  if (ec == http::error::bad_value && lists_options(header)) return; // an odd option is no option to us
  require(!ec, "what is taken here is taken by Beast", ec.message());
  require(used == header.size() && other.is_header_done(), "the header ends at the same byte");
  require(other.chunked() == head.chunked, "chunked for both, or for none");
  require(other.content_length().value_or(0) == head.content_length.value_or(0), "the length is the same");
  require(other.get().method_string() == boost::beast::string_view{head.method.data(), head.method.size()},
          "the method is the same");
}

void check_head(const net::request_head& head, std::string_view header) {
  require(!(head.chunked && head.content_length), "a body has one length");
  require(head.path == "*" || head.path.starts_with('/'), "a path begins with a slash", head.path);
  require(head.minor_version == 1 || !head.chunked, "HTTP/1.0 knows no chunks");
  require(head.minor_version == 0 || !head.host.empty(), "HTTP/1.1 names a host");
  net::net_settings bounds;
  for (auto at : {actors::entrance::clients, actors::entrance::operators}) {
    auto request = net::understand(head, at, bounds);
    require(at == actors::entrance::clients || !request.asks_for_points() || request.refused,
            "operators get no points in");
    require(!request.to_websocket || !request.refused, "what is refused is not upgraded");
    require(request.content_length == head.content_length.value_or(0) && request.chunked == head.chunked,
            "the body is the header's");
  }
  compare(head, header);
}

struct unchunked {
  net::chunk_decoder::state state = net::chunk_decoder::state::need_more;
  std::string body = {};
  std::size_t taken = 0;
  std::string why = {};
  friend bool operator==(const unchunked&, const unchunked&) = default;
};

constexpr std::size_t most_body = 4'096;

unchunked unchunk(std::string_view bytes, std::size_t step) {
  net::chunk_decoder chunks{most_body};
  unchunked made;
  while (made.taken < bytes.size() && made.state == net::chunk_decoder::state::need_more) {
    auto part = bytes.substr(made.taken, step);
    auto before = part.size();
    made.state = chunks.feed(part, made.body);
    made.taken += before - part.size();
    require(made.state != net::chunk_decoder::state::need_more || part.empty(), "what is wanted is taken");
  }
  made.why = chunks.why();
  return made;
}

std::string chunk(std::string_view body, std::size_t step) {
  std::string made;
  for (std::size_t at = 0; at < body.size(); at += step) {
    auto part = body.substr(at, step);
    char size[20];
    made.append(size, static_cast<std::size_t>(std::snprintf(size, sizeof size, "%zx", part.size())));
    made.append("\r\n").append(part).append("\r\n");
  }
  return made + "0\r\n\r\n";
}

void check_chunks(std::string_view bytes, std::size_t step) {
  auto whole = unchunk(bytes, SIZE_MAX);
  require(whole.body.size() <= most_body, "a body keeps to its bound");
  auto parts = unchunk(bytes, step);
  // A line that is too long is seen when it is, so the bytes that were taken of a fault may differ.
  if (whole.state == net::chunk_decoder::state::fault && parts.state == whole.state) return;
  require(whole == parts, "chunks mean the same however they come", whole.why + "|" + parts.why);
  auto body = bytes.substr(0, most_body);
  auto again = unchunk(chunk(body, step), SIZE_MAX);
  require(again.state == net::chunk_decoder::state::done && again.body == body, "unchunk after chunk is the identity");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  fuzz::choices from{data, size};
  auto choice = from.byte();
  auto step = std::size_t{1} + choice / 2;
  auto bytes = from.rest();
  if (choice % 2 == 1) {
    check_chunks(bytes, step);
    return 0;
  }
  auto end = net::find_header_end(bytes, 0);
  require(end == end_by_steps(bytes, step), "a header ends where it ends, however it comes");
  if (end == std::string_view::npos) return 0;
  require(end <= bytes.size(), "a header ends within the bytes");
  auto header = bytes.substr(0, end);
  auto read = net::read_head(header);
  if (auto* fault = std::get_if<net::framing_fault>(&read))
    require(!fault->why.empty(), "a refusal says why");
  else
    check_head(std::get<net::request_head>(read), header);
  return 0;
}
