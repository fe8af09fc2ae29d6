#pragma once
// One CSV field to the JSON value that the schema's member takes. Says whether a text can be such a value at all;
// whether the value is in range is the service's to judge, so that there is one rule.

#include "store/schema.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace goloca::net::client {

/// Milliseconds since 1970-01-01 UTC of `M/D/YYYY H:MM`, or of `M/D/YYYY` for midnight; nothing when it is no such
/// date.
std::optional<std::int64_t> read_date(std::string_view text);

/// An empty field, or NULL: the member is left out.
bool is_absent(std::string_view text);

/// `text` as a JSON string with its quotes, or nothing when it is not UTF-8.
std::optional<std::string> json_string(std::string_view text);

/// Appends the value of a field that is not absent.
/// \param key  it is the id: digits, sent as a string.
/// \return what is wrong ("\"x\" is not a number"); then nothing was appended.
std::optional<std::string> append_value(const store::field& to, bool key, std::string_view text, std::string& out);

} // namespace goloca::net::client
