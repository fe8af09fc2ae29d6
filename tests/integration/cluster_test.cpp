// Edges and writers as the processes they are: points go through them as through one node, any of them may die, and
// nothing that was acknowledged is lost.

#include "tests/support/eventually.hpp"
#include "tests/support/metrics_scraper.hpp"
#include "tests/support/node_cluster.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;

// -- as one node -------------------------------------------------------------------------------------

TEST(a_cluster, answers_like_one_node) {
  node_cluster cluster{goloca_binary(), 1, 1};
  raw_client client{cluster.edge(0).port()};
  EXPECT_EQ(client.post("/add_datapoint", point(1).dump()).status, 201U);
  EXPECT_EQ(client.post("/add_datapoint", point(1).dump()).status, 200U);
  auto other = point(1);
  other["user_id"] = "somebody else";
  EXPECT_EQ(client.post("/add_datapoint", other.dump()).status, 409U);
  EXPECT_EQ(client.post("/add_datapoint", "{}").status, 400U);
  auto assigned = client.post("/add_datapoint", R"({"user_id":"u","vehicle_model_id":12})");
  EXPECT_EQ(assigned.status, 201U);
  raw_websocket socket{cluster.edge(0).port()};
  EXPECT_EQ(socket.ask(point(2).dump()).at("status"), "success");
  EXPECT_EQ(socket.ask("[" + point(2).dump() + "," + point(3).dump() + "]").size(), 2U);
  EXPECT_EQ(cluster.rows(), 4U);
  auto found = client.get("/datapoints/2");
  EXPECT_EQ(found.status, 200U);
  EXPECT_EQ(json::parse(found.body), json::parse(raw_client{cluster.edge(0).port()}.get("/datapoints/2").body));
  EXPECT_EQ(client.get("/datapoints/4").status, 404U);
  auto page = scrape(cluster.edge(0).admin_port());
  EXPECT_EQ(page.imbalance(), "");
  EXPECT_EQ(page.value("goloca_link_up{to=\"" + cluster.writers() + "\"}"), 1);
  EXPECT_EQ(scrape(cluster.writer(0).admin_port()).value("goloca_edges"), 1);
}

TEST(a_cluster, shows_its_nodes_to_operators) {
  node_cluster cluster{goloca_binary(), 1, 2};
  auto edge = node_cluster::cluster_page(cluster.edge(0));
  EXPECT_EQ(edge.at("node"), "edge-1");
  EXPECT_EQ(edge.at("role"), "edge");
  ASSERT_EQ(edge.at("writers").size(), 2U);
  EXPECT_TRUE(eventually([&] {
    edge = node_cluster::cluster_page(cluster.edge(0));
    return edge.at("writers")[0].at("round_trip_ms") > 0 && edge.at("writers")[1].at("round_trip_ms") > 0;
  }));
  auto writer = node_cluster::cluster_page(cluster.writer(1));
  EXPECT_EQ(writer.at("role"), "writer");
  ASSERT_EQ(writer.at("edges").size(), 1U);
  EXPECT_EQ(writer.at("edges")[0].at("node"), "edge-1");
  EXPECT_EQ(raw_client{cluster.edge(0).port()}.get("/cluster").status, 404U) << "for operators only";
}

TEST(a_cluster, has_writers_without_a_port_for_clients) {
  node_cluster cluster{goloca_binary(), 1, 1};
  EXPECT_THROW(raw_client{cluster.writer(0).port()}.get("/readyz"), std::exception);
  EXPECT_EQ(raw_client{cluster.writer(0).admin_port()}.get("/readyz").status, 200U);
}

TEST(a_cluster, has_edges_that_are_not_ready_without_a_writer) {
  node_cluster cluster{goloca_binary(), 1, 1};
  cluster.writer(0).kill();
  EXPECT_TRUE(eventually([&] { return !cluster.edge(0).ready(); }, 5s));
  auto told = raw_client{cluster.edge(0).port()}.get("/readyz");
  EXPECT_EQ(told.status, 503U);
  EXPECT_THAT(told.body, HasSubstr(cluster.writers())) << "whom it cannot reach";
  cluster.writer(0).start();
  EXPECT_TRUE(eventually([&] { return cluster.edge(0).ready(); }, 5s));
}

