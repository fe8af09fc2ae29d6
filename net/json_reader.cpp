#include "net/json_reader.hpp"

#include "net/utf8.hpp"

#if defined(__SSE2__)
#  include <emmintrin.h>
#endif

#include <bit>
#include <bitset>
#include <charconv>
#include <cstdlib>
#include <optional>

namespace goloca::net {

namespace {

constexpr std::size_t deepest = 512; // as point_reader has it; it is asked first

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// Nearest double; infinite when it is beyond one.
double to_double(std::string_view number) {
  double value = 0;
  auto read = std::from_chars(number.data(), number.data() + number.size(), value);
  // from_chars does not say which way it went out of range.
  return read.ec == std::errc{} ? value : std::strtod(std::string{number}.c_str(), nullptr);
}

/// Passes over bytes that mean themselves in a string, sixteen at a time: it stops at a quote, a backslash, a control
/// character, anything but ASCII, or a little before the end.
const char* skip_plain([[maybe_unused]] const char* at, [[maybe_unused]] const char* end) {
#if defined(__SSE2__)
  for (; end - at >= 16; at += 16) {
    auto bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    auto quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    auto backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    auto other = _mm_cmplt_epi8(bytes, _mm_set1_epi8(0x20)); // signed: bytes from 0x80 on are below 0
    auto stops = static_cast<unsigned>(_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), other)));
    if (stops != 0) return at + std::countr_zero(stops);
  }
#endif
  return at;
}

class json_reader {
public:
  json_reader(std::string_view text, point_reader& to)
      : begin_{text.data()}, at_{begin_}, end_{begin_ + text.size()}, to_{&to} {}

  bool read();

private:
  [[nodiscard]] bool done() const { return at_ == end_; }
  [[nodiscard]] char peek() const { return at_ == end_ ? '\0' : *at_; } // a NUL byte is nothing that any rule takes
  bool take(char c);
  void space();
  bool fail(std::string_view what);
  bool unexpected(std::string_view wanted);
  bool value();
  bool within_container();
  bool open(bool object);
  bool close();
  bool literal(std::string_view word);
  bool number();
  bool integer(std::string_view digits);
  std::optional<std::string_view> string(); // its text, good until the next
  bool escape();
  std::optional<std::uint32_t> hex4();

  const char* begin_;
  const char* at_;
  const char* end_;
  point_reader* to_;
  std::size_t depth_ = 0;
  std::bitset<deepest> in_object_; // by depth - 1
  bool first_ = false;             // nothing stands in the innermost container yet
  std::string unescaped_;
};

bool json_reader::fail(std::string_view what) {
  return to_->fail("not JSON: " + std::string{what} + " at byte " + std::to_string(at_ - begin_ + 1));
}

bool json_reader::unexpected(std::string_view wanted) {
  return fail((done() ? "the text ends where " : "unexpected character where ") + std::string{wanted} + " should be,");
}

bool json_reader::take(char c) {
  if (done() || *at_ != c) return false;
  ++at_;
  return true;
}

void json_reader::space() {
  while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
}

bool json_reader::read() {
  constexpr std::string_view byte_order_mark = "\xef\xbb\xbf"; // RFC 8259 lets a reader pass over it
  if (std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.starts_with(byte_order_mark))
    at_ += byte_order_mark.size();
  space();
  if (!value()) return false;
  while (depth_ != 0) {
    space();
    if (!within_container()) return false;
  }
  space();
  return done() || fail("something follows the value");
}

/// One step in the innermost container: its end, or its next element.
bool json_reader::within_container() {
  bool object = in_object_[depth_ - 1];
  if (take(object ? '}' : ']')) return close();
  if (!first_) {
    if (!take(',')) return unexpected(object ? "a comma or }" : "a comma or ]");
    space();
  }
  first_ = false;
  if (object) {
    if (peek() != '"') return unexpected("a member's name");
    auto name = string();
    if (!name || !to_->key(*name)) return false;
    space();
    if (!take(':')) return unexpected("a colon");
    space();
  }
  return value();
}

bool json_reader::value() {
  switch (peek()) {
  case '{':
    return open(true);
  case '[':
    return open(false);
  case '"': {
    auto text = string();
    return text && to_->string(*text);
  }
  case 't':
    return literal("true") && to_->boolean(true);
  case 'f':
    return literal("false") && to_->boolean(false);
  case 'n':
    return literal("null") && to_->null();
  default:
    return peek() == '-' || is_digit(peek()) ? number() : unexpected("a value");
  }
}

