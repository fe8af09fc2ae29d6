#include "net/client/ledger/content_digest.hpp"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <charconv>
#include <stdexcept>

namespace goloca::net::client {

namespace {

void append_number(std::uint64_t value, std::string& to) {
  for (auto shift = 56; shift >= 0; shift -= 8) to += static_cast<char>(value >> shift & 0xff);
}

/// With its length first: "ab" + "c" and "a" + "bc" must differ.
void append_text(std::string_view text, std::string& to) {
  append_number(text.size(), to);
  to += text;
}

void append_value(store::row_view of, std::size_t field, store::column_type type, std::string& to) {
  switch (type) {
  case store::column_type::text:
    to += 't';
    append_text(of.text(field), to);
    break;
  case store::column_type::double_precision:
    to += 'r';
    append_number(std::bit_cast<std::uint64_t>(of.real(field) + 0.0), to); // -0 is 0
    break;
  default:
    to += 'i';
    append_number(static_cast<std::uint64_t>(of.integer(field)), to);
    break;
  }
}

content_digest hash(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> full{};
  if (EVP_Digest(bytes.data(), bytes.size(), full.data(), nullptr, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  content_digest made;
  for (std::size_t i = 0; i < 8; ++i) {
    made.high = made.high << 8 | full[i];
    made.low = made.low << 8 | full[8 + i];
  }
  return made;
}

} // namespace

std::string to_string(content_digest one) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text(32, '0');
  for (std::size_t i = 0; i < 16; ++i) {
    text[15 - i] = digits[one.high >> (4 * i) & 0xf];
    text[31 - i] = digits[one.low >> (4 * i) & 0xf];
  }
  return text;
}

std::optional<content_digest> read_digest(std::string_view text) {
  if (text.size() != 32) return std::nullopt;
  auto read = [](std::string_view digits, std::uint64_t& into) {
    auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), into, 16);
    return fault == std::errc{} && end == digits.data() + digits.size();
  };
  content_digest made;
  if (!read(text.substr(0, 16), made.high) || !read(text.substr(16), made.low)) return std::nullopt;
  return made;
}

content_digest digest_of(store::row_view point) {
  std::string bytes = "point";
  const auto& fields = point.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i == point.of().key() || point.is_null(i)) continue;
    append_text(fields[i].member, bytes);
    append_value(point, i, fields[i].type, bytes);
  }
  return hash(bytes);
}

content_digest digest_of(std::string_view text) {
  return hash("text " + std::string{text});
}

content_digest digest_of(const store::schema& of) {
  std::string bytes = "schema";
  for (const auto& field : of.fields()) {
    append_text(field.member, bytes);
    append_number(static_cast<std::uint64_t>(field.type), bytes);
  }
  return hash(bytes);
}

} // namespace goloca::net::client