TEST(a_cluster, sends_the_clients_of_an_edge_that_leaves_to_the_others_little_by_little) {
  node_cluster cluster{goloca_binary(), 1, 1};
  std::vector<std::unique_ptr<raw_websocket>> sockets;
  for (std::int64_t id = 1; id <= 40; ++id) {
    sockets.push_back(std::make_unique<raw_websocket>(cluster.edge(0).port()));
    EXPECT_EQ(sockets.back()->ask(point(id).dump()).at("status"), "success");
  }
  auto begin = std::chrono::steady_clock::now();
  cluster.edge(0).terminate();
  for (auto& each : sockets) EXPECT_EQ(each->close_code(), 1012U);
  EXPECT_GT(std::chrono::steady_clock::now() - begin, 500ms) << "not all at once";
  EXPECT_EQ(cluster.edge(0).wait(), 0) << cluster.edge(0).log();
}

// -- who is no member --------------------------------------------------------------------------------

struct a_stranger : testing::Test {
  node_cluster cluster{goloca_binary(), 1, 1};

  /// Starts an edge that the writer must not take; the end of its log.
  std::string refused(environment settings) {
    settings["PORT"] = "0";
    settings["LISTEN_ADDRESS"] = "127.0.0.1";
    settings["ADMIN_ADDRESS"] = "off";
    child_process edge{goloca_binary(), {.arguments = {"serve"}, .variables = std::move(settings)}};
    EXPECT_TRUE(eventually([&] { return edge.err().find("link to") != std::string::npos; })) << edge.err();
    EXPECT_EQ(node_cluster::cluster_page(cluster.writer(0)).at("edges").size(), 1U) << "the one that is a member";
    edge.signal(SIGTERM);
    EXPECT_EQ(edge.wait(), 0);
    return edge.err();
  }
};

TEST_F(a_stranger, with_a_certificate_of_another_authority_is_kept_out) {
  link_authority foreign;
  auto settings = cluster.edge_settings("edge-2");
  auto theirs = foreign.member("edge-2");
  theirs["LINK_AUTHORITY"] = cluster.authority().file("ca.crt"); // it trusts ours, but we do not trust it
  for (const auto& [key, value] : theirs) settings[key] = value;
  EXPECT_THAT(refused(settings), HasSubstr("certificate"));
}

TEST_F(a_stranger, of_another_cluster_is_told_so) {
  auto settings = cluster.edge_settings("edge-2");
  settings["CLUSTER"] = "another";
  EXPECT_THAT(refused(settings), HasSubstr("cluster"));
}

TEST_F(a_stranger, with_another_schema_is_told_so) {
  auto settings = cluster.edge_settings("edge-2");
  settings["SCHEMA"] = std::string{GOLOCA_SOURCE_DIR} + "/tests/support/sensor.schema.json";
  EXPECT_THAT(refused(settings), HasSubstr("schema"));
}

TEST(a_node_with_wrong_certificates, does_not_start) {
  link_authority authority;
  auto settings = authority.member("w");
  settings["ROLE"] = "writer";
  settings["STORE"] = "sqlite";
  settings["ADMIN_ADDRESS"] = "off";
  settings["LINK_ADDRESS"] = "127.0.0.1:0";
  settings["LINK_KEY"] = authority.file("no.key");
  child_process node{goloca_binary(), {.arguments = {"serve"}, .variables = settings}};
  EXPECT_EQ(node.wait(), 78);
  EXPECT_THAT(node.err(), HasSubstr("no.key"));
}

TEST(a_cluster, makes_an_edge_wait_for_a_writer_with_a_full_queue) {
  constexpr int count = 2'000;
  node_cluster cluster{goloca_binary(), 1, 1, {{"MAX_JOB_QUEUE_LENGTH", "50"}}}; // an edge's batch alone is more
  auto all = json::array();
  for (int i = 1; i <= count; ++i) all.push_back(point(i));
  auto answer = raw_client{cluster.edge(0).port()}.post("/datapoints", all.dump());
  EXPECT_EQ(answer.status, 200U) << answer.body.substr(0, 500);
  EXPECT_EQ(answer.json().at("stored"), count);
  EXPECT_EQ(cluster.rows(), static_cast<std::uint64_t>(count));
  auto link = node_cluster::cluster_page(cluster.edge(0)).at("writers").at(0);
  EXPECT_EQ(link.at("state"), "connected");
  EXPECT_EQ(link.at("failures"), 0) << "a full queue is no reason to end a link: " << link;
  auto writer = scrape(cluster.writer(0).admin_port());
  EXPECT_EQ(writer.imbalance(), "");
}

