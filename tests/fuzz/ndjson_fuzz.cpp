// Bodies of lines: each line is judged alone, whatever stands around it.

#include "tests/fuzz/law.hpp"
#include "tests/fuzz/row_laws.hpp"

namespace {

using namespace goloca;
using net::format;
using net::shape;

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

void append(fuzz::reading& to, const fuzz::reading& more) {
  for (std::size_t i = 0; i < more.rows.size(); ++i) {
    auto row = more.rows[i];
    if (row.valid()) {
      store::append_row(to.rows, row);
      if (row.id_assigned()) to.rows.assign_id(row.id());
    } else {
      to.rows.begin_row();
      to.rows.mark_invalid(more.rows.fault(i));
    }
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  fuzz::choices from{data, size};
  auto choice = from.byte();
  auto text = from.rest();
  auto of = fuzz::schema_of(choice);
  bool strict = (choice & 2) != 0;
  auto read = [&](std::string_view part, format as = format::ndjson, shape expected = shape::array) {
    return fuzz::read(as, part, expected, of, strict);
  };

  auto whole = read(text);
  fuzz::check_rows(whole);
  fuzz::require(whole.result.array, "the reply to lines is an array");

  fuzz::reading by_line{{}, store::row_block{of}};
  for (auto rest = text; !rest.empty();) {
    auto line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (!is_blank(line)) append(by_line, read(line, format::json, shape::object));
  }
  fuzz::check_same(whole, by_line, "lines together are what each of them is alone");

  auto cut = text.find('\n', text.empty() ? 0 : choice / 4 % text.size());
  if (cut == std::string_view::npos) return 0;
  fuzz::reading parts{{}, store::row_block{of}};
  append(parts, read(text.substr(0, cut + 1)));
  append(parts, read(text.substr(cut + 1)));
  fuzz::check_same(whole, parts, "two bodies are what one of both is");
  return 0;
}
