#include "net/client/send.hpp"

#include "client_fake_service.hpp"

#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <set>
#include <sstream>

#include <unistd.h>

namespace {

using namespace goloca;
using namespace goloca::net;
using namespace std::chrono_literals;
using client::fake_service;
using json = nlohmann::json;
using act = fake_service::action::kind;

struct sent {
  int code;
  std::string out;
  std::string err;
};

sent run(send_options options, const std::string& input) {
  std::istringstream in{input};
  std::ostringstream out;
  std::ostringstream err;
  if (options.file.empty()) options.file = "-";
  auto code = run_send(options, in, out, err);
  return {code, out.str(), err.str()};
}

std::string rides(int count) {
  std::string csv = "id,user_id,vehicle_model_id,from_lat\n";
  for (int i = 1; i <= count; ++i) csv += std::to_string(i) + ",u" + std::to_string(i) + ",12,12.5\n";
  return csv;
}

/// Both ways must do the same: every test of this suite runs over HTTP and over WebSocket.
struct client_send : testing::TestWithParam<bool> {
  std::filesystem::path folder = std::filesystem::temp_directory_path() / ("client_send." + std::to_string(getpid()));
  client_send() { std::filesystem::create_directories(folder); }
  ~client_send() override { std::filesystem::remove_all(folder); }

  [[nodiscard]] send_options options(const fake_service& to) const {
    send_options made;
    made.url = to.url();
    made.websocket = GetParam();
    made.batch = 10;
    made.window = 40;
    return made;
  }
  static std::vector<json> lines_of(const std::string& path) {
    std::ifstream file{path};
    std::vector<json> all;
    for (std::string line; std::getline(file, line);) all.push_back(json::parse(line));
    return all;
  }
};

INSTANTIATE_TEST_SUITE_P(over, client_send, testing::Values(false, true),
                         [](const auto& way) { return way.param ? "websocket" : "http"; });

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

TEST_P(client_send, sends_again_what_was_in_flight_when_the_connection_was_dropped) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    if (nth % 3 == 1) return {nth % 2 == 0 ? act::drop : act::half, 200, s.answer(s.keep_all(points)).body, 0};
    return s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(200));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("200 sent: ")) << done.out;
  EXPECT_NE(done.out.find(" 0 refused in "), std::string::npos) << done.out;
  EXPECT_EQ(service.kept().size(), 200u);
}

TEST_P(client_send, reconnects_when_a_reply_makes_no_sense) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    auto results = s.keep_all(points);
    if (nth == 1) results.erase(results.begin()); // fewer than were announced
    if (nth == 3) results[0]["id"] = "4711";
    if (nth == 5) return {act::answer, 200, "<html>what?</html>", 0};
    return s.answer(results);
  }};
  auto done = run(options(service), rides(100));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_EQ(service.kept().size(), 100u);
  EXPECT_TRUE(done.out.starts_with("100 sent: ")) << done.out;
}

TEST_P(client_send, does_not_wait_for_a_service_that_went_silent) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    if (nth == 1) return {act::silence, 200, "", 0};
    return s.answer(s.keep_all(points));
  }};
  auto with = options(service);
  with.reply_timeout = 300ms;
  auto done = run(with, rides(50));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("50 sent: 50 stored")) << done.out;
}

TEST_P(client_send, gives_up_with_69_when_no_answer_comes_at_all) {
  fake_service service{[](auto&, auto, const json&) -> fake_service::action { return {act::silence, 200, "", 0}; }};
  auto with = options(service);
  with.reply_timeout = 100ms;
  with.give_up_after = 700ms;
  auto done = run(with, rides(50));
  EXPECT_EQ(done.code, 69);
  EXPECT_NE(done.out.find("40 without an answer"), std::string::npos) << done.out;
  EXPECT_NE(done.err.find("does not answer in time"), std::string::npos) << done.err;
}

TEST_P(client_send, gives_up_with_69_where_nothing_listens) {
  send_options with;
  with.websocket = GetParam();
  {
    fake_service gone{[](auto&, auto, const json&) { return fake_service::action{}; }};
    with.url = gone.url();
  }
  with.give_up_after = 300ms;
  auto done = run(with, rides(3));
  EXPECT_EQ(done.code, 69);
  EXPECT_NE(done.err.find("nothing listens at 127.0.0.1:"), std::string::npos) << done.err;
  EXPECT_TRUE(done.out.starts_with("3 sent: 0 stored, 0 duplicates, 0 refused, 3 without an answer")) << done.out;
}

