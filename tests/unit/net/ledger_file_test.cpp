// The ledger's file: what stands in it when, and what a later sending makes of it.

#include "net/client/ledger/ledger_file.hpp"
#include "net/client/ledger/ledger_source.hpp"
#include "net/client/outbox.hpp"
#include "tests/support/rows.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace goloca::net::client;
using namespace goloca::test;
using namespace std::chrono_literals;
using verdict = point_reply::verdict;

const auto rides = goloca::store::rides_schema();

content_digest digest(std::string_view json) {
  auto read = decode(json);
  EXPECT_TRUE(read.valid()) << json;
  return digest_of(read.row());
}

struct a_ledger : testing::Test {
  scratch_folder folder;
  std::string path = (folder.path() / "ledger").string();

  [[nodiscard]] std::string text() const {
    std::ostringstream all;
    all << std::ifstream{path, std::ios::binary}.rdbuf();
    return all.str();
  }
  [[nodiscard]] std::vector<std::string> lines() const {
    std::istringstream from{text()};
    std::vector<std::string> all;
    for (std::string line; std::getline(from, line);) all.push_back(line);
    return all;
  }
  [[nodiscard]] ledger_file::opened open() const {
    auto made = ledger_file::open(path, *rides, false);
    if (auto* fault = std::get_if<std::string>(&made)) throw std::runtime_error(*fault);
    return std::get<ledger_file::opened>(std::move(made));
  }
  [[nodiscard]] std::string fault() const {
    auto made = ledger_file::open(path, *rides, false);
    return std::holds_alternative<std::string>(made) ? std::get<std::string>(made) : "";
  }
  static item point(const std::string& id, const std::string& text = R"({"user_id":"u","vehicle_model_id":"1"})") {
    item made;
    made.id = id;
    made.text = text;
    made.content = digest(text);
    return made;
  }
  static outbox outbox_of(std::deque<item>& input, witness* told) {
    auto next = [&input]() -> std::optional<item> {
      if (input.empty()) return std::nullopt;
      auto first = input.front();
      input.pop_front();
      return first;
    };
    return {{10, 10},
            {next, [&input] { return input.empty(); }, [](const item&, const point_reply&) {}, [] { return "777"; },
             [] { return 0.0; }, told}};
  }
  /// What a sending of this NDJSON has to send, with this ledger.
  std::vector<item> to_send(const std::string& ndjson, std::uint64_t* skipped = nullptr) const {
    std::istringstream input{ndjson};
    static goloca::store::point_id_source ids{1};
    auto source = open_source(input, rides, ids);
    auto count = std::make_shared<std::atomic<std::uint64_t>>(0);
    auto opened = open();
    ledger_source from{std::get<std::unique_ptr<point_source>>(std::move(source)), rides, opened.before, count};
    std::vector<item> all;
    while (auto one = from.next()) all.push_back(std::move(*one));
    if (skipped != nullptr) *skipped = *count;
    return all;
  }
};

TEST_F(a_ledger, has_the_same_digest_for_every_way_of_writing_the_same_values) {
  auto one = digest(R"({"id":"7","user_id":"12","vehicle_model_id":"1","from_lat":12.50,"online_booking":true})");
  EXPECT_EQ(one, digest(R"({"from_lat":1.25e1, "online_booking":1,"vehicle_model_id":1,"user_id":12,"id":8,
                            "to_lat":null,"unheard_of":1})"));
  EXPECT_NE(one, digest(R"({"user_id":"12","vehicle_model_id":"1","from_lat":12.51,"online_booking":true})"));
  EXPECT_NE(one, digest(R"({"user_id":"12","vehicle_model_id":"1","to_lat":12.5,"online_booking":true})"));
  EXPECT_NE(one, digest(R"({"user_id":"12","vehicle_model_id":"1","from_lat":12.5})"));
  EXPECT_EQ(digest(R"({"user_id":"a","vehicle_model_id":"b","from_lat":0})"),
            digest(R"({"user_id":"a","vehicle_model_id":"b","from_lat":-0.0})"));
  EXPECT_NE(digest(R"({"user_id":"ab","vehicle_model_id":"c"})"), digest(R"({"user_id":"a","vehicle_model_id":"bc"})"));
  EXPECT_EQ(read_digest(to_string(one)), one);
}

TEST_F(a_ledger, writes_lines_that_are_read_as_what_they_were) {
  for (auto kind : {ledger_record::kind::sent, ledger_record::kind::answer}) {
    for (auto what : {verdict::stored, verdict::duplicate, verdict::refused, verdict::again}) {
      ledger_record one{
          kind, {INT64_MAX, {1, 0xfedcba9876543210}}, kind == ledger_record::kind::sent, what, "conflict"};
      auto line = line_of(one);
      auto read = read_record(line);
      ASSERT_TRUE(read) << line;
      EXPECT_EQ(line_of(*read), line);
    }
  }
  for (const auto* wrong :
       {"", "sent", "sent 1", "sent 1 00", "sent x 00000000000000000000000000000000",
        "sent 1 0000000000000000000000000000000g", "sent -1 00000000000000000000000000000000",
        "sent 1 00000000000000000000000000000000 id", "answer 1 00000000000000000000000000000000",
        "answer 1 00000000000000000000000000000000 stored twice", "answer 1 00000000000000000000000000000000 refused"})
    EXPECT_FALSE(read_record(wrong)) << wrong;
}