// -- faults under load -------------------------------------------------------------------------------

struct fault {
  std::string name;
  std::function<void(node_cluster&)> strike;
};

void PrintTo(const fault& what, std::ostream* to) {
  *to << what.name;
}

const fault faults[] = {
    {"a_writer_is_killed",
     [](node_cluster& on) {
       on.writer(0).kill();
       std::this_thread::sleep_for(500ms);
       on.writer(0).start();
     }},
    {"a_writer_is_stopped_and_goes_on",
     [](node_cluster& on) {
       ::kill(on.writer(0).pid(), SIGSTOP);
       std::this_thread::sleep_for(4s); // longer than silence is borne
       ::kill(on.writer(0).pid(), SIGCONT);
     }},
    {"a_writer_leaves_in_order",
     [](node_cluster& on) {
       on.writer(0).terminate();
       EXPECT_EQ(on.writer(0).wait(), 0) << on.writer(0).log();
       on.writer(0).start();
     }},
    {"all_writers_are_killed",
     [](node_cluster& on) {
       on.writer(0).kill();
       on.writer(1).kill();
       on.writer(0).start();
       on.writer(1).start();
     }},
    {"the_edge_is_killed",
     [](node_cluster& on) {
       on.edge(0).kill();
       on.edge(0).start();
     }},
    {"the_database_crashes",
     [](node_cluster& on) {
       on.database().crash();
       on.database().start();
     }},
};

struct under_load : testing::TestWithParam<std::tuple<fault, std::string>> {
  scratch_folder folder;
  node_cluster cluster{goloca_binary(), 1, 2};
  std::string ledger = (folder.path() / "ledger").string();
#ifdef GOLOCA_ASAN // it takes as long over these
  static constexpr int count = 12'000;
#else
  static constexpr int count = 40'000;
#endif

  [[nodiscard]] std::string file() const {
    std::string lines;
    for (int i = 1; i <= count; ++i) lines += point(i).dump() + '\n';
    return folder.write("points", lines);
  }
};

INSTANTIATE_TEST_SUITE_P(faults, under_load,
                         testing::Combine(testing::ValuesIn(faults), testing::Values("http", "websocket")),
                         [](const auto& of) { return std::get<0>(of.param).name + "_" + std::get<1>(of.param); });

TEST_P(under_load, nothing_acknowledged_is_lost) {
  const auto& [what, way] = GetParam();
  child_process sender{goloca_binary(),
                       {.arguments = {"send", file(), "--to", cluster.edge(0).url(), "--via", way, "--ledger", ledger,
                                      "--batch", "20"}}};
  ASSERT_TRUE(eventually([&] { return cluster.rows() > 1'000; }, 60s)) << sender.err() << cluster.edge(0).log();
  ASSERT_EQ(sender.wait(0ms), std::nullopt) << "it was to strike in the middle";
  what.strike(cluster);
  EXPECT_EQ(sender.wait(120s), 0) << sender.err() << cluster.edge(0).log();
  EXPECT_EQ(cluster.rows(), static_cast<std::uint64_t>(count));
  child_process verify{goloca_binary(),
                       {.arguments = {"verify", "--ledger", ledger, "--all", "--json"},
                        .variables = {{"STORE", "postgres"}, {"DATABASE_URL", cluster.libpq_url()}}}};
  EXPECT_EQ(verify.wait(60s), 0) << verify.out() << verify.err();
  EXPECT_EQ(json::parse(verify.out()).at("kept").at("count"), count) << verify.out();
  EXPECT_TRUE(eventually([&] { return node_cluster::links_of(cluster.edge(0)) == 2; }, 10s)) << cluster.edge(0).log();
  EXPECT_EQ(scrape(cluster.edge(0).admin_port()).imbalance(), "");
}

} // namespace
