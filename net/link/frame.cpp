#include "net/link/frame.hpp"

#include "store/row_wire.hpp"
#include "store/wire_bytes.hpp"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

namespace goloca::net::link {

namespace {

using namespace actors;
using store::put;
using store::put_text;
using store::wire_reader;

// A kind's number is its place in `frame`: both never change. One kind has no place of its own.
constexpr std::uint8_t result_with_given_up = 10;

template <class Message, std::size_t At = 0>
constexpr std::uint8_t kind_of() {
  if constexpr (std::is_same_v<Message, std::variant_alternative_t<At, frame>>)
    return At;
  else
    return kind_of<Message, At + 1>();
}
static_assert(kind_of<link_hello>() == 0 && kind_of<link_batch>() == 1 && kind_of<link_find>() == 2 &&
              kind_of<link_welcome>() == 3 && kind_of<link_refusal>() == 4 && kind_of<link_result>() == 5 &&
              kind_of<link_found>() == 6 && kind_of<link_draining>() == 7 && kind_of<ping>() == 8 &&
              kind_of<pong>() == 9);

void put_patience(std::string& to, std::chrono::milliseconds patience) {
  put(to, static_cast<std::uint32_t>(std::clamp<std::int64_t>(patience.count(), 0, UINT32_MAX)));
}
std::chrono::milliseconds take_patience(wire_reader& from) {
  return std::chrono::milliseconds{from.take<std::uint32_t>()};
}

// -- one pair a frame ----------------------------------------------------------------------------

void write(std::string& to, const link_hello& it) {
  put(to, it.versions.least);
  put(to, it.versions.most);
  put_text(to, it.cluster);
  put_text(to, it.node);
  put(to, it.boot);
  put_text(to, it.schema);
}
void read(wire_reader& from, link_hello& it) {
  it.versions.least = from.take<std::uint16_t>();
  it.versions.most = from.take<std::uint16_t>();
  it.cluster = from.take_text();
  it.node = from.take_text();
  it.boot = from.take<std::uint64_t>();
  it.schema = from.take_text();
}

void write(std::string& to, const link_batch& it) {
  put(to, it.sequence);
  put(to, it.digest);
  put_patience(to, it.patience);
  std::uint32_t rows = 0;
  for (const auto& range : it.rows) rows += range.count;
  put(to, rows);
  for (const auto& range : it.rows) {
    for (std::uint32_t i = 0; i < range.count; ++i) store::append_wire(to, range[i]);
  }
}

void write(std::string& to, const link_find& it) {
  put(to, it.number);
  put(to, static_cast<std::uint64_t>(it.id));
  put_patience(to, it.patience);
}
void read(wire_reader& from, link_find& it) {
  it.number = from.take<std::uint64_t>();
  it.id = static_cast<std::int64_t>(from.take<std::uint64_t>());
  it.patience = take_patience(from);
}

void write(std::string& to, const link_welcome& it) {
  put(to, it.version);
  put_text(to, it.node);
  put(to, it.boot);
  put(to, it.credit);
  put(to, it.most_points);
  put(to, it.most_bytes);
  put(to, static_cast<std::uint8_t>(it.promise.full));
  put_text(to, it.promise.statement);
}
void read(wire_reader& from, link_welcome& it) {
  it.version = from.take<std::uint16_t>();
  it.node = from.take_text();
  it.boot = from.take<std::uint64_t>();
  it.credit = from.take<std::uint32_t>();
  it.most_points = from.take<std::uint32_t>();
  it.most_bytes = from.take<std::uint32_t>();
  it.promise.full = from.take<std::uint8_t>() != 0;
  it.promise.statement = from.take_text();
}

void write(std::string& to, const link_refusal& it) {
  put_text(to, it.reason);
}
void read(wire_reader& from, link_refusal& it) {
  it.reason = from.take_text();
}

void write(std::string& to, const link_draining&) {
  (void)to;
}
void read(wire_reader&, link_draining&) {}

void write(std::string& to, const ping& it) {
  put(to, it.number);
}
void read(wire_reader& from, ping& it) {
  it.number = from.take<std::uint64_t>();
}
void write(std::string& to, const pong& it) {
  put(to, it.number);
}
void read(wire_reader& from, pong& it) {
  it.number = from.take<std::uint64_t>();
}

void write(std::string& to, const link_result& it) {
  put(to, it.sequence);
  put(to, it.digest);
  put(to, static_cast<std::uint32_t>(it.result.outcomes.size()));
  for (auto each : it.result.outcomes) put(to, static_cast<std::uint8_t>(each));
  if (!it.given_up.empty()) put(to, static_cast<std::uint32_t>(it.given_up.size()));
  for (const auto& each : it.given_up) {
    put(to, each.index);
    put_text(to, each.reason);
  }
  for (const auto& each : it.result.refusals) {
    put(to, each.index);
    put_text(to, each.sqlstate);
    put_text(to, each.message);
  }
}

void write(std::string& to, const link_found& it) {
  put(to, it.number);
  put(to, static_cast<std::uint8_t>(it.what));
  put_text(to, it.detail);
  if (it.row) store::append_wire(to, (*it.row)[0]);
}

// -- what needs more than its own bytes to be read -----------------------------------------------

using reading = std::variant<frame, std::string>;

template <class Message>
reading read_plain(wire_reader from) {
  Message made;
  read(from, made);
  if (!from.at_end()) return "a body of the wrong length";
  return frame{std::move(made)};
}

reading read_batch(wire_reader from, const std::shared_ptr<const store::schema>& schema) {
  link_batch made;
  made.sequence = from.take<std::uint64_t>();
  made.digest = from.take<std::uint64_t>();
  made.patience = take_patience(from);
  auto count = from.take<std::uint32_t>();
  if (!from.ok() || count == 0) return "a batch without rows";
  auto rows = store::read_wire(from.take_rest(), count, schema);
  if (auto* wrong = std::get_if<std::string>(&rows)) return "a batch is wrong: " + *wrong;
  made.rows.push_back({std::get<0>(std::move(rows)), 0, count});
  return frame{std::move(made)};
}

/// Some of a result's points, by index, none twice. \return whether they are.
bool read_given_up(wire_reader& from, std::size_t points, std::vector<given_up_point>& into) {
  auto count = from.take<std::uint32_t>();
  if (!from.ok() || count == 0 || count > points) return false;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto index = from.take<std::uint32_t>();
    auto reason = from.take_text();
    if (!from.ok() || index >= points || (!into.empty() && into.back().index >= index)) return false;
    into.push_back({index, std::string{reason}});
  }
  return true;
}

/// An outcome each; `invalid` ones, in their order, have a refusal.
reading read_result(wire_reader from, bool with_given_up) {
  link_result made;
  made.sequence = from.take<std::uint64_t>();
  made.digest = from.take<std::uint64_t>();
  auto outcomes = from.take_text();
  for (auto each : outcomes) {
    if (static_cast<std::uint8_t>(each) > static_cast<std::uint8_t>(store::outcome::invalid))
      return "an unknown outcome";
    made.result.outcomes.push_back(static_cast<store::outcome>(each));
  }
  if (with_given_up && !read_given_up(from, outcomes.size(), made.given_up))
    return "the points that a result gives up are wrong";
  while (from.left() > 0) {
    auto index = from.take<std::uint32_t>();
    auto sqlstate = from.take_text();
    auto message = from.take_text();
    auto& all = made.result.refusals;
    if (!from.ok() || index >= outcomes.size() || (!all.empty() && all.back().index >= index))
      return "the refusals of a result are wrong";
    all.push_back({index, std::string{sqlstate}, std::string{message}});
  }
  if (!from.at_end()) return "a body of the wrong length";
  return frame{std::move(made)};
}

reading read_found(wire_reader from, const std::shared_ptr<const store::schema>& schema) {
  link_found made;
  made.number = from.take<std::uint64_t>();
  auto what = from.take<std::uint8_t>();
  made.detail = from.take_text();
  if (!from.ok() || what > static_cast<std::uint8_t>(link_found::state::timeout)) return "an unknown state of a point";
  made.what = static_cast<link_found::state>(what);
  if (made.what == link_found::state::found) {
    auto row = store::read_wire(from.take_rest(), 1, schema);
    if (auto* wrong = std::get_if<std::string>(&row)) return "a point is wrong: " + *wrong;
    made.row = std::get<0>(std::move(row));
  }
  if (!from.at_end()) return "a body of the wrong length";
  return frame{std::move(made)};
}

} // namespace

