#include "client_send_fixture.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace {

using namespace goloca::net;
using namespace goloca::net::client;
using namespace std::chrono_literals;

struct client_send : sending_both_ways {};
INSTANTIATE_TEST_SUITE_P(over, client_send, testing::Bool(), way_name);

TEST_P(client_send, stores_every_point_of_a_csv_with_its_values) {
  fake_service service{[](auto& s, auto, const json& points) { return s.answer(s.keep_all(points)); }};
  auto done = run(options(service), rides(1000));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("1000 sent: 1000 stored, 0 duplicates, 0 refused in ")) << done.out;
  auto kept = service.kept();
  ASSERT_EQ(kept.size(), 1000u);
  EXPECT_EQ(kept["7"], json::parse(R"({"id":"7","user_id":"u7","vehicle_model_id":"12","from_lat":12.5})"));
  for (const auto& message : service.messages()) EXPECT_LE(message.size(), 10u);
  EXPECT_EQ(service.targets().front(), GetParam() ? "/ws" : "/datapoints");
}

TEST_P(client_send, counts_duplicates_as_good) {
  fake_service service{[](auto& s, auto, const json& points) { return s.answer(s.keep_all(points)); }};
  run(options(service), rides(25));
  auto again = run(options(service), rides(25));
  EXPECT_EQ(again.code, 0);
  EXPECT_TRUE(again.out.starts_with("25 sent: 0 stored, 25 duplicates, 0 refused")) << again.out;
}

TEST_P(client_send, sends_refused_points_of_the_moment_again_until_they_are_stored) {
  std::map<std::string, int> attempts;
  fake_service service{[&](auto& s, auto, const json& points) {
    auto results = json::array();
    for (const auto& point : points) {
      auto id = point["id"].template get<std::string>();
      auto late = ++attempts[id] < 3 && std::stoi(id) % 4 == 0;
      results.push_back(late ? s.failed(id, attempts[id] == 1 ? "overloaded" : "timeout", "later", 10) : s.keep(point));
    }
    return s.answer(results, 207);
  }};
  auto done = run(options(service), rides(40));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("40 sent: 40 stored, 0 duplicates, 0 refused")) << done.out;
  EXPECT_EQ(attempts["4"], 3);
  EXPECT_EQ(attempts["5"], 1);
}

TEST_P(client_send, puts_what_is_refused_for_good_into_the_rejects_with_reason_and_line) {
  fake_service service{[](auto& s, auto, const json& points) {
    auto results = json::array();
    for (const auto& point : points) {
      auto id = point["id"].template get<std::string>();
      results.push_back(id == "3"   ? s.failed(id, "invalid", "from_lat: too far north")
                        : id == "5" ? s.failed(id, "conflict", "another point has this id")
                                    : s.keep(point));
    }
    return s.answer(results, 207);
  }};
  auto with = options(service);
  with.rejects = folder / "rejects";
  auto done = run(with, rides(7) + "8,too,few\n9,u,12,north\n");
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(done.out.starts_with("9 sent: 5 stored, 0 duplicates, 4 refused")) << done.out;
  EXPECT_NE(done.err.find("line 4: invalid: from_lat: too far north"), std::string::npos) << done.err;
  auto rejects = lines_of(with.rejects);
  ASSERT_EQ(rejects.size(), 4u);
  std::map<int, json> by_line;
  for (const auto& one : rejects) by_line[one["line"]] = one;
  EXPECT_EQ(by_line[4], json::parse(R"({"line":4,"id":"3","code":"invalid","error":"from_lat: too far north",
      "point":{"id":"3","user_id":"u3","vehicle_model_id":"12","from_lat":12.5}})"));
  EXPECT_EQ(by_line[6]["code"], "conflict");
  EXPECT_EQ(by_line[9]["error"], "the line has 3 fields, the header 4");
  EXPECT_EQ(by_line[9]["point"], "8,too,few");
  EXPECT_EQ(by_line[10]["error"], "from_lat: \"north\" is not a number");
  EXPECT_EQ(service.kept().size(), 5u);
}

