#include "tests/fuzz/row_laws.hpp"

#include "net/utf8.hpp"
#include "tests/fuzz/law.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>

namespace goloca::fuzz {

namespace {

using net::format;
using nlohmann::json;
using store::column_type;

constexpr std::array formats{format::json, format::cbor, format::msgpack};

bool is_utf8(std::string_view text) {
  return net::valid_utf8_prefix(text) == text.size();
}

bool fits(store::row_view row, std::size_t at, const store::field& of) {
  switch (of.type) {
  case column_type::text: {
    auto text = row.text(at);
    auto length = net::code_points(text);
    return is_utf8(text) && text.find('\0') == std::string_view::npos && length >= of.min_length &&
           length <= of.max_length;
  }
  case column_type::boolean:
    return row.integer(at) == 0 || row.integer(at) == 1;
  case column_type::double_precision: {
    auto value = row.real(at);
    return std::isfinite(value) && value >= of.least && value <= of.most && !(value == 0 && std::signbit(value));
  }
  default:
    return row.integer(at) >= of.minimum && row.integer(at) <= of.maximum;
  }
}

void check_schema(store::row_view row) {
  const auto& fields = row.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (row.is_null(i))
      require(!fields[i].required, "a required member is there", fields[i].member);
    else
      require(fits(row, i, fields[i]), "a value keeps to its field", fields[i].member);
  }
  require(row.id() >= 1, "every valid row has an id");
}

void check_round_trip(store::row_view row, const std::shared_ptr<const store::schema>& of) {
  for (auto as : formats) {
    std::string text;
    net::encode_row(as, row, text);
    auto again = read(as, text, net::shape::object, of, true);
    require(again.rows.size() == 1 && again.all_valid(), "what was encoded can be decoded", text);
    require(store::same_content(row, again.rows[0]), "decode after encode is the identity", text);
  }
}

json parse(format as, const std::string& text) {
  switch (as) {
  case format::cbor:
    return json::from_cbor(text, true, false);
  case format::msgpack:
    return json::from_msgpack(text, true, false);
  default:
    return json::parse(text, nullptr, false);
  }
}

void check_fault(const store::row_fault& fault) {
  require(!fault.message.empty(), "a fault says what it is");
  require(is_utf8(fault.message) && is_utf8(fault.member), "a fault is UTF-8", fault.message);
  for (auto as : formats) {
    std::string text;
    net::encode(as, {net::ending::invalid, fault.id, fault.message, fault.member}, text);
    auto told = parse(as, text);
    require(told.is_object() && told["error"] == fault.message && told["code"] == "invalid",
            "a fault can be told in every format", text);
  }
}

} // namespace

std::shared_ptr<const store::schema> schema_of(unsigned choice) {
  static const auto sensors =
      std::get<std::shared_ptr<const store::schema>>(store::read_schema_file(GOLOCA_SENSOR_SCHEMA));
  return choice % 2 == 0 ? store::rides_schema() : sensors;
}

reading read(net::format as, std::string_view text, net::shape expected, const std::shared_ptr<const store::schema>& of,
             bool reject_unknown) {
  static store::point_id_source ids{7};
  reading made{{}, store::row_block{of}};
  made.result = net::decoder{of, reject_unknown, ids}.decode(as, text, expected, made.rows);
  return made;
}

void check_rows(const reading& got) {
  require(got.result.count == got.rows.size(), "the count is that of the rows");
  require(got.result.array || got.result.count == 1, "what is no array is one row");
  for (std::size_t i = 0; i < got.rows.size(); ++i) {
    if (!got.rows[i].valid()) {
      check_fault(got.rows.fault(i));
      continue;
    }
    check_schema(got.rows[i]);
    check_round_trip(got.rows[i], got.rows.shared_schema());
  }
}

void check_same(const reading& one, const reading& other, std::string_view law) {
  require(one.rows.size() == other.rows.size(), law, "another number of rows");
  auto key = one.rows.of().key();
  for (std::size_t i = 0; i < one.rows.size(); ++i) {
    auto a = one.rows[i];
    auto b = other.rows[i];
    if (a.valid() != b.valid())
      require(false, law, a.valid() ? other.rows.fault(i).message : one.rows.fault(i).message);
    if (!a.valid()) continue;
    require(a.id_assigned() == b.id_assigned(), law, "an id is assigned in one of them");
    if (!a.id_assigned()) {
      require(store::same_content(a, b), law);
      continue;
    }
    store::row_block copies{one.rows.shared_schema()}; // the ids differ, and may
    for (auto each : {a, b}) {
      store::append_row(copies, each);
      copies.set_integer(key, 1);
    }
    require(store::same_content(copies[0], copies[1]), law);
  }
}

} // namespace goloca::fuzz