TEST_F(a_ledger, keeps_a_code_to_one_word_whatever_the_service_says) {
  EXPECT_TRUE(line_of({ledger_record::kind::answer, {}, false, verdict::again, "a b\nsent"}).ends_with(" again other"));
  EXPECT_TRUE(line_of({ledger_record::kind::answer, {}, false, verdict::again, ""}).ends_with(" again other"));
}

TEST_F(a_ledger, has_a_point_in_the_file_before_it_may_be_sent_and_each_answer_once_the_message_is_over) {
  auto ledger = open();
  std::deque<item> input{point("1"), point("2")};
  auto box = outbox_of(input, ledger.file.get());
  auto now = time_point{} + 1h;
  auto taken = box.take(now, true);
  ASSERT_EQ(taken.size(), 2u);
  auto content = to_string(point("1").content);
  EXPECT_EQ(lines(), (std::vector<std::string>{first_line(*rides), "sent 1 " + content, "sent 2 " + content}));

  box.give_back(std::move(taken), now, "the connection was lost");
  auto again = box.take(now, true);
  ASSERT_EQ(again.size(), 2u);
  EXPECT_EQ(lines().size(), 5u) << "sent again is not written again";
  EXPECT_EQ(lines().back(), "answer 2 " + content + " again lost");

  reply got{
      reply::kind::points, {{verdict::again, "overloaded", "", 0ms}, {verdict::refused, "conflict", "", 0ms}}, {}};
  box.settle(std::move(again), got, now);
  EXPECT_EQ(lines()[5], "answer 1 " + content + " again overloaded");
  EXPECT_EQ(lines()[6], "answer 2 " + content + " refused conflict");
  auto last = box.take(now + 1h, true);
  box.settle(std::move(last), {reply::kind::points, {{verdict::stored, "", "", 0ms}}, {}}, now + 1h);
  EXPECT_EQ(lines().back(), "answer 1 " + content + " stored");
  EXPECT_TRUE(box.finished());
}

TEST_F(a_ledger, notes_a_point_again_before_it_is_sent_under_another_id) {
  auto ledger = open();
  auto mine = point("5");
  mine.text = R"({"id":"5"})";
  mine.own_id_at = 7;
  std::deque<item> input{mine};
  auto box = outbox_of(input, ledger.file.get());
  auto now = time_point{} + 1h;
  box.settle(box.take(now, true), {reply::kind::points, {{verdict::refused, "conflict", "", 0ms}}, {}}, now);
  EXPECT_EQ(box.take(now, true).size(), 1u);
  auto content = to_string(mine.content);
  EXPECT_EQ(lines()[1], "sent 5 " + content + " id-given");
  EXPECT_EQ(lines()[2], "answer 5 " + content + " refused conflict");
  EXPECT_EQ(lines()[3], "sent 777 " + content + " id-given");
}

TEST_F(a_ledger, lets_nothing_be_sent_that_it_cannot_write) {
  struct full final : witness {
    bool about_to_send(const std::vector<const item*>&) override { return false; }
    void answered(const item&, const point_reply&) override { FAIL() << "nothing was sent"; }
    void message_is_over() override {}
  } disk;
  std::deque<item> input{point("1")};
  auto box = outbox_of(input, &disk);
  auto now = time_point{} + 1h;
  EXPECT_TRUE(box.take(now, true).empty());
  EXPECT_TRUE(box.take(now, true).empty());
  EXPECT_EQ(box.unanswered(), 1u);
  EXPECT_FALSE(box.finished());
}

TEST_F(a_ledger, forgets_a_torn_last_line_and_goes_on_after_it) {
  auto content = to_string(point("1").content);
  auto whole = first_line(*rides) + "\nsent 1 " + content + '\n';
  auto torn = "answer 1 " + content + " stored";
  for (std::size_t length = 0; length <= torn.size(); ++length) {
    (void)folder.write("ledger", whole + torn.substr(0, length));
    auto opened = open();
    ASSERT_EQ(opened.before->points().size(), 1u);
    EXPECT_EQ(opened.before->points().begin()->second.state, point_state::open) << length;
    opened.file->about_to_send({});
    auto second = point("2");
    opened.file->about_to_send({&second});
    EXPECT_EQ(text(), whole + "sent 2 " + content + '\n') << length;
  }
  auto first = first_line(*rides);
  for (std::size_t length = 0; length <= first.size(); ++length) {
    (void)folder.write("ledger", first.substr(0, length));
    EXPECT_TRUE(open().before->points().empty());
    EXPECT_EQ(text(), first + '\n');
  }
}

