// A schema of any bytes: refused with a sentence, or one that the whole of goloca can work with.

#include "net/openapi.hpp"
#include "store/schema.hpp"
#include "store/schema_member.hpp"
#include "tests/fuzz/law.hpp"
#include "tests/fuzz/row_laws.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>

namespace {

using namespace goloca;
using fuzz::require;
using shared_schema = std::shared_ptr<const store::schema>;

bool has_empty_range(const store::field& of) {
  switch (of.type) {
  case store::column_type::text:
    return of.min_length > of.max_length;
  case store::column_type::double_precision:
    return !(of.least <= of.most);
  default:
    return of.minimum > of.maximum;
  }
}

void check_schema(const shared_schema& made) {
  std::set<std::string> members, columns;
  require(store::is_identifier(made->table()), "the table has a name", made->table());
  for (const auto& each : made->fields()) {
    require(members.insert(each.member).second && columns.insert(store::lower(each.column)).second,
            "a member has a column of its own", each.member);
    require(store::is_identifier(each.column), "a column has a name", each.column);
    require(!has_empty_range(each), "a field takes at least one value", each.member);
    require(made->find(each.member) < made->size(), "a member can be found", each.member);
  }
  require(made->fields()[made->key()].column == "id", "the key is id");
}

/// A point at the lower end of everything, with a member for each field.
store::row_block least_point(const shared_schema& of) {
  store::row_block rows{of};
  rows.begin_row();
  for (std::size_t i = 0; i < of->size(); ++i) {
    const auto& field = of->fields()[i];
    switch (field.type) {
    case store::column_type::text:
      rows.set_text(i, std::string(field.min_length, '7'));
      break;
    case store::column_type::double_precision:
      rows.set_real(i, field.least);
      break;
    case store::column_type::boolean:
      rows.set_boolean(i, false);
      break;
    default:
      rows.set_integer(i, field.minimum);
    }
  }
  return rows;
}

/// Members whose names are not UTF-8 cannot be there: JSON has none.
void check_use(const shared_schema& made) {
  require(nlohmann::json::accept(net::openapi_document(*made, "1")), "OpenAPI's document is JSON");
  auto longest = std::ranges::max(made->fields(), {}, &store::field::min_length).min_length;
  if (longest > 10'000) return; // a text of that length is a test of patience only
  auto point = least_point(made);
  for (auto as : {net::format::json, net::format::cbor, net::format::msgpack}) {
    std::string text;
    net::encode_row(as, point[0], text);
    auto again = fuzz::read(as, text, net::shape::object, made, true);
    require(again.all_valid(), "a point within all bounds is valid", text);
    require(store::same_content(point[0], again.rows[0]), "and comes back as it was", text);
    fuzz::check_rows(again);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  std::string_view text{reinterpret_cast<const char*>(data), size};
  auto read = store::read_schema(text, "fuzz.json");
  if (auto* fault = std::get_if<store::schema_fault>(&read)) {
    require(!fault->why.empty() && fault->message().starts_with("fuzz.json: "), "a fault says what it is");
    return 0;
  }
  auto made = std::get<shared_schema>(read);
  require(made->document() == text, "a schema keeps its text");
  check_schema(made);
  check_use(made);
  return 0;
}
