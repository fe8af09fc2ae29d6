// What the bench and the drill read from a connection: any bytes in any pieces mean the same, no point has more than
// one end, and nothing is taken for an answer that is not in the bytes.

#include "net/client/load/conversation.hpp"
#include "net/client/load/server_frame.hpp"
#include "net/client/load/server_response.hpp"
#include "tests/fuzz/law.hpp"

#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>

#include <algorithm>
#include <random>
#include <sstream>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using namespace net::load;
using fuzz::require;
namespace http = boost::beast::http;

/// A copy of the very size, so that ASan sees who reads beyond.
class exactly {
public:
  explicit exactly(std::string_view bytes) : bytes_(bytes.begin(), bytes.end()) {}
  [[nodiscard]] std::string_view view() const { return {bytes_.data(), bytes_.size()}; }

private:
  std::vector<char> bytes_;
};

// -- one response, one frame ----------------------------------------------------------------------------

/// Has it a body by its status? goloca's client asks for nothing that is answered without.
bool has_body(unsigned status) {
  return status >= 200 && status != 204 && status != 304;
}

void compare(const server_response& read, std::string_view bytes) {
  http::response_parser<http::string_body> other;
  other.header_limit(static_cast<std::uint32_t>(bytes.size() + 1));
  other.eager(true);
  boost::system::error_code ec;
  auto used = other.put(boost::asio::buffer(bytes.data(), bytes.size()), ec);
  if (ec || !other.is_header_done() || !has_body(read.status) || other.chunked()) return; // not our matter
  if (!other.is_done()) used += other.put(boost::asio::buffer(bytes.data() + used, bytes.size() - used), ec);
  require(!ec && other.is_done() && used == read.size, "what is whole is whole for Beast, and ends at the same byte");
  require(other.get().result_int() == read.status, "the status is the same", std::to_string(read.status));
  require(other.get().body() == read.body, "the body is the same");
}

void check_response(std::string_view bytes, std::size_t cut) {
  auto read = read_server_response(bytes);
  if (read.is != server_response::state::whole) return require(read.size == 0, "only what is whole has a size");
  require(read.size <= bytes.size() && read.body.size() < read.size, "a response is within the bytes");
  require(read.body.empty() || read.body.data() + read.body.size() == bytes.data() + read.size, "a body ends it");
  require(bytes.substr(0, read.size).find(' ' + std::to_string(read.status)) != std::string_view::npos,
          "the status is in the text", std::to_string(read.status));
  exactly alone{bytes.substr(0, read.size)};
  require(read_server_response(alone.view()).is == server_response::state::whole, "it is whole alone");
  exactly part{bytes.substr(0, cut % read.size)};
  require(read_server_response(part.view()).is == server_response::state::partial, "it is partial until its last byte");
  compare(read, bytes.substr(0, read.size));
}

void check_frame(std::string_view bytes, std::size_t cut) {
  auto read = read_server_frame(bytes);
  if (read.is != server_frame::state::whole) return require(read.size == 0, "only what is whole has a size");
  require(read.size >= 2 && read.size <= bytes.size() && read.payload.size() <= read.size - 2,
          "a frame is within the bytes");
  require(read.payload.data() + read.payload.size() == bytes.data() + read.size, "a payload ends it");
  exactly alone{bytes.substr(0, read.size)};
  require(read_server_frame(alone.view()).is == server_frame::state::whole, "it is whole alone");
  exactly part{bytes.substr(0, cut % read.size)};
  require(read_server_frame(part.view()).is == server_frame::state::partial, "it is partial until its last byte");
  if (read.code == opcode::close) require(close_code_of(read.payload) <= 0xffff, "a code has two bytes");
}

// -- a conversation -------------------------------------------------------------------------------------

constexpr std::uint64_t first_id = 1'000;
constexpr std::size_t window = 6; // messages

/// What one connection of the bench makes of the bytes.
struct outcome {
  std::size_t used = 0;
  std::string broken = {};
  std::string pongs = {};
  std::uint64_t stored = 0, duplicates = 0, failed = 0, unanswered = 0;
  std::map<std::string, std::uint64_t, std::less<>> codes = {};
  std::string acked = {}; // ids, one a line
  friend bool operator==(const outcome&, const outcome&) = default;
};

struct way {
  bool websocket;
  std::size_t array; // points in a message
};

/// \param seed  where the bytes are cut; 0: nowhere.
outcome hear(way by, std::string_view bytes, unsigned seed) {
  static const time_point start{1'000s};
  static const net::client::url there{"127.0.0.1", "8080", ""};
  net::bench_options options;
  options.connections = 1, options.window = window, options.array = by.array;
  pace when{options, start};
  tally warm_up{start}, counted{start};
  reply_scanner scanner;
  auto speaks = by.websocket ? speak_websocket(there, by.array > 1) : speak_http(there, by.array > 1);
  conversation talk{{*speaks, when, scanner, warm_up, counted}, {0, 1, window, first_id, first_id + 1'000, 0}};
  std::string said;
  talk.speak(start, said, SIZE_MAX);
  require(talk.in_flight() == window, "the window is full");

  outcome made;
  std::minstd_rand random{seed + 1};
  std::string rest;
  while (!bytes.empty() && made.broken.empty()) {
    auto most = random() % 4 == 0 ? 200U : 12U;
    auto length = seed == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 1 + random() % most);
    rest.append(bytes.substr(0, length));
    bytes.remove_prefix(length);
    exactly here{rest};
    auto heard = talk.listen(here.view(), start + 1ms, made.pongs);
    require(heard.used <= rest.size(), "no more is used than there is");
    rest.erase(0, heard.used);
    made.used += heard.used;
    made.broken = heard.broken;
  }
  talk.give_up();
  made.stored = counted.stored(), made.duplicates = counted.duplicates(), made.failed = counted.failed();
  made.unanswered = counted.unanswered();
  made.codes = counted.failed_by_code();
  std::ostringstream acked;
  talk.acked().write(acked);
  made.acked = acked.str();
  require(counted.sent() == window * by.array && warm_up.sent() == 0, "so many were sent");
  require(made.stored + made.duplicates + made.failed + made.unanswered == counted.sent(), "every point has one end");
  return made;
}

void check_outcome(const outcome& made, std::string_view bytes, way by) {
  require(by.websocket || made.pongs.empty(), "HTTP answers nothing by itself");
  if (bytes.find('\\') != std::string_view::npos) return; // words may be escaped
  auto has = [&](std::string_view text) { return bytes.find(text) != std::string_view::npos; };
  require(made.stored == 0 || has("success"), "what is stored was said to be");
  require(made.duplicates == 0 || has("duplicate"), "what is a duplicate was said to be");
  std::istringstream ids{made.acked};
  std::uint64_t count = 0;
  for (std::string id; std::getline(ids, id); ++count) require(has(id), "what is acked is named", id);
  require(count == made.stored + made.duplicates, "as many are acked as are counted");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  fuzz::choices from{data, size};
  auto choice = from.byte();
  auto seed = from.byte();
  exactly whole{from.rest()};
  way by{choice % 2 == 0, choice / 2 % 2 == 0 ? 1U : 3U};
  if (by.websocket)
    check_frame(whole.view(), seed);
  else
    check_response(whole.view(), seed);
  auto at_once = hear(by, whole.view(), 0);
  check_outcome(at_once, whole.view(), by);
  auto in_pieces = hear(by, whole.view(), 1 + seed);
  require(at_once == in_pieces, "the same bytes mean the same, however they come",
          at_once.broken + '|' + in_pieces.broken);
  return 0;
}