bool json_reader::open(bool object) {
  if (!(object ? to_->start_object() : to_->start_array())) return false;
  ++at_;
  in_object_[depth_++] = object;
  first_ = true;
  return true;
}

bool json_reader::close() {
  first_ = false;
  return in_object_[--depth_] ? to_->end_object() : to_->end_array();
}

bool json_reader::literal(std::string_view word) {
  if (std::string_view{at_, static_cast<std::size_t>(end_ - at_)}.substr(0, word.size()) != word)
    return unexpected("a value");
  at_ += word.size();
  return true;
}

// -- numbers ---------------------------------------------------------------------------------------

bool json_reader::number() {
  const char* start = at_;
  auto digits = [this] {
    const char* from = at_;
    while (at_ != end_ && is_digit(*at_)) ++at_;
    return at_ != from;
  };
  take('-');
  if (!take('0') && !digits()) return unexpected("a digit");
  bool whole = true;
  if (take('.')) {
    whole = false;
    if (!digits()) return unexpected("a digit");
  }
  if (take('e') || take('E')) {
    whole = false;
    if (!take('+')) take('-');
    if (!digits()) return unexpected("a digit");
  }
  std::string_view text{start, static_cast<std::size_t>(at_ - start)};
  return whole ? integer(text) : to_->number_float(to_double(text), text);
}

bool json_reader::integer(std::string_view digits) {
  std::int64_t value = 0;
  auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return read.ec == std::errc{} ? to_->number_integer(value) : to_->number_float(to_double(digits), digits);
}

// -- strings ---------------------------------------------------------------------------------------

std::optional<std::string_view> json_reader::string() {
  const char* start = ++at_; // past the quote
  const char* plain = start; // what is not in unescaped_ yet
  bool escaped = false;
  unsigned char seen = 0; // all bytes or-ed: above 0x7f when there is any but ASCII
  at_ = skip_plain(at_, end_);
  while (at_ != end_ && *at_ != '"') {
    auto byte = static_cast<unsigned char>(*at_);
    if (byte < 0x20) return fail("a control character in a string"), std::nullopt;
    seen |= byte;
    if (byte != '\\') {
      ++at_;
      continue;
    }
    if (!escaped) unescaped_.clear();
    escaped = true;
    unescaped_.append(plain, at_);
    if (!escape()) return std::nullopt;
    plain = at_;
  }
  if (done()) return fail("the text ends within a string"), std::nullopt;
  std::string_view raw{start, static_cast<std::size_t>(at_ - start)};
  if (seen > 0x7f) {
    if (auto good = valid_utf8_prefix(raw); good != raw.size()) {
      at_ = start + good;
      return fail("a string is not UTF-8"), std::nullopt;
    }
  }
  if (escaped) unescaped_.append(plain, at_);
  ++at_;
  return escaped ? std::string_view{unescaped_} : raw;
}

/// From a backslash on; appends what it stands for.
bool json_reader::escape() {
  constexpr std::string_view names = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  ++at_;
  if (auto simple = done() ? std::string_view::npos : names.find(*at_); simple != std::string_view::npos) {
    ++at_;
    unescaped_ += meanings[simple];
    return true;
  }
  if (!take('u')) return unexpected("an escape");
  auto unit = hex4();
  if (unit && *unit >= 0xd800 && *unit <= 0xdbff) {
    if (!take('\\') || !take('u')) return fail("half of a surrogate pair");
    auto low = hex4();
    if (!low) return false;
    if (*low < 0xdc00 || *low > 0xdfff) return fail("half of a surrogate pair");
    unit = 0x10000 + ((*unit - 0xd800) << 10) + (*low - 0xdc00);
  } else if (unit && *unit >= 0xdc00 && *unit <= 0xdfff) {
    return fail("half of a surrogate pair");
  }
  if (unit) append_utf8(*unit, unescaped_);
  return unit.has_value();
}

std::optional<std::uint32_t> json_reader::hex4() {
  std::uint32_t unit = 0;
  for (int i = 0; i < 4; ++i, ++at_) {
    auto c = peek();
    auto digit = is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return unexpected("a hexadecimal digit"), std::nullopt;
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return unit;
}

} // namespace

bool read_json(std::string_view text, point_reader& to) {
  return json_reader{text, to}.read();
}

} // namespace goloca::net
