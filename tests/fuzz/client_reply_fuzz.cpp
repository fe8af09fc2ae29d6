// A service's reply, any text, as `goloca send`, `bench` and `drill` read it: each point has what the reply says of it
// and nothing else, and none is lost by it.

#include "net/client/drill/lone_point.hpp"
#include "net/client/load/reply_scanner.hpp"
#include "net/client/outbox.hpp"
#include "net/client/reply.hpp"
#include "tests/fuzz/law.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using fuzz::require;
using net::client::point_reply;
using net::client::reply;
using nlohmann::json;
using verdict = point_reply::verdict;
using id_list = std::vector<std::string_view>;

const json* member(const json& object, const char* name) {
  auto at = object.find(name);
  return at == object.end() ? nullptr : &*at;
}

bool says(const json& object, const char* name, const json& value) {
  const auto* found = member(object, name);
  return found != nullptr && *found == value;
}

// -- send -------------------------------------------------------------------------------------------------

void check_point(const point_reply& read, const json& said, std::string_view id) {
  auto success = read.what == verdict::stored || read.what == verdict::duplicate;
  require(says(said, "status", success ? "success" : "failed"), "a status is the reply's", said.dump());
  require(!success || says(said, "duplicate", true) == (read.what == verdict::duplicate), "so is a duplicate");
  auto plain = id.find_first_not_of("123456789") == std::string_view::npos && !id.empty();
  require(!success || !plain || says(said, "id", id), "an ack names its point", said.dump());
  auto final = says(said, "code", "invalid") || says(said, "code", "conflict") || says(said, "code", "too_large");
  require(success || final == (read.what == verdict::refused), "only what is known to be final is", said.dump());
}

void check_wait(const point_reply& read) {
  require(read.retry_after >= 0ms && read.retry_after <= 1min, "a wait is bounded");
}

