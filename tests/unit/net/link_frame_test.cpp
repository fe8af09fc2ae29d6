#include "net/link/frame.hpp"
#include "net/link/schema_digest.hpp"
#include "tests/support/store_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using namespace goloca::actors;
using namespace goloca::net::link;
using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::SizeIs;

using reading = std::variant<frame, std::string>;

reading sent(const frame& what) {
  std::string bytes;
  append(bytes, what);
  std::array<char, head_size> head{};
  std::copy_n(bytes.begin(), head_size, head.begin());
  auto [size, kind] = read_head(head);
  EXPECT_EQ(size, bytes.size() - head_size);
  return read_body(kind, std::string_view{bytes}.substr(head_size), test::sensor_schema());
}

template <class Message>
Message arrived(const Message& what) {
  auto read = sent(what);
  if (auto* wrong = std::get_if<std::string>(&read)) throw std::runtime_error{*wrong};
  return std::get<Message>(std::get<frame>(read));
}

store::row_range some_rows(std::int64_t first, std::uint32_t count) {
  test::rows points{test::sensor_schema()};
  for (std::uint32_t i = 0; i < count; ++i) points.add(first + i).text("sensor", "s" + std::to_string(i));
  return {points.block(), 0, count};
}

TEST(link_frame, carries_a_hello_and_its_answers) {
  auto hello = arrived(link_hello{{1, 3}, "fleet", "edge-1", 0x1122334455667788, "digest"});
  EXPECT_EQ(hello.versions, (wire_versions{1, 3}));
  EXPECT_EQ(hello.cluster, "fleet");
  EXPECT_EQ(hello.node, "edge-1");
  EXPECT_EQ(hello.boot, 0x1122334455667788U);
  EXPECT_EQ(hello.schema, "digest");
  auto welcome = arrived(link_welcome{1, "writer-1", 7, 4, 500, 1 << 20, {false, "weak"}});
  EXPECT_EQ(welcome.node, "writer-1");
  EXPECT_EQ(welcome.boot, 7U);
  EXPECT_EQ(welcome.credit, 4U);
  EXPECT_EQ(welcome.most_points, 500U);
  EXPECT_EQ(welcome.most_bytes, 1U << 20);
  EXPECT_FALSE(welcome.promise.full);
  EXPECT_EQ(welcome.promise.statement, "weak");
  EXPECT_EQ(arrived(link_refusal{"another cluster"}).reason, "another cluster");
  arrived(link_draining{});
  EXPECT_EQ(arrived(ping{3}).number, 3U);
  EXPECT_EQ(arrived(pong{4}).number, 4U);
}

