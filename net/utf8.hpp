#pragma once
// UTF-8 as RFC 3629 has it: no overlong form, no surrogate, nothing above U+10FFFF.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace goloca::net {

/// The bytes of `text` before the first that is not UTF-8; text.size() when all is well.
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text);

/// Code points of a valid text.
[[nodiscard]] std::size_t code_points(std::string_view text);

/// Appends one code point that is no surrogate.
void append_utf8(std::uint32_t code_point, std::string& out);

/// A piece of a text for a message to a person: at most 40 characters, "…" for the rest, one line, valid UTF-8 whatever
/// comes.
[[nodiscard]] std::string excerpt(std::string_view text);

} // namespace goloca::net