/// What the sender does with it: each point has its end once, or is to be sent again.
void check_outbox(const reply& read, const id_list& ids) {
  static const std::chrono::steady_clock::time_point now{1'000s};
  std::size_t given = 0, refused = 0;
  auto next = [&]() -> std::optional<net::client::item> {
    if (given == ids.size()) return std::nullopt;
    net::client::item one;
    one.id = ids[given];
    one.text = "{}";
    ++given;
    return one;
  };
  net::client::outbox box{{.window = 8, .batch = ids.size()},
                          {next, [&] { return given == ids.size(); },
                           [&](const auto& /*item*/, const auto& /*how*/) { ++refused; },
                           [] { return std::string{"9"}; }, [] { return 0.5; }}};
  auto sent = box.take(now, true);
  require(sent.size() == ids.size(), "all are sent as one message");
  auto fits = box.settle(std::move(sent), read, now);
  require(fits == (read.what != reply::kind::nonsense), "nonsense ends a connection, and nothing else does");
  auto count = [&](verdict what) {
    return static_cast<std::uint64_t>(std::ranges::count(read.points, what, &point_reply::what));
  };
  require(box.counts().stored == count(verdict::stored), "what is said to be stored is counted so");
  require(box.counts().duplicates == count(verdict::duplicate), "and a duplicate");
  auto alone = ids.size() == 1 && (read.what == reply::kind::too_large || read.what == reply::kind::unreadable);
  require(refused == count(verdict::refused) + (alone ? 1 : 0) && refused == box.counts().refused,
          "what is refused for good is refused once");
  std::size_t again = 0;
  for (auto later = now + 24h;; later += 24h) {
    auto taken = box.take(later, true);
    if (taken.empty()) break;
    again += taken.size();
  }
  require(box.counts().final() + again == ids.size(), "every other point is sent again");
}

const json& list_in(const json& document) {
  const auto* results = document.is_object() ? member(document, "results") : nullptr;
  return results == nullptr ? document : *results;
}

void check_reply(const reply& read, const json& document, const id_list& ids) {
  require((read.what == reply::kind::points) || read.points.empty(), "points are of a reply to points");
  check_wait(read.whole);
  if (read.what == reply::kind::points) {
    const auto& said = list_in(document);
    require(said.is_array() && said.size() == ids.size() && read.points.size() == ids.size(), "one reply a point");
    for (std::size_t i = 0; i < ids.size(); ++i) {
      check_point(read.points[i], said[i], ids[i]);
      check_wait(read.points[i]);
    }
  } else {
    require(read.what != reply::kind::nonsense || !read.whole.error.empty(), "nonsense is called so");
  }
  if (!ids.empty()) check_outbox(read, ids);
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

void check_http(unsigned status, std::string_view header, std::string_view body, const json& document,
                const id_list& ids) {
  auto read = net::client::read_http_reply(status, header, body, ids);
  check_reply(read, document, ids);
  if (read.what == reply::kind::points || read.what == reply::kind::nonsense) return;
  require(status >= 300, "a success has its results");
  require(!read.whole.error.empty(), "a refusal says why");
  auto some = is_number(header) && header.find_first_not_of('0') != std::string_view::npos;
  require(!some || read.whole.retry_after > 0ms, "a wait that is asked for is kept", header);
}

// -- bench and drill --------------------------------------------------------------------------------------

namespace load = net::load;
using shape = load::reply_scanner::shape;
using kind = load::point_verdict::kind;

kind kind_of(const json& said) {
  if (says(said, "status", "failed")) return kind::failed;
  if (says(said, "status", "duplicate")) return kind::duplicate;
  if (!says(said, "status", "success")) return kind::unknown;
  return says(said, "duplicate", true) ? kind::duplicate : kind::stored;
}

std::uint64_t id_of(const json& said) {
  const auto* id = member(said, "id");
  if (id == nullptr) return 0;
  if (id->is_number_unsigned()) return id->get<std::uint64_t>();
  if (!id->is_string() || !is_number(id->get<std::string>())) return 0;
  auto text = id->get<std::string>();
  text.erase(0, std::min(text.find_first_not_of('0'), text.size()));
  auto number = json::parse(text, nullptr, false);
  return number.is_number_unsigned() ? number.get<std::uint64_t>() : 0;
}

void check_verdict(const load::point_verdict& read, const json& said) {
  require(said.is_object() && read.what == kind_of(said), "a verdict is the reply's", said.dump());
  require(read.id == id_of(said), "so is the id", said.dump());
  const auto* code = member(said, "code");
  auto text = code != nullptr && code->is_string() ? code->get<std::string>() : std::string{};
  require(read.code == text, "and the code", said.dump());
}

/// Without a document it is read as with one.
void check_scanner(std::string_view text, const json& document) {
  load::reply_scanner scanner;
  auto found = scanner.scan(text);
  const auto& verdicts = scanner.verdicts();
  require(found != shape::one || verdicts.size() == 1, "one is one");
  if (document.is_discarded()) return;
  const auto& list = list_in(document);
  auto many = document.is_array() || (document.is_object() && document.contains("results"));
  auto is_reply = [](const json& each) { return each.is_object() && kind_of(each) != kind::unknown; };
  auto readable = many ? list.is_array() && std::ranges::all_of(list, is_reply) : is_reply(document);
  require(found == (!readable ? shape::unreadable : many ? shape::many : shape::one), "a shape is what it is");
  if (found == shape::one) check_verdict(verdicts.front(), document);
  if (found != shape::many) return;
  require(verdicts.size() == list.size(), "a verdict for each");
  for (std::size_t i = 0; i < verdicts.size(); ++i) check_verdict(verdicts[i], list[i]);
}

void check_lone(std::string_view text, const json& document) {
  using net::drill::heard;
  net::drill::lone_point one;
  auto end = settle(one, text);
  require((end == heard::stored) <= (one.id > 0), "an ack names the point");
  require(end == heard::misfit || document.is_object(), "what is no reply is a misfit");
  require(!one.unknown || says(document, "code", "timeout"), "only a timeout is unknown");
  require(end != heard::stored || says(document, "status", "success"), "an ack is in the text");
}

constexpr unsigned statuses[] = {200, 201, 207, 400, 409, 413, 429, 503, 404, 301, 422, 500, 408, 0, 999};
const id_list sent_ids[] = {{"1"}, {"1", "2"}, {"1", "2", "3"}, {"1.0"}, {"x", "7"}, {}};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  fuzz::choices from{data, size};
  auto status = statuses[from.byte() % std::size(statuses)];
  auto choice = from.byte();
  const auto& ids = sent_ids[choice % std::size(sent_ids)];
  auto text = from.rest();
  auto header = choice >= 128 ? text.substr(0, text.find('\n')) : std::string_view{};
  if (choice >= 128) text.remove_prefix(std::min(text.size(), header.size() + 1));
  std::vector<char> exact(text.begin(), text.end()); // ASan sees who reads beyond
  text = {exact.data(), exact.size()};

  auto document = json::parse(text, nullptr, false);
  check_http(status, header, text, document, ids);
  check_reply(net::client::read_websocket_reply(text, ids), document, ids);
  check_scanner(text, document);
  check_lone(text, document);
  return 0;
}