TEST(link_frame, carries_a_batch_of_several_ranges_as_one) {
  auto head = some_rows(10, 3), tail = some_rows(20, 4);
  tail.first = 2, tail.count = 2;
  auto batch = arrived(link_batch{5, 99, 1'500ms, {head, tail}});
  EXPECT_EQ(batch.sequence, 5U);
  EXPECT_EQ(batch.digest, 99U);
  EXPECT_EQ(batch.patience, 1'500ms);
  ASSERT_THAT(batch.rows, SizeIs(1));
  ASSERT_EQ(batch.rows[0].count, 5U);
  std::vector<std::int64_t> ids;
  for (std::uint32_t i = 0; i < 5; ++i) ids.push_back(batch.rows[0][i].id());
  EXPECT_EQ(ids, (std::vector<std::int64_t>{10, 11, 12, 22, 23}));
  EXPECT_TRUE(store::same_content(batch.rows[0][4], tail[1]));
}

TEST(link_frame, carries_a_result_with_its_refusals) {
  using store::outcome;
  link_result told{6, 98, {{outcome::stored, outcome::invalid, outcome::duplicate, outcome::conflict}, {}}};
  told.result.refusals = {{1, "22001", "too long"}};
  auto result = arrived(told);
  EXPECT_EQ(result.sequence, 6U);
  EXPECT_EQ(result.digest, 98U);
  EXPECT_EQ(result.result.outcomes, told.result.outcomes);
  ASSERT_THAT(result.result.refusals, SizeIs(1));
  EXPECT_EQ(result.result.refusals[0].index, 1U);
  EXPECT_EQ(result.result.refusals[0].sqlstate, "22001");
  EXPECT_EQ(result.result.refusals[0].message, "too long");
  EXPECT_THAT(result.given_up, testing::IsEmpty());
}

TEST(link_frame, carries_a_question_for_a_point_and_the_answer) {
  auto find = arrived(link_find{8, INT64_MAX, 20ms});
  EXPECT_EQ(find.number, 8U);
  EXPECT_EQ(find.id, INT64_MAX);
  EXPECT_EQ(find.patience, 20ms);
  auto found = arrived(link_found{8, link_found::state::found, some_rows(31, 1).block, ""});
  ASSERT_TRUE(found.row);
  EXPECT_EQ((*found.row)[0].id(), 31);
  auto missing = arrived(link_found{9, link_found::state::missing, nullptr, "no"});
  EXPECT_FALSE(missing.row);
  EXPECT_EQ(missing.detail, "no");
}

std::uint8_t kind_of(const frame& what) {
  std::string bytes;
  append(bytes, what);
  return static_cast<std::uint8_t>(bytes.at(4));
}

TEST(link_frame, carries_a_result_that_gives_points_up_as_another_kind_than_wire_version_1_has) {
  using store::outcome;
  link_result told{6, 98, {{outcome::stored, outcome::invalid, outcome::stored, outcome::stored}, {}}};
  EXPECT_EQ(kind_of(told), 5);
  told.result.refusals = {{1, "22001", "too long"}};
  told.given_up = {{0, "it crashed"}, {3, ""}};
  EXPECT_EQ(kind_of(told), 10);
  auto result = arrived(told);
  EXPECT_EQ(result.result.outcomes, told.result.outcomes);
  EXPECT_EQ(result.given_up, told.given_up);
  ASSERT_THAT(result.result.refusals, SizeIs(1));
}

TEST(link_frame, is_refused_whole_when_a_byte_is_missing_or_left_over) {
  const frame all[] = {link_hello{{}, "a", "b", 1, "c"},
                       link_batch{1, 2, 3ms, {some_rows(1, 2)}},
                       link_find{1, 2, 3ms},
                       link_welcome{1, "n", 2, 3, 4, 5, {true, "s"}},
                       link_refusal{"no"},
                       link_result{1, 2, {{store::outcome::invalid}, {{0, "22003", "m"}}}},
                       link_result{1, 2, {{store::outcome::stored}, {}}, {{0, "m"}}},
                       link_found{1, link_found::state::found, some_rows(1, 1).block, "d"},
                       link_draining{},
                       ping{1},
                       pong{1}};
  for (const auto& each : all) {
    std::string bytes;
    append(bytes, each);
    auto kind = kind_of(each);
    auto body = std::string_view{bytes}.substr(head_size);
    auto whole = [&](std::string_view text) { return read_body(kind, text, test::sensor_schema()).index() == 0; };
    EXPECT_TRUE(whole(body)) << int{kind};
    EXPECT_FALSE(whole(std::string{body} + "x")) << int{kind};
    for (std::size_t size = 0; size < body.size(); ++size) {
      if (kind == 5 && size == 8 + 8 + 4 + 1) continue; // a result without its refusal is a result, too
      EXPECT_FALSE(whole(body.substr(0, size))) << int{kind} << " cut to " << size;
    }
  }
}

TEST(link_frame, is_refused_when_it_says_what_there_is_not) {
  auto wrong = [](std::uint8_t kind, std::string_view body) {
    return std::get<std::string>(read_body(kind, body, test::sensor_schema()));
  };
  EXPECT_THAT(wrong(11, ""), HasSubstr("unknown kind 11"));
  EXPECT_THAT(wrong(255, ""), HasSubstr("unknown kind 255"));
  std::string numbers(16, '\0');
  EXPECT_THAT(wrong(1, numbers + std::string(8, '\0')), HasSubstr("without rows"));
  EXPECT_THAT(wrong(5, numbers + std::string{"\x01\0\0\0\x04", 5}), HasSubstr("unknown outcome"));
  auto refusal = std::string{"\x01\0\0\0\x03\x01\0\0\0", 9} + std::string(8, '\0'); // of a point that is not there
  EXPECT_THAT(wrong(5, numbers + refusal), HasSubstr("refusals"));
  auto with_given_up = [&](std::string_view rest) {
    return wrong(10, numbers + std::string{"\x02\0\0\0\0\0", 6} + std::string{rest});
  };
  using namespace std::string_view_literals;
  for (auto rest : {"\0\0\0\0"sv, "\x03\0\0\0"sv, "\x01\0\0\0\x02\0\0\0\0\0\0\0"sv,
                    "\x02\0\0\0\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0"sv}) { // none, too many, not there, twice
    EXPECT_THAT(with_given_up(rest), HasSubstr("gives up are wrong"));
  }
  EXPECT_THAT(wrong(6, std::string(8, '\0') + std::string{"\x05\0\0\0\0", 5}), HasSubstr("unknown state"));
}

TEST(schema_digest, is_one_for_the_same_fields_and_another_for_others) {
  auto rides = digest_of(*store::rides_schema());
  EXPECT_THAT(rides, SizeIs(64));
  EXPECT_EQ(rides, digest_of(*store::rides_schema()));
  EXPECT_NE(rides, digest_of(*test::sensor_schema()));
  auto fields = store::rides_schema()->fields();
  auto changed = [&](auto change) {
    auto copy = fields;
    change(copy.back());
    return digest_of(store::schema{store::rides_schema()->table(), copy, ""});
  };
  EXPECT_EQ(changed([](auto& field) { field.description = "other words"; }), rides);
  EXPECT_NE(changed([](auto& field) { field.required = !field.required; }), rides);
  EXPECT_NE(changed([](auto& field) { field.column += "x"; }), rides);
  EXPECT_NE(changed([](auto& field) { field.max_length -= 1; }), rides);
  EXPECT_NE(digest_of(store::schema{"other", fields, ""}), rides);
}

} // namespace
