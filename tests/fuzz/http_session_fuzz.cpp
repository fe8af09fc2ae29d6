// An HTTP session under any bytes in any pieces: each request is answered once, with well-formed responses that are the
// same however the bytes came; nothing is said to be stored that is not.

#include "net/chunk_decoder.hpp"
#include "net/http_framing.hpp"
#include "net/http_request.hpp"
#include "tests/fuzz/law.hpp"
#include "tests/fuzz/session_laws.hpp"

#include <algorithm>
#include <optional>

namespace {

using namespace goloca;
using fuzz::require;

/// The requests in `bytes`, each by its own rules, as one who has all the bytes at once can see them.
class request_count {
public:
  request_count(std::string_view bytes, const net::net_settings& bounds) : rest_{bytes}, bounds_{&bounds} {
    while (next()) {
    }
  }

  std::size_t answered = 0; // get a response, a 101 included

private:
  bool last() { return ++answered, false; }

  bool next() {
    auto length = net::find_header_end(rest_, 0);
    if (length == std::string_view::npos) return rest_.size() > bounds_->max_header ? last() : false;
    if (length > bounds_->max_header) return last();
    auto read = net::read_head(rest_.substr(0, length));
    rest_.remove_prefix(length);
    auto* head = std::get_if<net::request_head>(&read);
    if (head == nullptr) return last();
    auto request = net::understand(*head, actors::entrance::clients, *bounds_);
    bool at_once = request.refused == net::ending::too_large || request.expect_continue;
    if (request.refused && request.has_body() && at_once) return last();
    auto whole = request.chunked ? take_chunks() : take(request.content_length);
    if (!whole) return false;
    if (!*whole || request.to_websocket || !request.keep_alive) return last();
    ++answered;
    return true;
  }

  /// Nothing: the body is not all there; false: it is refused.
  std::optional<bool> take(std::uint64_t length) {
    if (rest_.size() < length) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(length));
    return true;
  }
  std::optional<bool> take_chunks() {
    net::chunk_decoder chunks{bounds_->max_body};
    std::string body;
    auto state = chunks.feed(rest_, body);
    if (state == net::chunk_decoder::state::need_more) return std::nullopt;
    return state == net::chunk_decoder::state::done;
  }

  std::string_view rest_;
  const net::net_settings* bounds_;
};

/// Without the interim responses, which come only when the body is late.
std::vector<test::seen_response> final_responses(std::string_view bytes) {
  auto seen = test::read_responses(bytes);
  require(seen.fault.empty(), "responses are well-formed", seen.fault);
  std::erase_if(seen.all, [](const auto& each) { return each.code == 100; });
  for (const auto& each : seen.all) require(!each.cut, "a response is whole", each.body);
  return seen.all;
}

/// The answer to GET /datapoints/{id} depends on how far the point has come by then.
bool answers_a_question(const test::seen_response& one) {
  auto document = one.document();
  if (!document || !document->is_object()) return false;
  if (one.code == 200) return document->contains("user_id");
  return one.code == 202 || (one.code == 404 && document->value("error", "") == "no such point is stored");
}

struct outcome {
  std::vector<test::seen_response> responses;
  std::string text; // of them, without the clock's part
};

outcome run(test::session_world& world, std::string_view bytes, unsigned seed) {
  test::lone_session session{world};
  fuzz::send_in_pieces(session, bytes, seed);
  session.send_no_more(); // what was read whole before it is answered
  session.release();
  outcome made{final_responses(session.received()), {}};
  std::vector<std::int64_t> stored;
  bool upgraded = false;
  for (const auto& each : made.responses) {
    made.text +=
        answers_a_question(each) ? "a point\n" : std::to_string(each.code) + ' ' + fuzz::timeless(each.body) + '\n';
    upgraded |= each.code == 101;
    auto document = each.document();
    require(each.body.empty() || document, "a body is what its type says", each.body);
    if (!document) continue;
    auto ids = test::stored_ids_in(*document);
    require(ids.empty() || each.code / 100 == 2, "what failed says nothing is stored", each.body);
    stored.insert(stored.end(), ids.begin(), ids.end());
  }
  if (!upgraded) {
    require(session.ended(), "a session ends when its client sends no more");
    fuzz::check_account(session, stored);
  }
  session.hang_up();
  require(session.open_sessions() == 0, "no session outlives its client");
  return made;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static auto& world = *new test::session_world{fuzz::small_bounds()}; // outlives CAF's own statics
  fuzz::choices from{data, size};
  auto seed = from.byte();
  auto bytes = from.rest();
  auto whole = run(world, bytes, 0);
  auto expected = request_count{bytes, world.service.settings}.answered;
  require(whole.responses.size() == expected, "each request is answered once",
          std::to_string(whole.responses.size()) + " responses to " + std::to_string(expected) + " requests");
  auto pieces = run(world, bytes, 1 + seed);
  require(whole.text == pieces.text, "the same bytes are answered the same, however they come",
          whole.text + "---\n" + pieces.text);
  return 0;
}
