#pragma once
// RapidCheck's generators of rows: any row that a schema allows.

#include "tests/support/store_rows.hpp"

#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <string>

namespace goloca::test {

/// A text of so many characters, some of them of several bytes, some that a format must escape.
inline rc::Gen<std::string> text_of_length(std::size_t least, std::size_t most) {
  static const std::vector<std::string> characters = {"a",  "Z",  "7",    " ", "\"",   "\\", "/",
                                                      "\n", "\t", "\x1f", "é", "\x7f", "€",  "😀"};
  return rc::gen::exec([=] {
    auto length = *rc::gen::inRange(least, std::min(most, least + 30) + 1);
    std::string made;
    for (std::size_t i = 0; i < length; ++i) made += *rc::gen::elementOf(characters);
    return made;
  });
}

/// Between both, and both of them often.
inline rc::Gen<std::int64_t> integer_between(std::int64_t least, std::int64_t most) {
  auto any = rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [=](std::uint64_t drawn) {
    auto width = static_cast<std::uint64_t>(most) - static_cast<std::uint64_t>(least);
    auto offset = width == UINT64_MAX ? drawn : drawn % (width + 1);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(least) + offset);
  });
  return rc::gen::oneOf(any, rc::gen::just(least), rc::gen::just(most));
}

inline rc::Gen<double> real_between(double least, double most) {
  auto any = rc::gen::map(rc::gen::arbitrary<std::uint64_t>(), [=](std::uint64_t drawn) {
    auto share = static_cast<double>(drawn) / 18446744073709551616.0;
    return std::clamp(least * (1 - share) + most * share, least, most);
  });
  return rc::gen::oneOf(any, rc::gen::just(least), rc::gen::just(most), rc::gen::just(std::clamp(0.1, least, most)),
                        rc::gen::just(std::clamp(0.0, least, most)));
}

/// Writes a value that the field takes into the row that is open.
inline void draw_value(store::row_block& to, std::size_t at, const store::field& of) {
  switch (of.type) {
  case store::column_type::text:
    return to.set_text(at, *text_of_length(of.min_length, of.max_length));
  case store::column_type::double_precision:
    return to.set_real(at, *real_between(of.least, of.most));
  case store::column_type::boolean:
    return to.set_boolean(at, *rc::gen::arbitrary<bool>());
  default:
    return to.set_integer(at, *integer_between(of.minimum, of.maximum));
  }
}

/// Appends a valid row of that id (0: any). To be called within a property.
inline void draw_row(store::row_block& to, std::int64_t id = 0) {
  to.begin_row();
  const auto& fields = to.of().fields();
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i == to.of().key())
      to.set_integer(i, id != 0 ? id : *integer_between(1, INT64_MAX));
    else if (fields[i].required || *rc::gen::arbitrary<bool>())
      draw_value(to, i, fields[i]);
  }
}

/// The rides or the sensors.
inline std::shared_ptr<const store::schema> draw_schema() {
  return *rc::gen::arbitrary<bool>() ? store::rides_schema() : sensor_schema();
}

} // namespace goloca::test
