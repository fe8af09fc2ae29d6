#pragma once
// What a point says, in 128 bits: the same for every way of writing the same values.

#include "store/row.hpp"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goloca::net::client {

/// The first 128 bits of a SHA-256.
struct content_digest {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  friend auto operator<=>(const content_digest&, const content_digest&) = default;
};

std::string to_string(content_digest one); // 32 hexadecimal digits
std::optional<content_digest> read_digest(std::string_view text);

/// Of every member that has a value, by its name, in the schema's order; but for the id, which stands beside it. Equal
/// for rows with the same_content. \param point  valid
content_digest digest_of(store::row_view point);

/// Of the text itself, for what is no valid point. Equal to no digest of a row.
content_digest digest_of(std::string_view text);

/// Of the members and their types: digests of points are comparable where these are equal.
content_digest digest_of(const store::schema& of);

} // namespace goloca::net::client
