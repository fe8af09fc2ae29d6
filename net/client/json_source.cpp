#include "net/client/json_source.hpp"

#include "net/client/csv_value.hpp"

#include <nlohmann/json.hpp>

namespace goloca::net::client {

namespace {

using json = nlohmann::json;

constexpr auto npos = std::string::npos;
constexpr auto blanks = " \t\r\n";

// The functions below walk over text that is known to be valid JSON.

std::size_t after_string(std::string_view text, std::size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

std::size_t after_value(std::string_view text, std::size_t at) {
  if (text[at] == '"') return after_string(text, at);
  if (text[at] != '{' && text[at] != '[') return text.find_first_of(",}] \t\r\n", at);
  std::size_t depth = 0;
  do {
    if (text[at] == '"') {
      at = after_string(text, at);
      continue;
    }
    if (text[at] == '{' || text[at] == '[') ++depth;
    if (text[at] == '}' || text[at] == ']') --depth;
    ++at;
  } while (depth > 0);
  return at;
}

struct value_range {
  std::size_t begin = npos;
  std::size_t end = npos;
};

/// Where the value of the object's member `name` stands; npos when it has none.
value_range find_member(std::string_view object, const std::string& name) {
  auto at = object.find_first_not_of(blanks, object.find('{') + 1);
  while (object[at] == '"') {
    auto end = after_string(object, at);
    auto key = object.substr(at, end - at);
    auto value = object.find_first_not_of(blanks, object.find(':', end) + 1);
    auto value_end = after_value(object, value);
    auto plain = key.find('\\') == npos;
    if (plain ? key.substr(1, key.size() - 2) == name : json::parse(key).get<std::string>() == name) {
      return {value, value_end};
    }
    at = object.find_first_not_of(blanks, value_end);
    if (object[at] == ',') at = object.find_first_not_of(blanks, at + 1);
  }
  return {};
}

/// Why the text is not JSON; empty when it is.
std::string syntax_fault(const std::string& text) {
  if (json::accept(text)) return {};
  try {
    return "not JSON: " + json::parse(text).dump();
  } catch (const json::exception& fault) { // its what() begins with its name: [json.exception.parse_error.101]
    std::string what = fault.what();
    return "not JSON: " + what.substr(std::min(what.find("] ") + 2, what.size()));
  }
}

} // namespace

json_source::json_source(byte_reader bytes, layout as, const store::schema& of, store::point_id_source& ids)
    : bytes_{bytes}, layout_{as}, key_{of.fields()[of.key()].member}, ids_{&ids} {}

std::optional<item> json_source::next() {
  return layout_ == layout::array ? next_element() : next_line();
}

void json_source::keep(item& into, int byte) {
  if (into.text.size() < longest_record) {
    into.text += static_cast<char>(byte);
  } else {
    into.fault = "the item is longer than " + std::to_string(longest_record) + " bytes";
  }
}

std::optional<item> json_source::next_line() {
  bytes_.skip_blank();
  if (bytes_.peek() == byte_reader::end) return std::nullopt;
  item read;
  read.line = bytes_.line();
  for (auto byte = bytes_.get(); byte != byte_reader::end && byte != '\n'; byte = bytes_.get()) keep(read, byte);
  return finish(std::move(read));
}

std::optional<item> json_source::next_element() {
  if (place_ == place::before) {
    bytes_.get();
    bytes_.skip_blank();
    place_ = bytes_.peek() == ']' ? place::after : place::within;
    if (place_ == place::after) bytes_.get();
  }
  if (place_ == place::done) return std::nullopt;
  bytes_.skip_blank();
  item read;
  read.line = bytes_.line();
  if (place_ == place::after) {
    place_ = place::done;
    if (bytes_.peek() == byte_reader::end) return std::nullopt;
    read.fault = "text follows the end of the array";
    return read;
  }
  auto delimiter = read_element(read);
  if (delimiter == byte_reader::end) read.fault = "the input ends within the array";
  place_ = delimiter == ',' ? place::within : delimiter == ']' ? place::after : place::done;
  return finish(std::move(read));
}

/// Reads up to the comma or bracket that ends an element, and returns it; or the end of the input.
int json_source::read_element(item& into) {
  std::size_t depth = 0;
  auto quoted = false;
  for (auto byte = bytes_.get();; byte = bytes_.get()) {
    if (byte == byte_reader::end) return byte;
    if (!quoted && depth == 0 && (byte == ',' || byte == ']')) return byte;
    keep(into, byte);
    if (byte == '"') quoted = !quoted;
    if (quoted && byte == '\\' && bytes_.peek() != byte_reader::end) keep(into, bytes_.get());
    if (!quoted && (byte == '{' || byte == '[')) ++depth;
    if (!quoted && (byte == '}' || byte == ']') && depth > 0) --depth;
  }
}

/// Checks the text, for one item that is not JSON would spoil the whole message it is sent in; and sees to its id.
item json_source::finish(item read) {
  if (read.fault.empty()) read.fault = syntax_fault(read.text);
  auto open = read.text.find_first_not_of(blanks);
  if (read.fault.empty() && read.text[open] != '{') read.fault = "not a JSON object";
  if (!read.fault.empty()) return read;
  auto [begin, end] = find_member(read.text, key_);
  if (begin != npos && read.text.compare(begin, end - begin, "null") != 0) {
    read.id = read.text.substr(begin, end - begin);
    if (read.id.front() == '"') read.id = json::parse(read.id).get<std::string>();
    return read;
  }
  read.id = std::to_string(ids_->next(std::chrono::system_clock::now()));
  auto value = '"' + read.id + '"';
  if (begin != npos) { // "id": null
    read.text.replace(begin, end - begin, value);
    read.own_id_at = begin + 1;
    return read;
  }
  auto empty = read.text[read.text.find_first_not_of(blanks, open + 1)] == '}';
  auto name = *json_string(key_) + ':';
  read.text.insert(open + 1, name + value + (empty ? "" : ","));
  read.own_id_at = open + 1 + name.size() + 1;
  return read;
}

} // namespace goloca::net::client
