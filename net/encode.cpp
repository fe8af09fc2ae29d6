// Replies and stored points to bytes. JSON is written straight into the string; the binary formats, which are rare, go
// through nlohmann's document.

#include "net/codec.hpp"
#include "net/json_text.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <charconv>

namespace goloca::net {

namespace {

using document = nlohmann::ordered_json; // members stay in the order they are put in

bool is_json(format as) {
  return as == format::json || as == format::ndjson;
}

std::string_view error_of(const answer& one) {
  return one.error.empty() ? status_of(one.what).error : one.error;
}

bool is_success(const answer& one) {
  return status_of(one.what).code.empty();
}

struct tally {
  std::size_t stored = 0;
  std::size_t duplicates = 0;
  std::size_t failed = 0;
};

tally count(const std::vector<answer>& all) {
  tally made;
  for (const auto& one : all)
    ++(one.what == ending::stored ? made.stored : one.what == ending::duplicate ? made.duplicates : made.failed);
  return made;
}

// -- JSON ------------------------------------------------------------------------------------------

template <class Number>
void append_number(Number value, std::string& out) {
  std::array<char, 32> digits;
  out.append(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr);
}

void append_member(std::string_view name, std::string_view text, std::string& out) {
  (out += ",\"") += name;
  out += "\":";
  append_json_string(text, out);
}

void append_json(const answer& one, std::string& out) {
  const auto& says = status_of(one.what);
  if (is_success(one)) {
    out += R"({"status":"success","error":null)";
  } else {
    out += R"({"status":"failed")";
    append_member("error", error_of(one), out);
  }
  if (one.id.empty())
    out += R"(,"id":null)";
  else
    append_member("id", one.id, out);
  if (!says.code.empty()) append_member("code", says.code, out);
  if (!one.member.empty()) append_member("member", one.member, out);
  if (one.what == ending::duplicate) out += R"(,"duplicate":true)";
  if (says.resend) append_number(retry_after_ms, out += R"(,"retry_after_ms":)");
  out += '}';
}

void append_json(const std::vector<answer>& all, std::string& out) {
  out += '[';
  for (const auto& one : all) {
    if (&one != all.data()) out += ',';
    append_json(one, out);
  }
  out += ']';
}

void append_json_value(store::row_view row, std::size_t field, std::string& out) {
  const auto& of = row.of().fields()[field];
  switch (of.type) {
  case store::column_type::text:
    append_json_string(row.text(field), out);
    break;
  case store::column_type::boolean:
    out += row.boolean(field) ? "true" : "false";
    break;
  case store::column_type::double_precision:
    append_number(row.real(field), out);
    break;
  default:
    if (of.takes_string) out += '"';
    append_number(row.integer(field), out);
    if (of.takes_string) out += '"';
  }
}

// -- CBOR and MessagePack --------------------------------------------------------------------------

void append_binary(format as, const document& from, std::string& out) {
  if (as == format::cbor)
    document::to_cbor(from, out);
  else
    document::to_msgpack(from, out);
}

document to_document(const answer& one) {
  const auto& says = status_of(one.what);
  document made;
  made["status"] = is_success(one) ? "success" : "failed";
  made["error"] = is_success(one) ? document{} : document(to_utf8(error_of(one)));
  made["id"] = one.id.empty() ? document{} : document(to_utf8(one.id));
  if (!says.code.empty()) made["code"] = says.code;
  if (!one.member.empty()) made["member"] = to_utf8(one.member);
  if (one.what == ending::duplicate) made["duplicate"] = true;
  if (says.resend) made["retry_after_ms"] = retry_after_ms;
  return made;
}

document to_document(const std::vector<answer>& all) {
  auto made = document::array();
  for (const auto& one : all) made.push_back(to_document(one));
  return made;
}

document to_document(store::row_view row, std::size_t field) {
  const auto& of = row.of().fields()[field];
  switch (of.type) {
  case store::column_type::text:
    return row.text(field);
  case store::column_type::boolean:
    return row.boolean(field);
  case store::column_type::double_precision:
    return row.real(field);
  default:
    return of.takes_string ? document(std::to_string(row.integer(field))) : document(row.integer(field));
  }
}

} // namespace

void encode(format as, const answer& one, std::string& out) {
  if (is_json(as))
    append_json(one, out);
  else
    append_binary(as, to_document(one), out);
}

void encode_array(format as, const std::vector<answer>& all, std::string& out) {
  if (is_json(as))
    append_json(all, out);
  else
    append_binary(as, to_document(all), out);
}

void encode_bulk(format as, const std::vector<answer>& all, std::string& out) {
  auto [stored, duplicates, failed] = count(all);
  if (is_json(as)) {
    append_number(stored, out += R"({"stored":)");
    append_number(duplicates, out += R"(,"duplicates":)");
    append_number(failed, out += R"(,"failed":)");
    append_json(all, out += R"(,"results":)");
    out += '}';
  } else {
    append_binary(
        as, document{{"stored", stored}, {"duplicates", duplicates}, {"failed", failed}, {"results", to_document(all)}},
        out);
  }
}

unsigned bulk_code(const std::vector<answer>& all) {
  auto code = [](const answer& one) { return is_success(one) ? 200U : status_of(one.what).http; };
  if (all.empty()) return 200;
  auto first = code(all.front());
  return std::ranges::all_of(all, [&](const answer& one) { return code(one) == first; }) ? first : 207;
}

void encode_row(format as, store::row_view row, std::string& out) {
  const auto& fields = row.of().fields();
  if (!is_json(as)) {
    auto made = document::object();
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (!row.is_null(i)) made[fields[i].member] = to_document(row, i);
    return append_binary(as, made, out);
  }
  char before = '{';
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (row.is_null(i)) continue;
    out += before;
    append_json_string(fields[i].member, out);
    out += ':';
    append_json_value(row, i, out);
    before = ',';
  }
  if (before == '{') out += '{';
  out += '}';
}

} // namespace goloca::net
