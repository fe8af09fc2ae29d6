#include "net/client/load/reply_scanner.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net::load {

namespace {

using kind = point_verdict::kind;
using verdicts = std::vector<point_verdict>;

void put(point_verdict& into, std::string_view name, std::string_view value) {
  if (name == "status") {
    // "duplicate" is what some other services say where goloca has a member of its own.
    if (value == "success" && into.what == kind::unknown) into.what = kind::stored;
    if (value == "duplicate") into.what = kind::duplicate;
    if (value == "failed") into.what = kind::failed;
  } else if (name == "id") {
    std::from_chars(value.data(), value.data() + value.size(), into.id); // null, and no number: 0
  } else if (name == "duplicate") {
    if (value == "true" && into.what != kind::failed) into.what = kind::duplicate;
  } else if (name == "code") {
    into.code = value;
  }
}

/// Walks JSON whose values are strings without escapes, numbers and words. Each function takes what it is named after
/// and says whether it was there.
class walker {
public:
  explicit walker(std::string_view text) : at_{text.data()}, end_{text.data() + text.size()} {}

  bool end() { return skip_blank(), at_ == end_; }

  bool sign(char wanted) {
    skip_blank();
    if (at_ == end_ || *at_ != wanted) return false;
    return ++at_, true;
  }

  bool string(std::string_view& into) {
    if (!sign('"')) return false;
    const auto* start = at_;
    while (at_ != end_ && *at_ != '"' && *at_ != '\\') ++at_;
    into = {start, static_cast<std::size_t>(at_ - start)};
    return sign('"');
  }

  bool scalar(std::string_view& into) {
    skip_blank();
    if (at_ != end_ && *at_ == '"') return string(into);
    const auto* start = at_;
    while (at_ != end_ && is_of_a_word(*at_)) ++at_;
    into = {start, static_cast<std::size_t>(at_ - start)};
    return !into.empty();
  }

private:
  static bool is_of_a_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || c == 'E';
  }
  void skip_blank() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) ++at_;
  }

  const char* at_;
  const char* end_;
};

bool scan_list(walker& in, verdicts& into);

/// \param bulk  becomes true when it was HTTP bulk's object around the replies.
bool scan_object(walker& in, verdicts& into, bool& bulk) {
  point_verdict one;
  if (!in.sign('{')) return false;
  do {
    std::string_view name, value;
    if (!in.string(name) || !in.sign(':')) return false;
    if (name == "results") {
      if (bulk || !scan_list(in, into)) return false;
      bulk = true;
    } else {
      if (!in.scalar(value)) return false;
      put(one, name, value);
    }
  } while (in.sign(','));
  if (!bulk) into.push_back(one);
  return in.sign('}') && (bulk || one.what != kind::unknown);
}

bool scan_list(walker& in, verdicts& into) {
  if (!in.sign('[')) return false;
  if (in.sign(']')) return true;
  bool bulk = false;
  do {
    if (!scan_object(in, into, bulk) || bulk) return false;
  } while (in.sign(','));
  return in.sign(']');
}

} // namespace

reply_scanner::shape reply_scanner::scan(std::string_view text) {
  verdicts_.clear();
  auto found = scan_quickly(text);
  if (found != shape::unreadable) return found;
  verdicts_.clear();
  return parse(text);
}

reply_scanner::shape reply_scanner::scan_quickly(std::string_view text) {
  walker in{text};
  bool many = text.starts_with('[');
  auto whole = many ? scan_list(in, verdicts_) : scan_object(in, verdicts_, many);
  if (!whole || !in.end()) return shape::unreadable;
  return many ? shape::many : shape::one;
}

reply_scanner::shape reply_scanner::parse(std::string_view text) {
  parsed_ = nlohmann::json::parse(text, nullptr, false);
  auto many = parsed_.is_array() || (parsed_.is_object() && parsed_.contains("results"));
  if (!many) return take(parsed_) ? shape::one : shape::unreadable;
  const auto& list = parsed_.is_array() ? parsed_ : parsed_["results"];
  auto all = list.is_array() && std::ranges::all_of(list, [this](const auto& reply) { return take(reply); });
  return all ? shape::many : shape::unreadable;
}

bool reply_scanner::take(const nlohmann::json& reply) {
  if (!reply.is_object()) return false;
  point_verdict one;
  for (const auto& [name, value] : reply.items()) {
    if (value.is_string()) put(one, name, value.get_ref<const std::string&>());
    if (value.is_boolean() && value.get<bool>()) put(one, name, "true");
    if (value.is_number_unsigned() && name == "id") one.id = value.get<std::uint64_t>();
  }
  verdicts_.push_back(one);
  return one.what != kind::unknown;
}

} // namespace goloca::net::load
