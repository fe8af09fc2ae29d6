#include "net/chunk_decoder.hpp"

#include "net/http_framing.hpp"
#include "net/http_syntax.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net {

namespace {

constexpr std::size_t most_digits = 16;       // of a chunk's size
constexpr std::size_t longest_line = 1'024;   // a size line with its extensions, or a trailer field
constexpr std::size_t most_overhead = 16'384; // all extensions and trailers of a body

} // namespace

chunk_decoder::state chunk_decoder::refuse(std::string_view why) {
  why_ = why;
  return state::fault;
}

chunk_decoder::state chunk_decoder::feed(std::string_view& bytes, std::string& body) {
  auto now = state::need_more;
  while (!bytes.empty() && now == state::need_more) {
    switch (expects_) {
    case expects::size_line:
    case expects::trailer_line:
      now = take_line(bytes, body);
      break;
    case expects::data:
      now = take_data(bytes, body);
      break;
    case expects::data_cr:
      now = take_byte(bytes, '\r', expects::data_lf);
      break;
    case expects::data_lf:
      now = take_byte(bytes, '\n', expects::size_line);
      break;
    }
  }
  return now;
}

chunk_decoder::state chunk_decoder::take_data(std::string_view& bytes, std::string& body) {
  auto part = bytes.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, bytes.size())));
  body += part;
  bytes.remove_prefix(part.size());
  left_ -= part.size();
  if (left_ == 0) expects_ = expects::data_cr;
  return state::need_more;
}

chunk_decoder::state chunk_decoder::take_byte(std::string_view& bytes, char wanted, expects then) {
  if (bytes[0] != wanted) return refuse("a chunk's data is not followed by CRLF");
  bytes.remove_prefix(1);
  expects_ = then;
  return state::need_more;
}

/// Gathers a line up to its LF.
chunk_decoder::state chunk_decoder::take_line(std::string_view& bytes, const std::string& body) {
  auto end = bytes.find('\n');
  auto part = bytes.substr(0, end);
  if (line_.size() + part.size() > longest_line) return refuse("a chunk's size line or a trailer is too long");
  line_ += part;
  bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 1);
  if (end == std::string_view::npos) return state::need_more;
  if (!line_.ends_with('\r')) return refuse("a chunk's line ends in LF without CR");
  line_.pop_back();
  auto now = expects_ == expects::size_line ? size_line(line_, body) : trailer_line(line_);
  line_.clear();
  return now;
}

chunk_decoder::state chunk_decoder::size_line(std::string_view line, const std::string& body) {
  std::uint64_t size = 0;
  auto digits = line.substr(0, line.find_first_not_of("0123456789abcdefABCDEF"));
  if (digits.empty() || digits.size() > most_digits) return refuse("a chunk's size is not 1 to 16 hexadecimal digits");
  std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
  auto rest = line.substr(digits.size());
  if (!rest.empty()) { // an extension: blanks may stand before its semicolon, but not alone
    auto first = rest.find_first_not_of(" \t");
    if (first == std::string_view::npos || rest[first] != ';')
      return refuse("a chunk's size is followed by something odd");
    if (std::ranges::any_of(rest, is_control)) return refuse("a chunk's extension has a control character");
    overhead_ += rest.size();
    if (overhead_ > most_overhead) return refuse("the chunks' extensions are too long");
  }
  if (size == 0) {
    expects_ = expects::trailer_line;
    return state::need_more;
  }
  if (size > most_ - std::min(most_, body.size())) return state::too_large;
  left_ = size;
  expects_ = expects::data;
  return state::need_more;
}

chunk_decoder::state chunk_decoder::trailer_line(std::string_view line) {
  if (line.empty()) return state::done;
  overhead_ += line.size();
  if (overhead_ > most_overhead) return refuse("the trailers are too long");
  auto read = read_field(line);
  if (auto* why = std::get_if<std::string_view>(&read)) return refuse(*why);
  return state::need_more;
}

} // namespace goloca::net
