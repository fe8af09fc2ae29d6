#include "net/link/schema_digest.hpp"

#include "store/wire_bytes.hpp"

#include <openssl/evp.h>

#include <array>
#include <bit>
#include <stdexcept>

namespace goloca::net::link {

namespace {

void append(std::string& to, const store::field& each) {
  using store::put;
  store::put_text(to, each.member);
  store::put_text(to, each.column);
  store::put_text(to, each.sql_type);
  put(to, static_cast<std::uint8_t>(each.type));
  for (auto flag : {each.required, each.takes_string, each.takes_integer}) put(to, static_cast<std::uint8_t>(flag));
  for (auto bound : {each.minimum, each.maximum}) put(to, static_cast<std::uint64_t>(bound));
  for (auto bound : {each.least, each.most}) put(to, std::bit_cast<std::uint64_t>(bound));
  for (auto bound : {each.min_length, each.max_length}) put(to, static_cast<std::uint64_t>(bound));
}

} // namespace

std::string digest_of(const store::schema& of) {
  std::string all;
  store::put_text(all, of.table());
  for (const auto& each : of.fields()) append(all, each);
  std::array<unsigned char, EVP_MAX_MD_SIZE> hash{};
  unsigned size = 0;
  if (EVP_Digest(all.data(), all.size(), hash.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error{"SHA-256 is not to be had"};
  std::string text;
  for (unsigned i = 0; i < size; ++i) {
    text += "0123456789abcdef"[hash[i] >> 4];
    text += "0123456789abcdef"[hash[i] & 15];
  }
  return text;
}

} // namespace goloca::net::link
