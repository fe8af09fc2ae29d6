#include "store/schema_member.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cstring>
#include <set>
#include <vector>

namespace goloca::store {

namespace {

using json = schema_json;

constexpr std::int64_t longest_varchar = 10'485'760; // PostgreSQL's limit
constexpr std::size_t longest_name = 63;             // PostgreSQL cuts longer ones
constexpr std::size_t longest_member = 200;          // in bytes

std::string upper(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return text;
}

struct sql_type {
  column_type type;
  std::string name;            // as the catalogue spells it
  std::int64_t varchar_length; // 0: not a VARCHAR
};

sql_type sql_type_of(const json& property, const std::string& member) {
  if (!property.contains("x-sql-type")) refuse(member, "x-sql-type is missing");
  auto name = upper(text_of(property, member, "x-sql-type"));
  if (name == "SMALLINT") return {column_type::smallint, name, 0};
  if (name == "INTEGER") return {column_type::integer, name, 0};
  if (name == "BIGINT") return {column_type::bigint, name, 0};
  if (name == "DOUBLE PRECISION") return {column_type::double_precision, name, 0};
  if (name == "BOOLEAN") return {column_type::boolean, name, 0};
  if (name == "TEXT") return {column_type::text, name, 0};
  if (name.starts_with("VARCHAR(") && name.ends_with(')')) {
    std::int64_t length = 0;
    const char* end = name.data() + name.size() - 1;
    auto [at, fault] = std::from_chars(name.data() + std::strlen("VARCHAR("), end, length);
    if (fault == std::errc{} && at == end && length >= 1 && length <= longest_varchar)
      return {column_type::text, "VARCHAR(" + std::to_string(length) + ")", length};
    refuse(member, "x-sql-type " + name + ": the length must be 1 to " + std::to_string(longest_varchar));
  }
  refuse(member, "x-sql-type " + name + " is not one of SMALLINT, INTEGER, BIGINT, DOUBLE PRECISION, BOOLEAN, " +
                     "VARCHAR(n), TEXT");
}

std::set<std::string> types_of(const json& property, const std::string& member) {
  if (!property.contains("type")) refuse(member, "type is missing");
  auto type = property["type"].is_array() ? property["type"] : json::array({property["type"]});
  std::set<std::string> names;
  for (const auto& name : type) {
    if (!name.is_string() ||
        !one_of(name.get_ref<const std::string&>(), {"string", "integer", "number", "boolean", "null"}))
      refuse(member, "type must be string, integer, number, boolean or null, or a list of these, not " + name.dump());
    if (!names.insert(name.get<std::string>()).second) refuse(member, "type names " + name.dump() + " twice");
  }
  return names;
}

/// The JSON types that a column can hold; the first must be named.
std::vector<std::string_view> types_for(column_type type, bool key) {
  switch (type) {
  case column_type::text:
    return {"string", "integer"};
  case column_type::boolean:
    return {"boolean", "integer"};
  case column_type::double_precision:
    return {"number", "integer"};
  default:
    return key ? std::vector<std::string_view>{"integer", "string"} : std::vector<std::string_view>{"integer"};
  }
}

void read_types(const json& property, bool key, field& to) {
  auto types = types_of(property, to.member);
  auto fitting = types_for(to.type, key);
  for (const auto& type : types)
    if (type != "null" && std::ranges::find(fitting, type) == fitting.end())
      refuse(to.member, "type " + type + " does not fit x-sql-type " + to.sql_type);
  to.takes_string = types.contains("string");
  to.takes_integer = types.contains("integer");
  if (!types.contains(std::string{fitting[0]}) && !(key && to.takes_string))
    refuse(to.member, "type must name " + std::string{fitting[0]} + " for x-sql-type " + to.sql_type);
  if (to.required && types.contains("null"))
    refuse(to.member, "is in required, but its type names null, which is the same as absent");
}

std::int64_t whole_number(const json& value, const std::string& member, const std::string& keyword) {
  if (!value.is_number_integer()) refuse(member, keyword + " must be an integer, not " + value.dump());
  if (value.is_number_unsigned() && value.get<std::uint64_t>() > static_cast<std::uint64_t>(INT64_MAX))
    refuse(member, keyword + " " + value.dump() + " is more than any column holds");
  return value.get<std::int64_t>();
}

/// minimum and maximum of an integer or BOOLEAN column, within what it holds.
void read_integer_range(const json& property, field& to) {
  const auto least = to.minimum;
  const auto most = to.maximum;
  for (const auto* keyword : {"minimum", "maximum"}) {
    if (!property.contains(keyword)) continue;
    auto value = whole_number(property[keyword], to.member, keyword);
    if (value < least || value > most)
      refuse(to.member, std::string{keyword} + " " + std::to_string(value) + " is outside " + std::to_string(least) +
                            " to " + std::to_string(most) + ", which " + to.sql_type +
                            (to.member == "id" ? " as the key" : "") + " holds");
    (keyword == std::string_view{"minimum"} ? to.minimum : to.maximum) = value;
  }
}

void read_real_range(const json& property, field& to) {
  for (const auto* keyword : {"minimum", "maximum"}) {
    if (!property.contains(keyword)) continue;
    if (!property[keyword].is_number()) refuse(to.member, std::string{keyword} + " must be a number");
    (keyword == std::string_view{"minimum"} ? to.least : to.most) = property[keyword].get<double>();
  }
  if (to.least > to.most) refuse(to.member, "minimum is above maximum");
}

void read_range(const json& property, bool key, field& to) {
  bool given = property.contains("minimum") || property.contains("maximum");
  switch (to.type) {
  case column_type::text:
    if (given) refuse(to.member, "minimum and maximum say nothing of text: minLength and maxLength do");
    return;
  case column_type::boolean:
    if (given && !to.takes_integer) refuse(to.member, "minimum and maximum need integer among the types");
    to.minimum = 0, to.maximum = 1;
    read_integer_range(property, to);
    if (to.minimum != 0 || to.maximum != 1) refuse(to.member, "minimum and maximum of a BOOLEAN can only be 0 and 1");
    return;
  case column_type::double_precision:
    return read_real_range(property, to);
  case column_type::smallint:
    to.minimum = INT16_MIN, to.maximum = INT16_MAX;
    break;
  case column_type::integer:
    to.minimum = INT32_MIN, to.maximum = INT32_MAX;
    break;
  case column_type::bigint:
    to.minimum = key ? 1 : INT64_MIN;
    break;
  }
  read_integer_range(property, to);
  if (to.minimum > to.maximum) refuse(to.member, "minimum is above maximum");
  if (key && !to.required && (to.minimum != 1 || to.maximum != INT64_MAX))
    refuse(to.member, "its range cannot be narrowed: goloca assigns an id of 63 bits where there is none (or put id "
                      "in required)");
}

void read_lengths(const json& property, std::int64_t varchar_length, field& to) {
  for (const auto* keyword : {"minLength", "maxLength"}) {
    if (!property.contains(keyword)) continue;
    if (to.type != column_type::text) refuse(to.member, std::string{keyword} + " is for VARCHAR and TEXT only");
    auto value = whole_number(property[keyword], to.member, keyword);
    if (value < 0) refuse(to.member, std::string{keyword} + " is negative");
    (keyword == std::string_view{"minLength"} ? to.min_length : to.max_length) = static_cast<std::size_t>(value);
  }
  if (varchar_length != 0) {
    auto most = static_cast<std::size_t>(varchar_length);
    if (property.contains("maxLength") && to.max_length > most)
      refuse(to.member, "maxLength " + std::to_string(to.max_length) + " is more than " + to.sql_type + " holds");
    to.max_length = std::min(to.max_length, most);
  }
  if (to.min_length > to.max_length) refuse(to.member, "minLength is above maxLength");
}

void check_keywords(const json& property, const std::string& member) {
  if (!property.is_object()) refuse(member, "must be a JSON object that describes the member");
  for (const auto& [keyword, value] : property.items()) {
    if (!one_of(keyword, {"$comment", "title", "description", "type", "minimum", "maximum", "minLength", "maxLength",
                          "pattern", "x-column", "x-sql-type"}))
      refuse(member, "unknown keyword " + keyword);
  }
  for (const auto* keyword : {"$comment", "title", "pattern"}) text_of(property, member, keyword);
  if (property.contains("pattern") && member != "id")
    refuse(member, "pattern is not checked by goloca, so it may not be promised (but for id, whose form is fixed)");
}

void check_names(const field& of) {
  auto control = [](unsigned char c) { return c < 0x20 || c == 0x7f; };
  if (of.member.empty() || of.member.size() > longest_member || std::ranges::any_of(of.member, control))
    refuse(of.member, "a member's name is 1 to 200 bytes without control characters");
  if (!is_identifier(of.column))
    refuse(of.member, "the column's name must be letters, digits and _, at most 63, not starting with a digit: name "
                      "it with x-column");
  if (one_of(lower(of.column), {"ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"}))
    refuse(of.member, "PostgreSQL keeps the column name " + of.column + " for itself: choose another with x-column");
}

} // namespace

void refuse(const std::string& member, std::string why) {
  throw wrong_schema{member, std::move(why)};
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> words) {
  return std::ranges::find(words, word) != words.end();
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

bool is_identifier(std::string_view name) {
  auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  return !name.empty() && name.size() <= longest_name && letter(name[0]) &&
         std::ranges::all_of(name, [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string text_of(const json& from, const std::string& member, const char* keyword, std::string otherwise) {
  auto at = from.find(keyword);
  if (at == from.end()) return otherwise;
  if (!at->is_string()) refuse(member, std::string{keyword} + " must be a string");
  return at->get<std::string>();
}

field read_field(const std::string& member, const json& property, bool required) {
  check_keywords(property, member);
  bool key = member == "id";
  auto sql = sql_type_of(property, member);
  if (key && sql.type != column_type::bigint) refuse(member, "the key's x-sql-type must be BIGINT, not " + sql.name);

  field made;
  made.member = member;
  made.column = text_of(property, member, "x-column", member);
  made.type = sql.type;
  made.sql_type = sql.name;
  made.required = required;
  made.description = text_of(property, member, "description");
  check_names(made);
  if (key && made.column != "id") refuse(member, "the key's column is id: x-column cannot rename it");
  read_types(property, key, made);
  read_range(property, key, made);
  read_lengths(property, sql.varchar_length, made);
  return made;
}

} // namespace goloca::store
