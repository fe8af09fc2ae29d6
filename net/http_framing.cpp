#include "net/http_framing.hpp"

#include "net/http_syntax.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net {

namespace {

constexpr std::size_t longest_length = 18; // digits of a Content-Length: fits 63 bits

/// Reads one header; the functions return false once fault_ says why.
class head_reader {
public:
  explicit head_reader(std::string_view header) : rest_{header} {}
  std::variant<request_head, framing_fault> read();

private:
  bool fail(std::string_view why, ending what = ending::bad_request);
  bool next_line(std::string_view& line);
  bool request_line(std::string_view line);
  bool version(std::string_view text);
  bool target(std::string_view text);
  bool field(const field_line& one);
  bool framing_field(const field_line& one);
  bool once(std::string_view& to, const field_line& one);
  bool content_length(std::string_view value);
  void transfer_encoding(std::string_view value);
  bool check_framing();
  void connection(std::string_view value);

  std::string_view rest_;
  request_head head_;
  framing_fault fault_;
  bool host_seen_ = false;
  unsigned transfer_encodings_ = 0; // fields
  unsigned chunked_codings_ = 0;
  unsigned other_codings_ = 0;
  bool close_ = false;
  bool keep_alive_ = false;
  bool connection_upgrade_ = false;
  bool upgrade_to_websocket_ = false;
};

bool head_reader::fail(std::string_view why, ending what) {
  fault_ = {what, std::string{why}};
  return false;
}

std::variant<request_head, framing_fault> head_reader::read() {
  if (rest_.starts_with("\r\n"))
    rest_.remove_prefix(2); // some old clients end a body with one too many (RFC 9112, 2.2)
  std::string_view line;
  if (!next_line(line) || !request_line(line)) return fault_;
  while (true) {
    if (!next_line(line)) return fault_;
    if (line.empty()) break;
    auto read = read_field(line);
    if (auto* why = std::get_if<std::string_view>(&read)) return fail(*why), fault_;
    if (!field(std::get<field_line>(read))) return fault_;
  }
  if (!rest_.empty()) return fail("something follows the header"), fault_;
  if (!check_framing()) return fault_;
  return std::move(head_);
}

bool head_reader::next_line(std::string_view& line) {
  auto end = rest_.find('\n');
  if (end == std::string_view::npos) return fail("the header is not ended by an empty line");
  if (end == 0 || rest_[end - 1] != '\r') return fail("a line ends in LF without CR");
  line = rest_.substr(0, end - 1);
  rest_.remove_prefix(end + 1);
  return true;
}

// -- the request line ------------------------------------------------------------------------------

bool head_reader::request_line(std::string_view line) {
  auto first = line.find(' ');
  auto last = line.rfind(' ');
  if (first == std::string_view::npos || first == last) return fail("the request line is not METHOD target HTTP/1.1");
  head_.method = line.substr(0, first);
  if (!is_token(head_.method)) return fail("the method is not a word");
  return version(line.substr(last + 1)) && target(line.substr(first + 1, last - first - 1));
}

bool head_reader::version(std::string_view text) {
  if (text == "HTTP/1.1") return true;
  if (text != "HTTP/1.0") return fail("the version is neither HTTP/1.1 nor HTTP/1.0");
  head_.minor_version = 0;
  return true;
}

bool head_reader::target(std::string_view text) {
  auto visible = [](char c) { return c > 0x20 && c < 0x7f && c != '#'; };
  if (text.empty() || !std::ranges::all_of(text, visible))
    return fail("the target has a character that it may not have");
  if (text == "*" && head_.method == "OPTIONS") {
    head_.path = text;
    return true;
  }
  for (std::string_view scheme : {"http://", "https://"}) { // a proxy's form; whose host it is makes no difference here
    if (!same_word(text.substr(0, scheme.size()), scheme)) continue;
    text.remove_prefix(scheme.size());
    auto host = text.substr(0, text.find_first_of("/?"));
    if (!is_host(host)) return fail("the target's host is not valid");
    text.remove_prefix(host.size());
    if (!text.starts_with('/')) { // no path is the root's
      head_.path = "/";
      head_.query = text.substr(std::min<std::size_t>(1, text.size()));
      return true;
    }
    break;
  }
  if (!text.starts_with('/')) return fail("the target does not start with /");
  auto question = text.find('?');
  head_.path = text.substr(0, question);
  if (question != std::string_view::npos) head_.query = text.substr(question + 1);
  return true;
}

// -- the fields ------------------------------------------------------------------------------------

bool head_reader::field(const field_line& one) {
  if (same_word(one.name, "Content-Type")) return once(head_.content_type, one);
  if (same_word(one.name, "Content-Encoding")) return once(head_.content_encoding, one);
  if (same_word(one.name, "Sec-WebSocket-Key")) return once(head_.websocket_key, one);
  if (same_word(one.name, "Sec-WebSocket-Version")) return once(head_.websocket_version, one);
  if (same_word(one.name, "Accept")) {
    if (head_.accept.empty()) head_.accept = one.value;
  } else if (same_word(one.name, "Connection")) {
    connection(one.value);
  } else if (same_word(one.name, "Upgrade")) {
    for_each_element(one.value, [this](auto protocol) { upgrade_to_websocket_ |= same_word(protocol, "websocket"); });
  } else if (same_word(one.name,
                       "Expect")) { // what else may be expected here is not known, and need not be (RFC 9110, 10.1.1)
    for_each_element(one.value, [this](auto what) { head_.expect_continue |= same_word(what, "100-continue"); });
  } else if (same_word(one.name, "Sec-WebSocket-Protocol")) {
    for_each_element(one.value, [this](auto protocol) { head_.websocket_protocols.push_back(protocol); });
  } else {
    return framing_field(one);
  }
  return true;
}

bool head_reader::framing_field(const field_line& one) {
  if (same_word(one.name, "Host")) {
    if (host_seen_) return fail("Host comes twice");
    host_seen_ = true;
    head_.host = one.value;
    return is_host(one.value) || fail("Host is not valid");
  }
  if (same_word(one.name, "Content-Length")) return content_length(one.value);
  if (same_word(one.name, "Transfer-Encoding")) transfer_encoding(one.value);
  return true;
}

/// A field of which a second one would leave in doubt which counts.
bool head_reader::once(std::string_view& to, const field_line& one) {
  if (to.data() != nullptr) return fail(std::string{one.name} + " comes twice");
  to = one.value;
  return true;
}

bool head_reader::content_length(std::string_view value) {
  if (value.empty() || value.size() > longest_length || !is_digits(value))
    return fail("Content-Length is not plain digits, at most 18 of them");
  std::uint64_t length = 0;
  std::from_chars(value.data(), value.data() + value.size(), length);
  if (head_.content_length.value_or(length) != length) return fail("Content-Length comes twice with different values");
  head_.content_length = length;
  return true;
}

void head_reader::transfer_encoding(std::string_view value) {
  ++transfer_encodings_;
  for_each_element(value,
                   [this](auto coding) { ++(same_word(coding, "chunked") ? chunked_codings_ : other_codings_); });
}

void head_reader::connection(std::string_view value) {
  for_each_element(value, [this](auto option) {
    close_ |= same_word(option, "close");
    keep_alive_ |= same_word(option, "keep-alive");
    connection_upgrade_ |= same_word(option, "upgrade");
  });
}

/// What can only be judged once all fields are known.
bool head_reader::check_framing() {
  bool modern = head_.minor_version == 1;
  if (modern && !host_seen_) return fail("Host is missing");
  if (transfer_encodings_ > 0 && head_.content_length) return fail("both Content-Length and Transfer-Encoding");
  if (transfer_encodings_ > 0 && !modern) return fail("Transfer-Encoding in HTTP/1.0");
  if (other_codings_ != 0) return fail("of the transfer codings only chunked is known here", ending::not_implemented);
  if (transfer_encodings_ > 1 || (transfer_encodings_ == 1 && chunked_codings_ != 1))
    return fail("Transfer-Encoding is not chunked, once");
  head_.chunked = chunked_codings_ == 1;
  head_.keep_alive = !close_ && (modern || keep_alive_);
  head_.expect_continue = head_.expect_continue && modern; // HTTP/1.0 knows no 100
  head_.upgrade_websocket = modern && connection_upgrade_ && upgrade_to_websocket_;
  return true;
}

} // namespace

