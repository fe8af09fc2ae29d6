#include "net/utf8.hpp"

#include <algorithm>
#include <cstring>

namespace goloca::net {

namespace {

constexpr std::size_t longest_excerpt = 40; // characters

unsigned byte_at(std::string_view text, std::size_t at) {
  return static_cast<unsigned char>(text[at]);
}

/// The length of the multi-byte character that starts at `at`, 0 when it is ill-formed.
std::size_t sequence_at(std::string_view text, std::size_t at) {
  auto lead = byte_at(text, at);
  std::size_t length = lead >= 0xc2 && lead <= 0xdf   ? 2
                       : lead >= 0xe0 && lead <= 0xef ? 3
                       : lead >= 0xf0 && lead <= 0xf4 ? 4
                                                      : 0;
  if (length == 0 || at + length > text.size()) return 0;
  // The second byte's range rules out overlong forms (E0, F0), surrogates (ED) and what is above U+10FFFF (F4).
  auto second = byte_at(text, at + 1);
  unsigned lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
  unsigned highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte_at(text, at + i) & 0xc0) != 0x80) return 0;
  return length;
}

/// The bytes before the first that is not ASCII, or a little less: 32 at a time, then 8.
std::size_t ascii_prefix(std::string_view text) {
  constexpr std::uint64_t high_bits = 0x8080808080808080;
  auto eight = [&](std::size_t at) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    return bytes;
  };
  std::size_t at = 0;
  while (at + 32 <= text.size() && ((eight(at) | eight(at + 8) | eight(at + 16) | eight(at + 24)) & high_bits) == 0)
    at += 32;
  while (at + 8 <= text.size() && (eight(at) & high_bits) == 0) at += 8;
  return at;
}

} // namespace

std::size_t valid_utf8_prefix(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    at += ascii_prefix(text.substr(at));
    if (at == text.size()) break;
    auto length = byte_at(text, at) < 0x80 ? 1 : sequence_at(text, at);
    if (length == 0) return at;
    at += length;
  }
  return at;
}

std::size_t code_points(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

void append_utf8(std::uint32_t code_point, std::string& out) {
  auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xc0 | code_point >> 6), put(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    put(0xe0 | code_point >> 12), put(0x80 | (code_point >> 6 & 0x3f)), put(0x80 | (code_point & 0x3f));
  } else {
    put(0xf0 | code_point >> 18), put(0x80 | (code_point >> 12 & 0x3f));
    put(0x80 | (code_point >> 6 & 0x3f)), put(0x80 | (code_point & 0x3f));
  }
}

std::string excerpt(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (std::size_t characters = 0; at < text.size() && characters < longest_excerpt; ++characters) {
    auto byte = byte_at(text, at);
    auto length = byte < 0x80 ? 1 : sequence_at(text, at);
    if (length == 0 || byte < 0x20 || byte == 0x7f) {
      out += '?';
      ++at;
    } else {
      out += text.substr(at, length);
      at += length;
    }
  }
  if (at < text.size()) out += "…";
  return out;
}

} // namespace goloca::net
