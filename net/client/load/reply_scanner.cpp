#include "net/client/load/reply_scanner.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net::load {

namespace {

using kind = point_verdict::kind;
using verdicts = std::vector<point_verdict>;

/// The members that count, one after the other; the last of two with one name is the one, as with nlohmann's parser.
class reply_members {
public:
  /// \param quoted  the value is a string: "true" is no truth, and null no code.
  void put(std::string_view name, std::string_view value, bool quoted) {
    if (name == "status") {
      said_.what = quoted ? kind_of(value) : kind::unknown;
    } else if (name == "id") {
      said_.id = number_in(value); // quoted or not
    } else if (name == "duplicate") {
      duplicate_ = !quoted && value == "true";
    } else if (name == "code") {
      said_.code = quoted ? value : std::string_view{};
    }
  }
  void put_id(std::uint64_t id) { said_.id = id; }

  [[nodiscard]] point_verdict verdict() const {
    auto made = said_;
    if (duplicate_ && made.what == kind::stored) made.what = kind::duplicate;
    return made;
  }

private:
  static kind kind_of(std::string_view status) {
    if (status == "success") return kind::stored;
    if (status == "failed") return kind::failed;
    if (status == "duplicate") return kind::duplicate; // some other services, where goloca has a member of its own
    return kind::unknown;
  }
  static std::uint64_t number_in(std::string_view text) {
    std::uint64_t made = 0;
    auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), made);
    return fault == std::errc{} && end == text.data() + text.size() ? made : 0;
  }

  point_verdict said_;
  bool duplicate_ = false;
};

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

  bool scalar(std::string_view& into, bool& quoted) {
    skip_blank();
    quoted = at_ != end_ && *at_ == '"';
    if (quoted) return string(into);
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
  reply_members one;
  if (!in.sign('{')) return false;
  do {
    std::string_view name, value;
    if (!in.string(name) || !in.sign(':')) return false;
    if (name == "results") {
      if (bulk || !scan_list(in, into)) return false;
      bulk = true;
    } else {
      bool quoted = false;
      if (!in.scalar(value, quoted)) return false;
      one.put(name, value, quoted);
    }
  } while (in.sign(','));
  if (bulk) return in.sign('}');
  into.push_back(one.verdict());
  return in.sign('}') && into.back().what != kind::unknown;
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
  reply_members one;
  for (const auto& [name, value] : reply.items()) {
    if (value.is_string()) {
      one.put(name, value.get_ref<const std::string&>(), true);
    } else if (name == "id" && value.is_number_unsigned()) {
      one.put_id(value.get<std::uint64_t>());
    } else {
      one.put(name, value.is_boolean() && value.get<bool>() ? "true" : "null", false);
    }
  }
  verdicts_.push_back(one.verdict());
  return verdicts_.back().what != kind::unknown;
}

} // namespace goloca::net::load
