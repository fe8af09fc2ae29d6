#include "store/copy_wire.hpp"

#include <utility>

namespace goloca::store {

namespace {

using namespace std::string_view_literals;

constexpr std::size_t head_size = 5;        // a message's type, and its length, which counts itself
constexpr std::uint32_t longest = 1U << 20; // of a reply: errors are the long ones

void put_length(std::string& to, std::size_t length) {
  for (int shift = 24; shift >= 0; shift -= 8) to += static_cast<char>(length >> shift & 0xff);
}

std::uint32_t read_length(std::string_view from) {
  std::uint32_t length = 0;
  for (auto byte : from.substr(0, 4)) length = length << 8 | static_cast<unsigned char>(byte);
  return length;
}

/// A field of an ErrorResponse or a NoticeResponse; empty when there is none.
std::string_view field(std::string_view fields, char which) {
  while (!fields.empty() && fields[0] != '\0') {
    auto end = fields.find('\0');
    if (end == std::string_view::npos) break;
    if (fields[0] == which) return fields.substr(1, end - 1);
    fields.remove_prefix(end + 1);
  }
  return {};
}

constexpr char severity = 'V'; // in English, whatever the server's language
constexpr char code = 'C';
constexpr char words = 'M';

} // namespace

copy_request::copy_request(std::string_view statement) : opening_{"B"} {
  constexpr auto bind_rest = "\0\0\0\0\0\0"sv; // no formats, no parameters, no formats of results
  constexpr auto execute = "E\0\0\0\x09\0\0\0\0\0"sv;
  put_length(opening_, 4 + 1 + statement.size() + 1 + bind_rest.size());
  opening_ += '\0'; // the portal without a name
  opening_.append(statement) += '\0';
  opening_.append(bind_rest).append(execute);
}

void copy_request::clear() {
  text_.clear();
  copies_ = 0;
  ended_ = false;
}

void copy_request::add(std::string_view file) {
  constexpr auto copy_done = "c\0\0\0\x04"sv;
  text_.append(opening_) += 'd';
  put_length(text_, 4 + file.size());
  text_.append(file).append(copy_done);
  ++copies_;
}

std::string_view copy_request::whole() {
  constexpr auto sync = "S\0\0\0\x04"sv;
  if (!std::exchange(ended_, true)) text_.append(sync);
  return text_;
}

bool copy_reply::take(std::string_view bytes) {
  left_ += bytes;
  std::size_t at = 0;
  while (left_.size() - at >= head_size) {
    auto length = read_length(std::string_view{left_}.substr(at + 1));
    if (length < 4 || length > longest) return false;
    if (left_.size() - at < 1 + length) break;
    if (!hear(left_[at], std::string_view{left_}.substr(at + head_size, length - 4))) return false;
    at += 1 + length;
  }
  left_.erase(0, at);
  return true;
}

bool copy_reply::hear(char type, std::string_view body) {
  constexpr auto unasked = "SANE"sv; // what a server may say at any time; an error that ends it shows at the next use
  if (complete_) return unasked.find(type) != std::string_view::npos;
  switch (type) {
  case '2': // BindComplete
  case 'G': // CopyInResponse
  case 'S': // ParameterStatus
  case 'A': // NotificationResponse
    return true;
  case 'C':
    ++copied_;
    return body.starts_with("COPY ");
  case 'E':
    take_error(body);
    return true;
  case 'N':
    take_notice(body);
    return true;
  case 'Z':
    complete_ = true;
    idle_ = body == "I";
    return true;
  default:
    return false;
  }
}

void copy_reply::take_error(std::string_view fields) {
  constexpr auto internal_error = "XX000"sv;
  if (!sqlstate_.empty()) return;
  auto told = field(fields, code);
  sqlstate_ = told.empty() ? internal_error : told;
  message_ = field(fields, words);
}

void copy_reply::take_notice(std::string_view fields) {
  if (warning_.empty() && field(fields, severity) == "WARNING") warning_ = field(fields, words);
}

} // namespace goloca::store