frame_head read_head(const std::array<char, head_size>& bytes) {
  wire_reader from{{bytes.data(), bytes.size()}};
  auto size = from.take<std::uint32_t>();
  return {size, from.take<std::uint8_t>()};
}

void append(std::string& to, const frame& what) {
  auto head = to.size();
  put(to, std::uint32_t{0});
  const auto* result = std::get_if<link_result>(&what);
  auto gives_up = result != nullptr && !result->given_up.empty();
  put(to, gives_up ? result_with_given_up : static_cast<std::uint8_t>(what.index()));
  std::visit([&](const auto& each) { write(to, each); }, what);
  auto size = static_cast<std::uint32_t>(to.size() - head - head_size);
  std::memcpy(to.data() + head, &size, sizeof size);
}

reading read_body(std::uint8_t kind, std::string_view body, const std::shared_ptr<const store::schema>& schema) {
  wire_reader from{body};
  switch (kind) {
  case kind_of<link_hello>():
    return read_plain<link_hello>(from);
  case kind_of<link_batch>():
    return read_batch(from, schema);
  case kind_of<link_find>():
    return read_plain<link_find>(from);
  case kind_of<link_welcome>():
    return read_plain<link_welcome>(from);
  case kind_of<link_refusal>():
    return read_plain<link_refusal>(from);
  case kind_of<link_result>():
    return read_result(from, false);
  case result_with_given_up:
    return read_result(from, true);
  case kind_of<link_found>():
    return read_found(from, schema);
  case kind_of<link_draining>():
    return read_plain<link_draining>(from);
  case kind_of<ping>():
    return read_plain<ping>(from);
  case kind_of<pong>():
    return read_plain<pong>(from);
  default:
    return "a frame of unknown kind " + std::to_string(kind);
  }
}

} // namespace goloca::net::link