std::size_t find_header_end(std::string_view bytes, std::size_t from) {
  if (bytes.empty()) return std::string_view::npos;
  if (!is_token_char(bytes[0]) && bytes[0] != '\r') return 1;
  for (auto at = bytes.find('\n', from); at != std::string_view::npos; at = bytes.find('\n', at + 1)) {
    if (bytes[at - 1] != '\r') return at + 1; // at > 0: the first byte is no LF
    if (at >= 3 && bytes[at - 2] == '\n') return at + 1;
  }
  return std::string_view::npos;
}

std::variant<request_head, framing_fault> read_head(std::string_view header) {
  return head_reader{header}.read();
}

std::variant<field_line, std::string_view> read_field(std::string_view line) {
  using fault = std::string_view;
  if (!line.empty() && is_blank(line[0])) return fault{"a header line starts with a blank (obsolete folding)"};
  auto colon = line.find(':');
  if (colon == std::string_view::npos) return fault{"a header line has no colon"};
  field_line made{line.substr(0, colon), trimmed(line.substr(colon + 1))};
  if (!made.name.empty() && is_blank(made.name.back())) return fault{"a blank stands before a header's colon"};
  if (!is_token(made.name)) return fault{"a header's name is not a word"};
  if (std::ranges::any_of(made.value, is_control)) return fault{"a header's value has a control character"};
  return made;
}

} // namespace goloca::net