TEST_F(a_ledger, is_refused_when_it_is_none_or_of_another_schema_or_in_use) {
  (void)folder.write("ledger", "id,user_id\n1,2\n");
  EXPECT_NE(fault().find("no ledger"), std::string::npos) << fault();
  EXPECT_EQ(text(), "id,user_id\n1,2\n") << "it stays as it was";
  (void)folder.write("ledger", first_line(*rides) + "\nsent 1\n");
  EXPECT_NE(fault().find("ledger:2: "), std::string::npos) << fault();
  (void)folder.write("ledger", "goloca-ledger 1 00000000000000000000000000000000\n");
  EXPECT_NE(fault().find("another schema"), std::string::npos) << fault();
  path = (folder.path() / "other").string();
  auto held = open();
  EXPECT_NE(fault().find("another goloca send"), std::string::npos) << fault();
  path = "/dev/null";
  EXPECT_NE(fault().find("must be a file"), std::string::npos) << fault();
  path = "/absent/ledger";
  EXPECT_NE(fault().find("No such file"), std::string::npos) << fault();
}

TEST_F(a_ledger, spares_what_was_acknowledged_and_sends_the_rest_again) {
  const std::string input = R"({"id":1,"user_id":"a","vehicle_model_id":"1"}
{"id":2,"user_id":"b","vehicle_model_id":"1"}
{"id":3,"user_id":"c","vehicle_model_id":"1"}
{"id":"4","user_id":"d","vehicle_model_id":"1"}
{"id":5,"user_id":"e"}
)";
  {
    auto points = to_send(input);
    ASSERT_EQ(points.size(), 5u);
    auto ledger = open();
    ledger.file->about_to_send({&points[0], &points[1], &points[2], &points[4]});
    ledger.file->answered(points[0], {verdict::stored, "", ""});
    ledger.file->answered(points[1], {verdict::duplicate, "", ""});
    ledger.file->answered(points[2], {verdict::again, "timeout", ""});
    ledger.file->answered(points[4], {verdict::refused, "invalid", ""});
  }
  std::uint64_t skipped = 0;
  auto rest = to_send(input, &skipped);
  EXPECT_EQ(skipped, 2u);
  ASSERT_EQ(rest.size(), 3u);
  EXPECT_EQ(rest[0].id, "3");
  EXPECT_EQ(rest[1].id, "4");
  EXPECT_EQ(rest[2].id, "5");
  auto changed = to_send(R"({"id":1,"user_id":"A","vehicle_model_id":"1"})");
  EXPECT_EQ(changed.size(), 1u) << "another content under an acknowledged id is another point";
}

TEST_F(a_ledger, gives_points_without_id_the_id_that_they_had_in_whatever_order_they_come) {
  const std::string a = R"({"user_id":"a","vehicle_model_id":"1"})"
                        "\n";
  const std::string b = R"({"user_id":"b","vehicle_model_id":"1"})"
                        "\n";
  auto first = to_send(a + a + b);
  ASSERT_EQ(first.size(), 3u);
  {
    auto ledger = open();
    ledger.file->about_to_send({&first[0], &first[1], &first[2]});
    ledger.file->answered(first[1], {verdict::stored, "", ""});
  }
  std::uint64_t skipped = 0;
  auto again = to_send(b + a + a + a, &skipped);
  EXPECT_EQ(skipped, 1u);
  ASSERT_EQ(again.size(), 3u);
  EXPECT_EQ(again[0].id, first[2].id);
  auto old_and_new = std::vector{again[1].id, again[2].id};
  EXPECT_NE(std::find(old_and_new.begin(), old_and_new.end(), first[0].id), old_and_new.end());
  EXPECT_EQ(std::find(old_and_new.begin(), old_and_new.end(), first[1].id), old_and_new.end()) << "that one is stored";
  EXPECT_NE(old_and_new[0], old_and_new[1]) << "the third is a new point";
  for (const auto& one : again) EXPECT_EQ(one.text.substr(one.own_id_at, one.id.size()), one.id) << one.text;
}

TEST_F(a_ledger, does_not_give_an_id_again_that_was_another_points) {
  const std::string a = R"({"user_id":"a","vehicle_model_id":"1"})"
                        "\n";
  auto first = to_send(a);
  {
    auto ledger = open();
    ledger.file->about_to_send({first.data()});
    ledger.file->answered(first[0], {verdict::refused, "conflict", ""});
  }
  EXPECT_NE(to_send(a)[0].id, first[0].id);
}

TEST_F(a_ledger, names_a_point_as_the_service_does) {
  EXPECT_EQ(to_send(R"({"id":7.0,"user_id":"a","vehicle_model_id":"1"})")[0].id, "7");
}

} // namespace
