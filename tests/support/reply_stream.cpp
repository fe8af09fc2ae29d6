#include "tests/support/reply_stream.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::test {

namespace {

constexpr std::string_view line_end = "\r\n";

std::string lower(std::string_view text) {
  std::string made{text};
  std::ranges::transform(made, made.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return made;
}

bool is_name(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || (c >= '0' && c <= '9');
  });
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// The number that is the whole of `text`.
std::optional<std::size_t> number(std::string_view text) {
  std::size_t value = 0;
  auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || wrong != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// One response's header; a fault is a sentence, empty when there is none.
std::string read_header(std::string_view header, seen_response& to) {
  auto end = header.find(line_end);
  auto first = header.substr(0, end);
  if (!first.starts_with("HTTP/1.1 ") || first.size() < 14 || first[12] != ' ' || has_control(first))
    return "no status line: " + std::string{first.substr(0, 60)};
  auto code = number(first.substr(9, 3));
  if (!code || *code < 100 || *code > 599) return "no code: " + std::string{first};
  to.code = static_cast<unsigned>(*code);
  header.remove_prefix(end + 2);
  while (!header.empty()) {
    end = header.find(line_end);
    auto line = header.substr(0, end);
    header.remove_prefix(end + 2);
    auto colon = line.find(": ");
    if (colon == std::string_view::npos || !is_name(line.substr(0, colon)) || has_control(line))
      return "no field: " + std::string{line};
    auto name = lower(line.substr(0, colon));
    if (!to.field(name).empty()) return "it comes twice: " + name;
    to.fields.emplace_back(std::move(name), line.substr(colon + 2));
  }
  return {};
}

bool has_no_body(unsigned code) {
  return code < 200 || code == 204 || code == 304;
}

/// Takes the body that belongs to `to` off `bytes`.
std::string read_body(std::string_view& bytes, seen_response& to) {
  auto length = number(to.field("content-length"));
  if (has_no_body(to.code)) return length ? "a length where there is no body" : "";
  if (!length) return "no Content-Length";
  bool of_head = bytes.empty() || bytes.starts_with("HTTP/1.1 ");
  if (*length == 0 || of_head) return {};
  to.cut = bytes.size() < *length;
  to.body = bytes.substr(0, *length);
  bytes.remove_prefix(to.body.size());
  return {};
}

} // namespace

std::string seen_response::field(std::string_view name) const {
  auto at = std::ranges::find(fields, name, &std::pair<std::string, std::string>::first);
  return at == fields.end() ? std::string{} : at->second;
}

std::optional<nlohmann::json> seen_response::document() const {
  using nlohmann::json;
  auto type = field("content-type");
  auto parsed = type == "application/cbor"      ? json::from_cbor(body, true, false)
                : type == "application/msgpack" ? json::from_msgpack(body, true, false)
                                                : json::parse(body, nullptr, false);
  if (parsed.is_discarded()) return std::nullopt;
  return parsed;
}

seen_responses read_responses(std::string_view bytes) {
  seen_responses seen;
  while (!bytes.empty() && seen.fault.empty()) {
    auto end = bytes.find("\r\n\r\n");
    auto& one = seen.all.emplace_back();
    one.cut = end == std::string_view::npos;
    if (one.cut) return seen;
    seen.fault = read_header(bytes.substr(0, end + 2), one);
    bytes.remove_prefix(end + 4);
    if (!seen.fault.empty()) break;
    if (one.code == 101) {
      seen.rest = bytes;
      break;
    }
    seen.fault = read_body(bytes, one);
  }
  return seen;
}

seen_frames read_frames(std::string_view bytes) {
  seen_frames seen;
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  while (!bytes.empty()) {
    seen.cut = true; // until it is whole
    if (!seen.all.empty() && seen.all.back().opcode == 8) seen.fault = "something follows Close";
    if ((byte(0) & 0xf0) != 0x80) seen.fault = "not a whole message, or reserved bits";
    if (!seen.fault.empty() || bytes.size() < 2) return seen;
    std::size_t head = byte(1) < 126 ? 2 : byte(1) == 126 ? 4 : 10;
    if (byte(1) > 127) seen.fault = "a server masks nothing";
    if (!seen.fault.empty() || bytes.size() < head) return seen;
    std::size_t length = head == 2 ? byte(1) : 0;
    for (std::size_t i = 2; i < head; ++i) length = length << 8 | byte(i);
    if ((head == 4 && length < 126) || (head == 10 && length < 65'536)) seen.fault = "a length in a longer form";
    auto opcode = byte(0) & 0xfU;
    if (opcode != 1 && opcode != 2 && opcode != 8 && opcode != 9 && opcode != 10) seen.fault = "an unknown opcode";
    if (opcode >= 8 && length > 125) seen.fault = "a control frame that is too long";
    if (!seen.fault.empty() || bytes.size() - head < length) return seen;
    seen.all.push_back({opcode, std::string{bytes.substr(head, length)}});
    bytes.remove_prefix(head + length);
    seen.cut = false;
  }
  return seen;
}

std::vector<std::int64_t> stored_ids_in(const nlohmann::json& reply) {
  std::vector<std::int64_t> ids;
  auto one = [&](const nlohmann::json& answer) {
    if (!answer.is_object() || answer.value("status", "") != "success") return;
    auto id = answer.value("id", "");
    ids.push_back(static_cast<std::int64_t>(number(id).value_or(0)));
  };
  const auto& each = reply.is_object() && reply.contains("results") ? reply["results"] : reply;
  if (each.is_array())
    std::ranges::for_each(each, one);
  else
    one(each);
  return ids;
}

std::size_t successes_in(const nlohmann::json& reply) {
  return stored_ids_in(reply).size();
}

} // namespace goloca::test
