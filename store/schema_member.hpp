#pragma once
// One member of a schema: its JSON Schema keywords to a field, or why not. Used by schema.cpp alone.

#include "store/schema.hpp"

#include <nlohmann/json.hpp>

#include <initializer_list>
#include <string>
#include <string_view>

namespace goloca::store {

using schema_json = nlohmann::ordered_json; // ordered: the fields stand in the order of the document

/// What is wrong, thrown from wherever it is found and caught once, in read_schema.
struct wrong_schema {
  std::string member;
  std::string why;
};

[[noreturn]] void refuse(const std::string& member, std::string why);

/// A name that is the same in every database, quoted or not: letters, digits and _, at most 63, no digit first.
[[nodiscard]] bool is_identifier(std::string_view name);

[[nodiscard]] bool one_of(std::string_view word, std::initializer_list<std::string_view> words);
[[nodiscard]] std::string lower(std::string text); // ASCII

/// The text of a keyword, which must be a string; `otherwise` when it is absent.
std::string text_of(const schema_json& from, const std::string& member, const char* keyword,
                    std::string otherwise = {});

/// \param property  what stands under the member's name in `properties`.
/// Throws wrong_schema.
field read_field(const std::string& member, const schema_json& property, bool required);

} // namespace goloca::store
