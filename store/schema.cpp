#include "store/schema.hpp"

#include "store/rides_schema.hpp"
#include "store/schema_member.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <stdexcept>

namespace goloca::store {

namespace {

using json = schema_json;

constexpr std::size_t most_members = 1'000; // PostgreSQL's tables end at 1,600 columns
constexpr std::streamsize largest_file = std::streamsize{4} * 1024 * 1024;

// -- the document ----------------------------------------------------------------------------------

/// JSON that names no member of an object twice: nlohmann would keep one of them and say nothing.
json parse(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) refuse("", "not JSON: it holds a NUL byte");
  std::vector<std::set<std::string>> open;
  auto watch = [&open](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key && !open.back().insert(parsed.get<std::string>()).second)
      refuse(parsed.get<std::string>(), "comes twice in one object");
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::exception& fault) {
    std::string_view what = fault.what(); // "[json.exception.parse_error.101] parse error at line 1, column 2: ..."
    what.remove_prefix(std::min(what.size(), what.find("] ") + 2));
    refuse("", "not JSON: " + std::string{what});
  }
}

void check_top(const json& top) {
  if (!top.is_object()) refuse("", "the schema must be a JSON object");
  for (const auto& [keyword, value] : top.items()) {
    if (one_of(keyword, {"additionalProperties", "unevaluatedProperties"}))
      refuse("",
             keyword + " is not read here: the setting UNKNOWN_MEMBERS (ignore, reject) decides on unknown members");
    if (!one_of(keyword,
                {"$schema", "$id", "$comment", "title", "description", "type", "required", "properties", "x-table"}))
      refuse("", "unknown keyword " + keyword);
  }
  for (const auto* keyword : {"$schema", "$id", "$comment", "title", "description"}) text_of(top, "", keyword);
  auto dialect = text_of(top, "", "$schema", "https://json-schema.org/draft/2020-12/schema");
  if (dialect != "https://json-schema.org/draft/2020-12/schema")
    refuse("", "$schema must be https://json-schema.org/draft/2020-12/schema, not " + dialect);
  if (text_of(top, "", "type") != "object") refuse("", "type must be \"object\"");
  if (!top.contains("properties") || !top["properties"].is_object() || top["properties"].empty())
    refuse("", "properties must be an object with at least one member, id");
  if (top["properties"].size() > most_members)
    refuse("", "properties has " + std::to_string(top["properties"].size()) + " members, at most " +
                   std::to_string(most_members) + " fit a table");
}

std::string table_of(const json& top) {
  if (!top.contains("x-table")) refuse("", "x-table is missing: it names the table");
  auto table = text_of(top, "", "x-table");
  if (!is_identifier(table)) refuse("", "x-table must be letters, digits and _, at most 63, not starting with a digit");
  if (lower(table).starts_with("sqlite_")) refuse("", "x-table: SQLite keeps names that start with sqlite_ for itself");
  return table;
}

std::set<std::string> required_of(const json& top) {
  std::set<std::string> names;
  auto required = top.value("required", json::array());
  if (!required.is_array()) refuse("", "required must be an array of names");
  for (const auto& name : required) {
    if (!name.is_string()) refuse("", "required must be an array of names");
    if (!top["properties"].contains(name.get<std::string>()))
      refuse(name.get<std::string>(), "is in required, but not in properties");
    if (!names.insert(name.get<std::string>()).second) refuse(name.get<std::string>(), "is in required twice");
  }
  return names;
}

std::vector<field> fields_of(const json& top) {
  auto required = required_of(top);
  std::vector<field> fields;
  std::set<std::string> columns; // in lower case: SQLite's names know no other
  for (const auto& [member, property] : top["properties"].items()) {
    fields.push_back(read_field(member, property, required.contains(member)));
    if (!columns.insert(lower(fields.back().column)).second)
      refuse(member, "column " + fields.back().column + " is another member's already");
  }
  if (!top["properties"].contains("id")) refuse("id", "is missing: every schema has it as its key, a BIGINT");
  return fields;
}

} // namespace

std::string schema_fault::message() const {
  return file + ": " + (member.empty() ? "" : member + ": ") + why;
}

schema::schema(std::string table, std::vector<field> fields, std::string document)
    : table_{std::move(table)}, fields_{std::move(fields)}, document_{std::move(document)} {
  for (std::size_t i = 0; i < fields_.size(); ++i) by_member_.emplace(fields_[i].member, i);
  key_ = find("id");
  assert(key_ < fields_.size() && fields_[key_].type == column_type::bigint && "the key is id, a BIGINT");
}

std::variant<std::shared_ptr<const schema>, schema_fault> read_schema(std::string_view text, const std::string& file) {
  try {
    auto top = parse(text);
    check_top(top);
    return std::make_shared<const schema>(table_of(top), fields_of(top), std::string{text});
  } catch (wrong_schema& found) {
    return schema_fault{file, std::move(found.member), std::move(found.why)};
  }
}

std::variant<std::shared_ptr<const schema>, schema_fault> read_schema_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) return schema_fault{path, "", std::string{"cannot be opened: "} + std::strerror(errno)};
  std::string text(largest_file + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad() || (in.fail() && !in.eof())) return schema_fault{path, "", "cannot be read"};
  if (in.gcount() > largest_file) return schema_fault{path, "", "is larger than 4 MiB"};
  text.resize(static_cast<std::size_t>(in.gcount()));
  return read_schema(text, path);
}

std::shared_ptr<const schema> rides_schema() {
  static const auto rides = [] {
    auto read = read_schema(rides_schema_text, "rides.schema.json");
    auto* made = std::get_if<std::shared_ptr<const schema>>(&read);
    if (made == nullptr) throw std::logic_error{std::get<schema_fault>(read).message()};
    return *made;
  }();
  return rides;
}

} // namespace goloca::store