TEST_P(client_send, outlives_a_restart_of_the_service) {
  std::promise<void> answered;
  auto script = [&, first = true](auto& s, auto, const json& points) mutable {
    if (std::exchange(first, false)) answered.set_value();
    return s.answer(s.keep_all(points));
  };
  std::promise<void> more;
  /// The second half of the input comes only once the first service is gone.
  struct two_parts : std::streambuf {
    std::string first;
    std::string second;
    std::future<void> gate;
    int part = 0;
    int_type underflow() override {
      if (part == 2) return traits_type::eof();
      if (part == 1) gate.wait();
      auto& now = part++ == 0 ? first : second;
      setg(now.data(), now.data(), now.data() + now.size());
      return traits_type::to_int_type(now[0]);
    }
  } input;
  auto all = rides(60);
  auto half = all.find("\n30,") + 1;
  input.first = all.substr(0, half);
  input.second = all.substr(half);
  input.gate = more.get_future();
  auto first = std::make_unique<fake_service>(script);
  auto port = first->port();
  auto with = options(*first);
  with.file = "-";
  std::istream in{&input};
  std::ostringstream out;
  std::ostringstream err;
  auto sending = std::async(std::launch::async, [&] { return run_send(with, in, out, err); });
  answered.get_future().wait();
  auto kept = first->kept();
  first.reset();
  more.set_value();
  fake_service second{[&](auto& s, auto, const json& points) { return s.answer(s.keep_all(points)); }, port};
  EXPECT_EQ(sending.get(), 0) << err.str();
  std::set<std::string> stored;
  for (const auto& [id, point] : kept) stored.insert(id);
  for (const auto& [id, point] : second.kept()) stored.insert(id);
  EXPECT_GE(second.kept().size(), 31u);
  EXPECT_TRUE(out.str().starts_with("60 sent: ")) << out.str();
}

TEST_P(client_send, sends_the_same_id_again_for_a_point_that_came_without) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) -> fake_service::action {
    auto results = s.keep_all(points);
    if (nth == 0) return {act::drop, 200, "", 0}; // stored, but the answer is lost
    return s.answer(results);
  }};
  auto done = run(options(service), "{\"user_id\":\"u\",\"vehicle_model_id\":\"v\"}\n");
  EXPECT_EQ(done.code, 0);
  EXPECT_TRUE(done.out.starts_with("1 sent: 0 stored, 1 duplicates")) << done.out;
  EXPECT_EQ(service.kept().size(), 1u);
}

TEST_P(client_send, finds_the_one_point_that_spoils_its_message) {
  fake_service service{[](auto& s, auto, const json& points) {
    for (const auto& point : points) {
      if (point["id"] == "17") return s.answer_whole(400, "invalid", "too deep");
    }
    return s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(100));
  EXPECT_EQ(done.code, 1);
  EXPECT_TRUE(done.out.starts_with("100 sent: 99 stored, 0 duplicates, 1 refused")) << done.out;
  EXPECT_NE(done.err.find("line 18: invalid: too deep"), std::string::npos) << done.err;
}

TEST_P(client_send, makes_messages_smaller_that_are_too_large) {
  fake_service service{[](auto& s, auto, const json& points) -> fake_service::action {
    auto large = std::ranges::any_of(points, [](const json& one) { return one["id"] == "55"; });
    if (points.size() > 4 || large) {
      if (GetParam()) return {act::close, 0, "", 1009};
      return s.answer_whole(413, "too_large", "over the limit");
    }
    return s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(100));
  EXPECT_EQ(done.code, 1) << done.err;
  EXPECT_TRUE(done.out.starts_with("100 sent: 99 stored, 0 duplicates, 1 refused")) << done.out;
  EXPECT_NE(done.err.find("line 56: too_large"), std::string::npos) << done.err;
}

TEST_P(client_send, waits_out_a_service_that_is_unavailable_as_a_whole) {
  fake_service service{[](auto& s, std::size_t nth, const json& points) {
    return nth < 6 ? s.answer_whole(503, "unavailable", "no database") : s.answer(s.keep_all(points));
  }};
  auto done = run(options(service), rides(30));
  EXPECT_EQ(done.code, 0) << done.err;
  EXPECT_TRUE(done.out.starts_with("30 sent: 30 stored")) << done.out;
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
