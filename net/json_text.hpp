#pragma once
// Strings as JSON text.

#include <string>
#include <string_view>

namespace goloca::net {

/// Appends `text` as a JSON string, quotes included. What is not UTF-8 becomes U+FFFD, so the result always is.
void append_json_string(std::string_view text, std::string& out);

/// `text` with U+FFFD where it is not UTF-8.
[[nodiscard]] std::string to_utf8(std::string_view text);

} // namespace goloca::net
