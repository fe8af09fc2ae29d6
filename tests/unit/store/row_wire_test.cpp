#include "store/row_wire.hpp"
#include "tests/support/random_rows.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using store::row_block;
using test::rows;
using testing::HasSubstr;

using read_rows = std::variant<std::shared_ptr<const row_block>, std::string>;

std::string written(const row_block& all) {
  std::string bytes;
  for (std::size_t i = 0; i < all.size(); ++i) store::append_wire(bytes, all[i]);
  return bytes;
}

std::string fault_of(const read_rows& read) {
  auto* wrong = std::get_if<std::string>(&read);
  return wrong ? *wrong : "";
}

rows two_sensors() {
  rows points{test::sensor_schema()};
  points.add(INT64_MAX).text("sensor", "Zürich").real("value", -1.5).integer("taken_at", INT64_MIN);
  points.boolean("order", true);
  points.add(2).text("sensor", "");
  return points;
}

TEST(row_wire, is_what_version_1_says) {
  rows points{test::sensor_schema()};
  points.add(258).text("sensor", "ab");
  const auto& of = points.block()->of();
  std::string expected(1, '\0');
  std::string present((of.size() + 7) / 8, '\0');
  for (auto member : {"id", "sensor"}) {
    auto at = of.find(member);
    present[at / 8] = static_cast<char>(present[at / 8] | 1 << at % 8);
  }
  ASSERT_LT(of.find("sensor"), of.find("id"));
  expected += present + std::string{"\x02\0\0\0", 4} + "ab" + std::string{"\x02\x01\0\0\0\0\0\0", 8};
  EXPECT_EQ(written(*points.block()), expected);
}

TEST(row_wire, gives_back_values_nulls_and_who_assigned_the_id) {
  auto points = two_sensors();
  points.block()->begin_row();
  points.block()->assign_id(77);
  auto read = store::read_wire(written(*points.block()), 3, points.block()->shared_schema());
  ASSERT_EQ(fault_of(read), "");
  const auto& back = *std::get<0>(read);
  ASSERT_EQ(back.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_TRUE(store::same_content(back[i], points[i])) << i;
    EXPECT_EQ(back[i].id_assigned(), i == 2) << i;
  }
}

TEST(row_wire, every_row_comes_back_as_it_was_and_takes_as_much_as_was_foretold) {
  EXPECT_TRUE(rc::check([] {
    auto of = test::draw_schema();
    row_block drawn{of};
    auto count = *rc::gen::inRange(1, 6);
    std::size_t size = 0;
    for (int i = 0; i < count; ++i) test::draw_row(drawn);
    for (std::size_t i = 0; i < drawn.size(); ++i) size += store::wire_size(drawn[i]);
    auto bytes = written(drawn);
    RC_ASSERT(bytes.size() == size);
    auto read = store::read_wire(bytes, static_cast<std::uint32_t>(count), of);
    RC_ASSERT(read.index() == 0U);
    for (std::size_t i = 0; i < drawn.size(); ++i) RC_ASSERT(store::same_content((*std::get<0>(read))[i], drawn[i]));
  }));
}

TEST(row_wire, says_so_when_bytes_are_missing_or_left_over) {
  auto points = two_sensors();
  auto bytes = written(*points.block());
  const auto& of = points.block()->shared_schema();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_NE(fault_of(store::read_wire(bytes.substr(0, size), 2, of)), "") << size;
  }
  EXPECT_THAT(fault_of(store::read_wire(bytes + "x", 2, of)), HasSubstr("more bytes"));
  EXPECT_THAT(fault_of(store::read_wire(bytes, 1, of)), HasSubstr("more bytes"));
  EXPECT_THAT(fault_of(store::read_wire(bytes, UINT32_MAX, of)), HasSubstr("ends within"));
}

TEST(row_wire, takes_no_row_without_an_id_and_no_value_that_does_not_fit) {
  rows points{test::sensor_schema()};
  points.add(0).text("sensor", "a");
  EXPECT_THAT(fault_of(store::read_wire(written(*points.block()), 1, points.block()->shared_schema())),
              HasSubstr("no id"));
  auto bytes = written(*two_sensors().block());
  auto flagged = bytes;
  flagged[0] = 2;
  EXPECT_THAT(fault_of(store::read_wire(flagged, 2, test::sensor_schema())), HasSubstr("unknown flags"));
  auto rides = store::rides_schema();
  rows ride{rides};
  ride.ride(1);
  ASSERT_NE(rides->size() % 8, 0U);
  auto padded = written(*ride.block());
  auto& last = padded[(rides->size() + 7) / 8];
  last = static_cast<char>(last | 0x80);
  EXPECT_THAT(fault_of(store::read_wire(padded, 1, rides)), HasSubstr("more fields"));
  row_block wide{rides};
  wide.begin_row();
  wide.set_integer(rides->key(), 1);
  for (std::size_t i = 0; i < rides->size(); ++i) {
    auto type = rides->fields()[i].type;
    if (type == store::column_type::smallint || type == store::column_type::integer) wide.set_integer(i, INT64_MAX);
  }
  EXPECT_THAT(fault_of(store::read_wire(written(wide), 1, rides)), HasSubstr("does not fit"));
}

} // namespace
