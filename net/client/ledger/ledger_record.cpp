#include "net/client/ledger/ledger_record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>
#include <vector>

namespace goloca::net::client {

namespace {

using verdict = point_reply::verdict;

constexpr std::array<std::pair<verdict, std::string_view>, 4> verdicts{{{verdict::stored, "stored"},
                                                                        {verdict::duplicate, "duplicate"},
                                                                        {verdict::refused, "refused"},
                                                                        {verdict::again, "again"}}};

bool has_code(verdict what) {
  return what == verdict::refused || what == verdict::again;
}

/// A code comes from a service, which may say what it likes: it must stay one word.
std::string one_word(std::string_view code) {
  auto plain = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
  if (code.empty() || code.size() > 40 || !std::ranges::all_of(code, plain)) return "other";
  return std::string{code};
}

std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  for (auto more = true; more;) {
    auto blank = line.find(' ');
    words.push_back(line.substr(0, blank));
    more = blank != std::string_view::npos;
    line.remove_prefix(more ? blank + 1 : line.size());
  }
  return words;
}

std::optional<point_key> read_point(std::string_view id, std::string_view content) {
  point_key made;
  auto [end, fault] = std::from_chars(id.data(), id.data() + id.size(), made.id);
  auto digest = read_digest(content);
  if (fault != std::errc{} || end != id.data() + id.size() || made.id < 0 || !digest) return std::nullopt;
  made.content = *digest;
  return made;
}

} // namespace

std::string first_line(const store::schema& of) {
  return "goloca-ledger 1 " + to_string(digest_of(of));
}

std::string line_of(const ledger_record& one) {
  auto point = std::to_string(one.point.id) + ' ' + to_string(one.point.content);
  if (one.what == ledger_record::kind::sent) return "sent " + point + (one.id_given ? " id-given" : "");
  const auto* word = std::ranges::find(verdicts, one.verdict, &decltype(verdicts)::value_type::first);
  auto line = "answer " + point + ' ' + std::string{word->second};
  if (has_code(one.verdict)) line += ' ' + one_word(one.code);
  return line;
}

std::optional<ledger_record> read_record(std::string_view line) {
  auto words = words_of(line);
  if (words.size() < 3) return std::nullopt;
  auto point = read_point(words[1], words[2]);
  if (!point) return std::nullopt;
  ledger_record made{.point = *point};
  if (words[0] == "sent") {
    made.id_given = words.size() == 4 && words[3] == "id-given";
    return words.size() == 3 || made.id_given ? std::optional{made} : std::nullopt;
  }
  if (words[0] != "answer" || words.size() < 4) return std::nullopt;
  made.what = ledger_record::kind::answer;
  const auto* word = std::ranges::find(verdicts, words[3], &decltype(verdicts)::value_type::second);
  if (word == verdicts.end() || words.size() != (has_code(word->first) ? 5U : 4U)) return std::nullopt;
  made.verdict = word->first;
  if (has_code(made.verdict)) made.code = words[4];
  return made;
}

} // namespace goloca::net::client
