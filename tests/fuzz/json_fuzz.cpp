// JSON texts, held against the second reader that codec_json_test names, and lines of them.

#include "tests/fuzz/law.hpp"
#include "tests/fuzz/row_laws.hpp"

#include <nlohmann/json.hpp>

namespace {

using namespace goloca;
using fuzz::require;
using net::format;
using net::shape;

/// nlohmann takes a NUL byte for the end, and refuses numbers beyond a double: nothing to compare there.
enum class second_opinion { json, not_json, none };
second_opinion ask_nlohmann(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) return second_opinion::none;
  try {
    auto parsed = nlohmann::json::parse(text);
    return second_opinion::json;
  } catch (const nlohmann::json::out_of_range&) {
    return second_opinion::none;
  } catch (const nlohmann::json::parse_error&) {
    return second_opinion::not_json;
  }
}

void compare(const fuzz::reading& got, std::string_view text) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
  std::string_view fault = got.result.array || got.all_valid() ? std::string_view{} : got.rows.fault(0).message;
  if (fault.starts_with("nested deeper") || fault.starts_with("more than")) return; // it was not read to its end
  auto ours = fault.starts_with("not JSON") ? second_opinion::not_json : second_opinion::json;
  auto theirs = ask_nlohmann(text);
  require(theirs == second_opinion::none || ours == theirs, "both readers agree on what is JSON", fault);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  fuzz::choices from{data, size};
  auto choice = from.byte();
  auto text = from.rest();
  auto of = fuzz::schema_of(choice);
  bool strict = (choice & 2) != 0;

  auto got = fuzz::read(format::json, text, shape::either, of, strict);
  fuzz::check_rows(got);
  fuzz::check_same(got, fuzz::read(format::json, text, shape::either, of, strict), "a text is read as it was before");
  compare(got, text);

  // What may stand at the top is asked for in the same words, and changes nothing of what was good.
  auto one = fuzz::read(format::json, text, shape::object, of, strict);
  auto all = fuzz::read(format::json, text, shape::array, of, strict);
  fuzz::check_rows(one);
  fuzz::check_rows(all);
  require(!one.result.array, "an array is no object");
  if (got.result.array)
    fuzz::check_same(got, all, "an array is read the same where one is expected");
  else
    require(!all.all_valid(), "an object is no array");
  return 0;
}
