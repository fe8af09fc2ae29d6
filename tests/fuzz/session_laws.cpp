#include "tests/fuzz/session_laws.hpp"

#include "tests/fuzz/law.hpp"

#include <algorithm>
#include <random>

namespace goloca::fuzz {

net::net_settings small_bounds() {
  using namespace std::chrono_literals;
  net::net_settings bounds;
  for (auto* each : {&bounds.request_timeout, &bounds.header_timeout, &bounds.body_timeout, &bounds.idle_timeout,
                     &bounds.write_timeout, &bounds.ping_interval})
    *each = std::chrono::milliseconds{1h}; // no real time passes in a run
  bounds.max_in_flight = 4;
  bounds.max_header = 1'024;
  bounds.max_body = 2'048;
  bounds.max_message = 2'048;
  return bounds;
}

void send_in_pieces(test::lone_session& to, std::string_view bytes, unsigned seed) {
  std::minstd_rand random{seed + 1};
  while (!bytes.empty()) {
    auto most = random() % 4 == 0 ? 200U : 12U;
    auto length = seed == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 1 + random() % most);
    if (seed != 0 && random() % 4 == 0) to.hold();
    to.send(bytes.substr(0, length));
    if (seed != 0 && random() % 2 == 0) to.release();
    bytes.remove_prefix(length);
  }
}

void check_account(test::lone_session& of, const std::vector<std::int64_t>& stored) {
  auto total = of.account();
  require(total.conserved() && total.in_flight == 0, "every point has one end",
          "in flight: " + std::to_string(total.in_flight));
  require(total.stored + total.duplicate == stored.size(), "as many are said to be stored as are",
          std::to_string(total.stored + total.duplicate) + " and " + std::to_string(stored.size()));
  for (auto id : stored) require(of.table()->row(id) != nullptr, "what is said to be stored is", std::to_string(id));
  require(of.table()->size() == total.stored, "what is stored is said to be");
}

std::string timeless(std::string_view text) {
  constexpr std::size_t given_id = 17; // digits
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("Date: ")) {
      at = std::min(text.size(), text.find('\n', at)); // its CR goes too
      continue;
    }
    auto end = std::min(text.size(), text.find_first_not_of("0123456789", at));
    if (end - at >= given_id)
      made += '#';
    else
      made += text.substr(at, end - at);
    if (end < text.size()) made += text[end++];
    at = end;
  }
  return made;
}

} // namespace goloca::fuzz
