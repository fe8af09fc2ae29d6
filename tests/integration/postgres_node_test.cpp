// The whole program over PostgreSQL, with writers on its one I/O thread and beside it, in the clear and under TLS:
// every size of batch, replays, a database that goes away in the midst of it.

#include "tests/support/child_process.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/temporary_postgres.hpp"
#include "tests/support/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <tuple>

namespace {

using namespace goloca::test;
using nlohmann::json;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

enum class way { plain, tls };

class postgres_node : public testing::TestWithParam<std::tuple<int, way>> {
protected:
  int threads = std::get<0>(GetParam());
  bool secret = std::get<1>(GetParam()) == way::tls;
  temporary_postgres server{{.settings = {}, .tcp = secret, .tls = secret}};
  running_goloca service{goloca_binary(),
                         {{"STORE", "postgres"},
                          {"DATABASE_URL", server.conninfo() + (secret ? " host=127.0.0.1 sslmode=require" : "")},
                          {"IO_THREADS", std::to_string(threads)},
                          {"RESTART_INTENSITY", "3"}}};

  std::string rows() const { return server.query("SELECT count(*) FROM datapoint"); }

  static json points(std::int64_t first, std::int64_t count) {
    auto all = json::array();
    for (auto id = first; id < first + count; ++id) all.push_back(point(id));
    return all;
  }
};

TEST_P(postgres_node, says_who_writes) {
  EXPECT_THAT(service.log(), HasSubstr(threads == 1 ? " writers on 1 I/O thread" : " writers beside 2 I/O threads"));
  EXPECT_EQ(server.query("SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) "
                         "WHERE application_name = 'goloca'"),
            secret ? "t" : "f");
}

TEST_P(postgres_node, stores_batches_of_any_size_once) {
  raw_client client{service.port()};
  raw_websocket socket{service.port()};
  std::int64_t next = 1;
  for (auto count : {1, 2, 3, 100, 700}) {
    for (auto again : {false, true}) {
      auto replies = socket.ask(points(next, count).dump());
      ASSERT_EQ(replies.size(), static_cast<std::size_t>(count));
      for (const auto& each : replies) {
        EXPECT_EQ(each.at("status"), "success") << each;
        EXPECT_EQ(each.value("duplicate", false), again) << each;
      }
    }
    next += count;
  }
  EXPECT_EQ(client.post("/add_datapoint", point(next).dump()).status, 201U);
  EXPECT_EQ(client.get("/datapoints/" + std::to_string(next)).status, 200U);
  EXPECT_EQ(rows(), std::to_string(next));
}

TEST_P(postgres_node, keeps_what_it_acknowledged_when_the_database_crashes) {
  raw_websocket socket{service.port()};
  std::set<std::string> acked;
  auto send = [&](std::int64_t first, int count) {
    for (auto id = first; id < first + count; ++id) socket.send(point(id).dump());
  };
  auto hear = [&](int count) {
    for (auto i = 0; i < count; ++i) {
      auto reply = socket.receive_json();
      EXPECT_EQ(reply.at("status"), "success") << reply;
      acked.insert(reply.at("id"));
    }
  };
  send(1, 200);
  hear(100);
  server.crash();
  send(201, 100);
  server.start();
  hear(200);
  send(301, 200);
  hear(200);
  EXPECT_THAT(acked, SizeIs(500));
  EXPECT_EQ(rows(), "500");
}

TEST_P(postgres_node, outlives_an_outage_of_many_attempts) {
  auto attempts = [&] {
    auto text = raw_client{service.admin_port()}.get("/metrics").body;
    auto at = text.find("\ngoloca_actor_restarts_total{actor=\"db_writer\"} ");
    return at == std::string::npos ? 0.0 : std::stod(text.substr(text.find("} ", at) + 2));
  };
  server.stop();
  auto before = attempts();
  EXPECT_TRUE(eventually([&] { return attempts() >= before + 10; })) << "more than its intensity of crashes";
  EXPECT_THAT(raw_client{service.admin_port()}.get("/readyz").body, Not(HasSubstr("reason(")));
  server.start();
  EXPECT_TRUE(eventually([&] { return service.ready(); }));
  EXPECT_EQ((raw_client{service.port()}.post("/add_datapoint", point(1).dump()).status), 201U);
}

INSTANTIATE_TEST_SUITE_P(with, postgres_node,
                         testing::Combine(testing::Values(1, 2), testing::Values(way::plain, way::tls)),
                         [](const auto& of) {
                           return std::string{std::get<0>(of.param) == 1 ? "one_thread" : "two_threads"} +
                                  (std::get<1>(of.param) == way::tls ? "_tls" : "");
                         });

class postgres_that_never_comes : public testing::TestWithParam<const char*> {};

TEST_P(postgres_that_never_comes, ends_the_start_with_69_after_so_many_attempts) {
  auto port = std::to_string(free_port());
  child_process service{goloca_binary(),
                        {.variables = {{"STORE", "postgres"},
                                       {"DATABASE_URL", "host=127.0.0.1 user=nobody dbname=none port=" + port},
                                       {"PORT", std::to_string(free_port())},
                                       {"ADMIN_ADDRESS", "off"},
                                       {"RESTART_INTENSITY", "1"},
                                       {"MAX_DB_CONNECTION_ATTEMPTS", "4"},
                                       {"DB_CONNECTION_RETRY_INTERVAL", "50ms"},
                                       {"IO_THREADS", GetParam()}}}};
  EXPECT_EQ(service.wait(), 69);
  EXPECT_THAT(service.err(), HasSubstr("PostgreSQL: "));
  EXPECT_THAT(service.err(), HasSubstr("refused"));
}

INSTANTIATE_TEST_SUITE_P(with, postgres_that_never_comes, testing::Values("1", "2"),
                         [](const auto& of) { return std::string{of.param} + "_io_threads"; });

} // namespace