TEST_P(client_send, sends_nothing_of_an_empty_array) {
  fake_service service{[](auto& s, auto, const json& points) { return s.answer(s.keep_all(points)); }};
  auto done = run(options(service), "[]");
  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(done.out.starts_with("0 sent: 0 stored")) << done.out;
  EXPECT_TRUE(service.messages().empty());
}

TEST_P(client_send, shows_a_bar_on_a_terminal) {
  fake_service service{[&](auto& s, std::size_t nth, const json& points) {
    return nth < 8 ? s.answer_whole(503, "unavailable", "no database") : s.answer(s.keep_all(points));
  }};
  auto with = options(service);
  with.progress = true;
  with.file = folder / "rides.csv";
  std::ofstream{with.file} << rides(100);
  auto done = run(with, "");
  EXPECT_EQ(done.code, 0);
  EXPECT_NE(done.err.find("\r["), std::string::npos) << done.err;
  EXPECT_NE(done.err.find("acked, 0 refused"), std::string::npos) << done.err;
  EXPECT_EQ(done.out.find('\r'), std::string::npos);
}

// These do not get as far as a way.

TEST(client_send_usage, refuses_a_wrong_url_before_anything_is_sent) {
  send_options with;
  with.url = "localhost";
  auto done = run(with, rides(1));
  EXPECT_EQ(done.code, 64);
  EXPECT_NE(done.err.find("http://localhost:8080"), std::string::npos) << done.err;
}

TEST(client_send_usage, refuses_files_that_it_cannot_read_or_write_before_anything_is_sent) {
  fake_service service{[](auto& s, auto, const json& points) { return s.answer(s.keep_all(points)); }};
  send_options with;
  with.url = service.url();
  with.file = "/nowhere/rides.csv";
  auto missing = run(with, "");
  EXPECT_EQ(missing.code, 64);
  EXPECT_NE(missing.err.find("/nowhere/rides.csv: No such file"), std::string::npos) << missing.err;
  with.file = "/";
  EXPECT_EQ(run(with, "").code, 64);
  with.file = "-";
  with.rejects = "/nowhere/rejects";
  auto unwritable = run(with, rides(1));
  EXPECT_EQ(unwritable.code, 64);
  EXPECT_NE(unwritable.err.find("/nowhere/rejects: No such file"), std::string::npos) << unwritable.err;
  EXPECT_TRUE(service.messages().empty());
}

TEST(client_send_usage, never_overwrites_its_input_with_the_rejects) {
  auto path = std::filesystem::temp_directory_path() / ("client_send_same." + std::to_string(getpid()));
  std::ofstream{path} << rides(1);
  send_options with;
  with.url = "http://127.0.0.1:1";
  with.file = with.rejects = path;
  EXPECT_EQ(run(with, "").code, 64);
  EXPECT_GT(std::filesystem::file_size(path), 0u);
  std::filesystem::remove(path);
}

TEST(client_send_usage, names_a_header_that_does_not_fit) {
  send_options with;
  with.url = "http://127.0.0.1:1";
  auto done = run(with, "id,colour\n1,red\n");
  EXPECT_EQ(done.code, 64);
  EXPECT_NE(done.err.find("\"colour\""), std::string::npos) << done.err;
}

TEST(client_send_usage, stops_at_once_where_no_service_of_ours_answers) {
  fake_service service{[](auto&, auto, const json&) -> fake_service::action {
    return {act::answer, 404, "not here", 0};
  }};
  send_options with;
  with.url = service.url() + "/wrong";
  auto done = run(with, rides(3));
  EXPECT_EQ(done.code, 69);
  EXPECT_NE(done.err.find("HTTP status 404"), std::string::npos) << done.err;
  EXPECT_EQ(service.targets().front(), "/wrong/datapoints");
}

} // namespace
