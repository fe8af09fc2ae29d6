// Laws of the formats, over any rows that a schema allows.

#include "net/client/csv_reader.hpp"
#include "net/client/ledger/content_digest.hpp"
#include "net/client/ledger/ledger_record.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/rows.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <sstream>

namespace {

using namespace goloca;
using net::format;

constexpr std::array formats{format::json, format::cbor, format::msgpack};

RC_GTEST_PROP(codec_laws, decode_after_encode_is_the_identity, ()) {
  store::row_block rows{test::draw_schema()};
  test::draw_row(rows);
  for (auto as : formats) {
    std::string text;
    net::encode_row(as, rows[0], text);
    auto again = test::decode(text, as, net::shape::object, rows.shared_schema(), true);
    RC_ASSERT(again.valid());
    RC_ASSERT(store::same_content(rows[0], again.row()));
  }
}

RC_GTEST_PROP(codec_laws, a_bulk_of_rows_is_its_rows_in_order, ()) {
  store::row_block rows{test::draw_schema()};
  auto count = *rc::gen::inRange(0, 20);
  std::string array = "[", lines;
  for (int i = 0; i < count; ++i) {
    test::draw_row(rows, i + 1);
    std::string text;
    net::encode_row(format::json, rows[static_cast<std::size_t>(i)], text);
    array += (i == 0 ? "" : ",") + text;
    lines += text + (*rc::gen::arbitrary<bool>() ? "\n" : "\r\n\n");
  }
  for (const auto& read : {test::decode(array + "]", format::json, net::shape::array, rows.shared_schema()),
                           test::decode(lines, format::ndjson, net::shape::array, rows.shared_schema())}) {
    RC_ASSERT(read.result.array);
    RC_ASSERT(read.rows.size() == rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) RC_ASSERT(store::same_content(rows[i], read.row(i)));
  }
}

RC_GTEST_PROP(digest_laws, is_that_of_the_content_however_it_is_written, ()) {
  store::row_block rows{test::draw_schema()};
  test::draw_row(rows, 7);
  auto digest = net::client::digest_of(rows[0]);
  for (auto as : formats) {
    std::string text;
    net::encode_row(as, rows[0], text);
    RC_ASSERT(net::client::digest_of(test::decode(text, as, net::shape::object, rows.shared_schema()).row()) == digest);
  }
  RC_ASSERT(net::client::read_digest(to_string(digest)) == digest);
}

RC_GTEST_PROP(digest_laws, differs_where_the_content_does, ()) {
  store::row_block rows{test::draw_schema()};
  test::draw_row(rows, 7);
  test::draw_row(rows, 7);
  RC_ASSERT(store::same_content(rows[0], rows[1]) ==
            (net::client::digest_of(rows[0]) == net::client::digest_of(rows[1])));
}

RC_GTEST_PROP(ledger_laws, a_line_is_read_as_it_was_written, ()) {
  using net::client::ledger_record;
  using verdict = net::client::point_reply::verdict;
  ledger_record one;
  one.what = *rc::gen::element(ledger_record::kind::sent, ledger_record::kind::answer);
  one.point = {*test::integer_between(0, INT64_MAX),
               {*rc::gen::arbitrary<std::uint64_t>(), *rc::gen::arbitrary<std::uint64_t>()}};
  if (one.what == ledger_record::kind::sent) {
    one.id_given = *rc::gen::arbitrary<bool>();
  } else {
    one.verdict = *rc::gen::element(verdict::stored, verdict::duplicate, verdict::refused, verdict::again);
    bool coded = one.verdict == verdict::refused || one.verdict == verdict::again;
    if (coded) one.code = *rc::gen::element<std::string>("conflict", "invalid", "timeout", "too_large");
  }
  auto again = net::client::read_record(line_of(one));
  RC_ASSERT(again.has_value());
  RC_ASSERT(again->what == one.what && again->point == one.point && again->id_given == one.id_given);
  RC_ASSERT(one.what == ledger_record::kind::sent || (again->verdict == one.verdict && again->code == one.code));
}

// -- CSV ---------------------------------------------------------------------------------------------

std::string csv_field(const std::string& text, bool quote) {
  if (!quote && text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string made = "\"";
  for (char c : text) made += c == '"' ? std::string{"\"\""} : std::string{c};
  return made + '"';
}

RC_GTEST_PROP(csv_laws, records_are_read_as_they_were_written, ()) {
  auto character = rc::gen::element('a', '1', ' ', ',', '"', '\n', '\r', '\xc3');
  auto field = rc::gen::resize(12, rc::gen::container<std::string>(character));
  auto record = rc::gen::nonEmpty(rc::gen::resize(6, rc::gen::container<std::vector<std::string>>(field)));
  auto records = *rc::gen::resize(8, rc::gen::container<std::vector<std::vector<std::string>>>(record));
  auto line_end = *rc::gen::element<std::string>("\n", "\r\n");
  std::string text;
  std::vector<std::string> lines;
  for (const auto& each : records) {
    std::string line;
    for (const auto& one : each) {
      auto quote = *rc::gen::arbitrary<bool>() || (each.size() == 1 && one.empty()); // else it is a blank line
      line += (&one == each.data() ? "" : ",") + csv_field(one, quote);
    }
    text += line + line_end;
    lines.push_back(std::move(line));
  }
  std::istringstream input{text};
  net::client::csv_reader reader{net::client::byte_reader{input}};
  net::client::csv_record got;
  for (std::size_t i = 0; i < records.size(); ++i) {
    RC_ASSERT(reader.read(got));
    RC_ASSERT(got.fault.empty());
    RC_ASSERT(got.fields == records[i]);
    RC_ASSERT(got.raw == lines[i]);
  }
  RC_ASSERT(!reader.read(got));
  RC_ASSERT(reader.consumed() == text.size());
}

} // namespace
