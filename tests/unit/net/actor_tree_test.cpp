#include "net/actor_tree.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using nlohmann::json;

const std::chrono::system_clock::time_point wall{1'764'000'000'500ms}; // 2025-11-24T16:00:00.500Z

json shown(const actors::node_status& node) {
  return json::parse(net::actor_tree(node, wall));
}

/// The node's child of that name.
json part_of(const json& tree, const std::string& actor) {
  for (const auto& each : tree.at("children")) {
    if (each.at("actor") == actor) return each;
  }
  return nullptr;
}

actors::node_status quiet_node() {
  actors::node_status node;
  node.at = actors::time_point{1h};
  node.pool = actors::pool_status{.queued = 0, .capacity = 10};
  node.writers = actors::writers_status{};
  node.connections = {actors::connections_status{.open = 3, .websockets = 1, .limit = 5},
                      actors::connections_status{.open = 1, .limit = 1}};
  return node;
}

TEST(actor_tree, names_every_part_with_its_state) {
  auto tree = shown(quiet_node());
  EXPECT_EQ(tree.at("actor"), "node_supervisor");
  EXPECT_EQ(tree.at("state"), "serving");
  EXPECT_EQ(tree.at("at"), "2025-11-24T16:00:00.500Z");
  for (const auto* part : {"writer_supervisor", "writer_pool", "client_connections", "operator_connections"}) {
    auto found = part_of(tree, part);
    ASSERT_TRUE(found.is_object()) << part;
    EXPECT_EQ(found.at("restarts"), 0) << part;
    EXPECT_TRUE(found.at("last_failure").is_null()) << part;
    EXPECT_TRUE(found.contains("answered_in_ms")) << part;
  }
  auto clients = part_of(tree, "client_connections");
  EXPECT_EQ(clients.at("connections").at("http"), 2);
  EXPECT_EQ(clients.at("connections").at("websocket"), 1);
  EXPECT_EQ(clients.at("state"), "serving");
  EXPECT_EQ(part_of(tree, "operator_connections").at("state"), "full");
}

TEST(actor_tree, tells_what_each_writer_does) {
  using state = actors::writer_status::state;
  auto node = quiet_node();
  node.writers->slots = {{.what = state::connected, .id = 11},
                         {.what = state::connected, .id = 12},
                         {.what = state::connecting, .id = 13},
                         {.what = state::waiting, .starts_at = node.at + 250ms},
                         {.what = state::waiting}};
  node.writers->slots[3].failures.note("no route", node.at - 90s);
  node.pool->batches = {{12, 400, node.at - 7ms}};
  auto writers = part_of(shown(node), "writer_supervisor").at("children");
  ASSERT_EQ(writers.size(), 5U);
  EXPECT_EQ(writers[0].at("state"), "ready");
  EXPECT_EQ(writers[1].at("state"), "busy");
  EXPECT_EQ(writers[1].at("batch"), (json{{"points", 400}, {"for_ms", 7}}));
  EXPECT_EQ(writers[2].at("state"), "connecting");
  EXPECT_EQ(writers[3].at("state"), "waiting to restart");
  EXPECT_EQ(writers[3].at("restart_in_ms"), 250);
  EXPECT_EQ(writers[3].at("last_failure"), (json{{"reason", "no route"}, {"at", "2025-11-24T15:58:30.500Z"}}));
  EXPECT_EQ(writers[4].at("state"), "waiting for the first");
  for (std::size_t slot = 0; slot < writers.size(); ++slot) EXPECT_EQ(writers[slot].at("slot"), slot);
}

TEST(actor_tree, says_when_the_queue_is_full) {
  auto node = quiet_node();
  node.pool->queued = 10;
  auto pool = part_of(shown(node), "writer_pool");
  EXPECT_EQ(pool.at("state"), "full");
  EXPECT_EQ(pool.at("queued"), 10);
  EXPECT_EQ(pool.at("capacity"), 10);
}

TEST(actor_tree, tells_of_restarts_and_why) {
  auto node = quiet_node();
  node.failures[static_cast<std::size_t>(actors::node_part::writer_pool)].note("killed \xff", node.at - 1ms);
  auto pool = part_of(shown(node), "writer_pool");
  EXPECT_EQ(pool.at("restarts"), 1);
  EXPECT_EQ(pool.at("last_failure").at("at"), "2025-11-24T16:00:00.499Z");
}

TEST(actor_tree, says_who_did_not_answer) {
  actors::node_status node;
  node.draining = true;
  auto tree = shown(node);
  EXPECT_EQ(tree.at("state"), "draining");
  for (const auto& each : tree.at("children")) EXPECT_EQ(each.at("state"), "not answering");
}

} // namespace
