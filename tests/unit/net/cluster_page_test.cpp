#include "net/cluster_page.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using nlohmann::json;

const net::node_name us{"fleet", "edge-1", "edge"};

TEST(cluster_page, says_who_we_are_also_where_there_are_no_others) {
  auto page = json::parse(net::cluster_page({}, us));
  EXPECT_EQ(page, (json{{"cluster", "fleet"},
                        {"node", "edge-1"},
                        {"role", "edge"},
                        {"draining", false},
                        {"writers", json::array()},
                        {"edges", json::array()}}));
}

TEST(cluster_page, shows_each_link_with_its_credit_and_round_trip) {
  using state = actors::link_status::state;
  actors::node_status node;
  node.at = actors::time_point{1h};
  node.links = actors::links_status{};
  actors::link_status up{.address = "10.0.0.2:7420", .node = "w2", .what = state::connected, .id = 5};
  up.round_trip = 1'500us;
  up.batch_time = 12ms;
  up.in_flight = 2;
  up.credit = 4;
  actors::link_status down{.address = "10.0.0.3:7420", .what = state::waiting};
  down.failures.note("no route", node.at - 250ms);
  node.links->links = {up, down};
  auto writers = json::parse(net::cluster_page(node, us)).at("writers");
  ASSERT_EQ(writers.size(), 2U);
  EXPECT_EQ(writers[0].at("node"), "w2");
  EXPECT_EQ(writers[0].at("state"), "connected");
  EXPECT_EQ(writers[0].at("batches"), 2);
  EXPECT_EQ(writers[0].at("credit"), 4);
  EXPECT_EQ(writers[0].at("round_trip_ms"), 1.5);
  EXPECT_EQ(writers[0].at("batch_ms"), 12.0);
  EXPECT_FALSE(writers[0].contains("last_failure"));
  EXPECT_EQ(writers[1].at("state"), "waiting");
  EXPECT_EQ(writers[1].at("last_failure"), (json{{"reason", "no route"}, {"ago_ms", 250.0}}));
}

TEST(cluster_page, shows_the_edges_that_came_in) {
  actors::node_status node;
  node.at = actors::time_point{1h};
  node.hosts = actors::hosts_status{};
  node.hosts->hosts = {{"edge-1", "10.0.0.1:40000", 1, 20, 900, node.at - 2s}};
  auto edges = json::parse(net::cluster_page(node, us)).at("edges");
  ASSERT_EQ(edges.size(), 1U);
  EXPECT_EQ(edges[0], (json{{"node", "edge-1"},
                            {"from", "10.0.0.1:40000"},
                            {"batches", 1},
                            {"answered", {{"batches", 20}, {"points", 900}}},
                            {"for_ms", 2'000.0}}));
}

} // namespace
