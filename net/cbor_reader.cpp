#include "net/cbor_reader.hpp"

#include "net/utf8.hpp"

#include <bit>
#include <cmath>
#include <optional>

namespace goloca::net {

namespace {

enum major : unsigned { unsigned_integer, negative_integer, byte_string, text_string, array, map, tag, simple };

/// The start of a data item: its kind, and the number that follows (a value, a length, a tag).
struct head {
  unsigned kind;
  unsigned info; // the lower five bits
  std::uint64_t argument = 0;
  [[nodiscard]] bool indefinite() const { return info == 31; }
};

class cbor_reader {
public:
  cbor_reader(std::string_view bytes, point_reader& to) : bytes_{bytes}, to_{&to} {}

  bool read() { return item() && (at_ == bytes_.size() || fail("something follows the data item")); }

private:
  bool fail(std::string_view what);
  [[nodiscard]] std::size_t left() const { return bytes_.size() - at_; }
  std::optional<head> next_head();
  std::optional<std::uint64_t> big_endian(std::size_t width);
  bool at_break();
  bool item();
  bool item(const head& of);
  bool negative(std::uint64_t argument);
  bool elements(const head& of);
  bool members(const head& of);
  bool tagged();
  bool simple_value(const head& of);
  std::optional<std::string_view> string(const head& of); // good until the next
  std::optional<std::string_view> piece(const head& of);

  std::string_view bytes_;
  std::size_t at_ = 0;
  point_reader* to_;
  std::string joined_; // a chunked string
};

bool cbor_reader::fail(std::string_view what) {
  return to_->fail("not CBOR: " + std::string{what} + " at byte " + std::to_string(at_ + 1));
}

std::optional<std::uint64_t> cbor_reader::big_endian(std::size_t width) {
  if (left() < width) {
    at_ = bytes_.size();
    return fail("it ends too early"), std::nullopt;
  }
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < width; ++i) value = value << 8 | static_cast<unsigned char>(bytes_[at_++]);
  return value;
}

std::optional<head> cbor_reader::next_head() {
  auto initial = big_endian(1);
  if (!initial) return std::nullopt;
  head made{static_cast<unsigned>(*initial >> 5), static_cast<unsigned>(*initial & 31), *initial & 31};
  if (made.info < 24) return made;
  if (made.info <= 27) {
    auto argument = big_endian(std::size_t{1} << (made.info - 24));
    if (!argument) return std::nullopt;
    made.argument = *argument;
    return made;
  }
  bool may_be_indefinite = made.kind >= byte_string && made.kind <= map;
  if (made.indefinite() && may_be_indefinite) return made;
  --at_;
  return fail(made.indefinite() && made.kind == simple ? "a break out of place" : "a reserved initial byte"),
         std::nullopt;
}

/// Takes the break that ends an item of indefinite length, when it is next.
bool cbor_reader::at_break() {
  if (left() == 0 || bytes_[at_] != '\xff') return false;
  ++at_;
  return true;
}

bool cbor_reader::item() {
  auto of = next_head();
  return of && item(*of);
}

bool cbor_reader::item(const head& of) {
  switch (of.kind) {
  case unsigned_integer:
    return to_->number_unsigned(of.argument);
  case negative_integer:
    return negative(of.argument);
  case byte_string:
    return string(of) && to_->foreign("a byte string");
  case text_string: {
    auto text = string(of);
    return text && to_->string(*text);
  }
  case array:
    return elements(of);
  case map:
    return members(of);
  case tag:
    return tagged();
  default:
    return simple_value(of);
  }
}

/// -1 - argument, which may be beyond 64 bits.
bool cbor_reader::negative(std::uint64_t argument) {
  if (argument <= static_cast<std::uint64_t>(INT64_MAX))
    return to_->number_integer(-1 - static_cast<std::int64_t>(argument));
  auto digits = argument == UINT64_MAX ? "18446744073709551616" : std::to_string(argument + 1);
  return to_->number_float(-1.0 - static_cast<double>(argument), "-" + digits);
}

bool cbor_reader::elements(const head& of) {
  if (!to_->start_array()) return false;
  for (std::uint64_t i = 0; of.indefinite() ? !at_break() : i < of.argument; ++i)
    if (!item()) return false;
  return to_->end_array();
}

bool cbor_reader::members(const head& of) {
  if (!to_->start_object()) return false;
  for (std::uint64_t i = 0; of.indefinite() ? !at_break() : i < of.argument; ++i) {
    auto name_head = next_head();
    if (!name_head) return false;
    if (name_head->kind != text_string) return fail("a member's name that is not text");
    auto name = string(*name_head);
    if (!name || !to_->key(*name) || !item()) return false;
  }
  return to_->end_object();
}

bool cbor_reader::tagged() {
  return to_->start_foreign("a tagged value") && item() && to_->end_foreign();
}

double half(std::uint64_t bits) {
  auto exponent = static_cast<int>(bits >> 10 & 31);
  auto mantissa = static_cast<double>(bits & 0x3ff);
  double magnitude = exponent == 0    ? std::ldexp(mantissa, -24)
                     : exponent == 31 ? (mantissa == 0 ? INFINITY : NAN)
                                      : std::ldexp(mantissa + 1024, exponent - 25);
  return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

bool cbor_reader::simple_value(const head& of) {
  switch (of.info) {
  case 20:
    return to_->boolean(false);
  case 21:
    return to_->boolean(true);
  case 22:
    return to_->null();
  case 23:
    return to_->foreign("undefined");
  case 24:
    return of.argument < 32 ? fail("a malformed simple value") : to_->foreign("a simple value");
  case 25:
    return to_->number_float(half(of.argument), {});
  case 26:
    return to_->number_float(std::bit_cast<float>(static_cast<std::uint32_t>(of.argument)), {});
  case 27:
    return to_->number_float(std::bit_cast<double>(of.argument), {});
  default:
    return to_->foreign("a simple value");
  }
}

/// A string of either kind, whole.
std::optional<std::string_view> cbor_reader::string(const head& of) {
  if (!of.indefinite()) return piece(of);
  joined_.clear();
  while (!at_break()) {
    auto chunk = next_head();
    if (!chunk) return std::nullopt;
    if (chunk->kind != of.kind || chunk->indefinite()) return fail("a chunk of another kind in a string"), std::nullopt;
    auto text = piece(*chunk);
    if (!text) return std::nullopt;
    joined_ += *text;
  }
  return joined_;
}

std::optional<std::string_view> cbor_reader::piece(const head& of) {
  if (of.argument > left()) {
    at_ = bytes_.size();
    return fail("it ends within a string"), std::nullopt;
  }
  auto found = bytes_.substr(at_, of.argument);
  if (of.kind == text_string) {
    auto good = valid_utf8_prefix(found);
    if (at_ += good; good != found.size()) return fail("a text that is not UTF-8"), std::nullopt;
  } else {
    at_ += found.size();
  }
  return found;
}

} // namespace

bool read_cbor(std::string_view bytes, point_reader& to) {
  return cbor_reader{bytes, to}.read();
}

} // namespace goloca::net
