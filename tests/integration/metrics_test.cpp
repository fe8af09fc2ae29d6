// /metrics and /actors of the program as it is: where they are, what they say, and that every point is in them, at
// every scrape, whatever happens meanwhile.

#include "tests/support/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/metrics_scraper.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/temporary_postgres.hpp"
#include "tests/support/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

std::string points(const std::string& end, const std::string& by = "http") {
  return "goloca_points_" + end + "{transport=\"" + by + "\"}";
}

TEST(metrics_endpoint, is_for_operators_only) {
  running_goloca service{goloca_binary()};
  raw_client client{service.port()}, operators{service.admin_port()};
  for (const auto* path : {"/metrics", "/actors"}) {
    EXPECT_EQ(client.get(path).status, 404U) << path;
    EXPECT_EQ(operators.get(path).status, 200U) << path;
    EXPECT_EQ(operators.post(path, "{}").status, 405U) << path;
    auto head = operators.request("HEAD", path);
    EXPECT_EQ(head.status, 200U) << path;
    EXPECT_EQ(head.body, "") << path;
  }
  EXPECT_EQ(operators.get("/metrics").header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_EQ(operators.get("/actors").header("content-type"), "application/json");
}

TEST(metrics_endpoint, counts_each_point_as_it_was_answered_by_its_transport) {
  running_goloca service{goloca_binary()};
  raw_client client{service.port()};
  EXPECT_EQ(client.post("/add_datapoint", point(1).dump()).status, 201U);
  EXPECT_EQ(client.post("/add_datapoint", point(1).dump()).status, 200U);
  auto other = point(1);
  other["user_id"] = "somebody else";
  EXPECT_EQ(client.post("/add_datapoint", other.dump()).status, 409U);
  EXPECT_EQ(client.post("/add_datapoint", "{}").status, 400U);
  EXPECT_EQ(client.post("/datapoints", json{point(2), point(3), json::object()}.dump()).status, 207U);
  raw_websocket socket{service.port()};
  EXPECT_EQ(socket.ask(point(4).dump()).at("status"), "success");
  EXPECT_EQ(socket.ask("[" + point(4).dump() + "," + point(5).dump() + "]").size(), 2U);
  auto page = scrape(service.admin_port());
  EXPECT_THAT(page.faults(), IsEmpty());
  EXPECT_EQ(page.imbalance(), "");
  EXPECT_EQ(page.value(points("received_total")), 7);
  EXPECT_EQ(page.value(points("stored_total")), 3);
  EXPECT_EQ(page.value(points("duplicate_total")), 1);
  EXPECT_EQ(page.value(points("conflict_total")), 1);
  EXPECT_EQ(page.value(points("invalid_total")), 2);
  EXPECT_EQ(page.value(points("in_flight")), 0);
  EXPECT_EQ(page.value(points("received_total", "websocket")), 3);
  EXPECT_EQ(page.value(points("stored_total", "websocket")), 2);
  EXPECT_EQ(page.value(points("duplicate_total", "websocket")), 1);
  EXPECT_EQ(page.value("goloca_request_duration_seconds_count{transport=\"http\"}"), 7);
  EXPECT_EQ(page.value("goloca_request_duration_seconds_count{transport=\"websocket\"}"), 3);
  EXPECT_EQ(page.value("goloca_batch_points_sum"), 8) << "all but the invalid ones";
  EXPECT_EQ(page.value("goloca_connections{entrance=\"clients\",kind=\"http\"}"), 1);
  EXPECT_EQ(page.value("goloca_connections{entrance=\"clients\",kind=\"websocket\"}"), 1);
  EXPECT_EQ(page.value("goloca_db_connection_up"), 1);
  EXPECT_EQ(page.value("goloca_build_info{version=\"0.1.0\",store=\"sqlite\",schema=\"datapoint\"}"), 1);
  EXPECT_GT(page.value("process_resident_memory_bytes"), 1e6);
}

TEST(actors_endpoint, shows_the_tree_and_what_befell_it) {
  temporary_postgres server;
  running_goloca service{goloca_binary(), {{"STORE", "postgres"}, {"DATABASE_URL", server.conninfo()}}};
  auto tree = [&] { return raw_client{service.admin_port()}.get("/actors").json(); };
  auto writers = [&] { return tree().at("children").at(0).at("children"); };
  EXPECT_EQ(tree().at("actor"), "node_supervisor");
  EXPECT_TRUE(
      eventually([&] { return writers().at(0).at("state") == "ready" && writers().at(1).at("state") == "ready"; }));
  server.crash();
  EXPECT_TRUE(eventually([&] {
    auto first = writers().at(0);
    return first.at("restarts").get<int>() >= 1 && first.at("last_failure").is_object();
  }));
  EXPECT_TRUE(eventually([&] { return writers().at(0).at("state") == "waiting to restart"; }));
  EXPECT_TRUE(eventually([&] { return scrape(service.admin_port()).value("goloca_db_connection_up") == 0; }));
  server.start();
  EXPECT_TRUE(
      eventually([&] { return writers().at(0).at("state") == "ready" && writers().at(1).at("state") == "ready"; }));
  auto page = scrape(service.admin_port());
  EXPECT_EQ(page.value("goloca_db_connection_up"), 1);
  EXPECT_GE(page.value("goloca_db_reconnects_total"), 2);
  EXPECT_GE(page.value("goloca_actor_restarts_total{actor=\"db_writer\"}"), 2);
}

// -- conservation ---------------------------------------------------------------------------------------

/// Sends arrays until told to stop, and counts the answers. Every one of its points is answered, or its connection
/// died.
class sender {
public:
  sender(std::uint16_t port, std::int64_t first_id, std::atomic<bool>& stop)
      : stop_{&stop}, thread_{[=, this] { run(port, first_id, *stop_); }} {}
  ~sender() { // a test that fails leaves nobody behind
    *stop_ = true;
    join();
  }
  sender(const sender&) = delete;
  sender& operator=(const sender&) = delete;

  void join() {
    if (thread_.joinable()) thread_.join();
  }

  // After join().
  std::uint64_t sent = 0, stored = 0, refused = 0;
  std::string failure;

private:
  static constexpr int at_once = 20;

  void run(std::uint16_t port, std::int64_t id, std::atomic<bool>& stop) {
    try {
      auto over_websocket = id % 2 == 0;
      if (over_websocket)
        by_websocket(port, id, stop);
      else
        by_http(port, id, stop);
    } catch (const std::exception& failed) {
      failure = failed.what();
    }
  }

  static json next_points(std::int64_t& id) {
    auto all = json::array();
    for (auto i = 0; i < at_once; ++i, id += 10) all.push_back(point(id));
    return all;
  }

  void count(const json& answers) {
    for (const auto& each : answers) {
      auto good = each.at("status") == "success" && !each.contains("duplicate");
      ++(good ? stored : refused);
    }
  }

  void by_http(std::uint16_t port, std::int64_t id, std::atomic<bool>& stop) {
    raw_client client{port};
    while (!stop) {
      sent += at_once;
      auto reply = client.post("/datapoints", next_points(id).dump());
      count(reply.json().at("results"));
    }
  }

  void by_websocket(std::uint16_t port, std::int64_t id, std::atomic<bool>& stop) {
    raw_websocket client{port};
    auto open = 0;
    while (!stop || open > 0) {
      for (; !stop && open < 4; ++open) {
        sent += at_once;
        client.send(next_points(id).dump());
      }
      if (open == 0) break;
      count(client.receive_json());
      --open;
    }
  }

  std::atomic<bool>* stop_;
  std::thread thread_; // the last: it uses the others
};

TEST(conservation, holds_at_every_scrape_while_postgresql_dies_and_comes_back) {
  temporary_postgres server;
  running_goloca service{goloca_binary(),
                         {{"STORE", "postgres"},
                          {"DATABASE_URL", server.conninfo()},
                          {"REQUEST_TIMEOUT", "1s"},
                          {"DB_STATEMENT_TIMEOUT", "300ms"},
                          {"MAX_JOB_QUEUE_LENGTH", "60"}}}; // so that some are refused
  metrics_scraper scraper{service.admin_port()};
  std::atomic<bool> stop{false};
  std::vector<std::unique_ptr<sender>> senders;
  for (std::int64_t i = 1; i <= 4; ++i) senders.push_back(std::make_unique<sender>(service.port(), i, stop));
  auto stored = [&] { return scrape(service.admin_port()).sum_of("goloca_points_stored_total"); };
  auto serves = [&] { return eventually([&, before = stored()] { return stored() > before + 200; }); };
  EXPECT_TRUE(serves());
  for (auto round = 0; round < 3; ++round) {
    round == 1 ? server.freeze() : server.crash();
    auto refused = [&] { return scrape(service.admin_port()).sum_of("goloca_points_refused_total"); };
    EXPECT_TRUE(eventually([&, before = refused()] { return refused() > before; }));
    round == 1 ? server.thaw() : server.start();
    EXPECT_TRUE(serves()) << "round " << round;
  }
  EXPECT_TRUE(eventually([&] { return scraper.so_far() > 20; }));
  stop = true;
  std::uint64_t sent = 0, told_stored = 0, told_other = 0;
  for (auto& each : senders) {
    each->join();
    EXPECT_EQ(each->failure, "");
    sent += each->sent, told_stored += each->stored, told_other += each->refused;
  }
  scraper.stop();
  EXPECT_THAT(scraper.faults(), IsEmpty());
  EXPECT_GT(scraper.most_in_flight(), 0);
  auto page = scrape(service.admin_port());
  EXPECT_EQ(page.sum_of("goloca_points_received_total"), sent);
  EXPECT_EQ(page.sum_of("goloca_points_stored_total"), told_stored) << "what clients heard is what is counted";
  EXPECT_EQ(page.sum_of("goloca_points_received_total") - page.sum_of("goloca_points_stored_total"), told_other);
  EXPECT_EQ(page.sum_of("goloca_points_in_flight"), 0);
  service.terminate();
  EXPECT_EQ(service.wait(), 0);
  EXPECT_THAT(service.log(), testing::Not(HasSubstr("does not balance")));
  EXPECT_THAT(service.log(), HasSubstr(std::to_string(sent) + " points received"));
}

} // namespace
