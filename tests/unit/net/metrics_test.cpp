#include "net/metrics.hpp"

#include "net/process_figures.hpp"
#include "tests/support/metrics_page.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <string>

namespace {

using namespace goloca;
using test::metrics_page;

const net::session_figures sessions{"1.2.3", "postgres", "datapoint", 100, 1'000};

actors::node_status busy_node() {
  actors::node_status node;
  auto& http = node.points[0];
  http.points = {.received = 28,
                 .stored = 1,
                 .duplicate = 2,
                 .conflict = 3,
                 .invalid = 4,
                 .overloaded = 5,
                 .unavailable = 6,
                 .timeout = 7,
                 .late = 9};
  http.request_seconds.observe(0.003, 28);
  node.points[1].points = {.received = 11, .stored = 1, .in_flight = 10};
  node.pool = actors::pool_status{.queued = 7, .capacity = 10, .batches = {{1, 3, {}}}};
  node.of_pools.batch_points.observe(3);
  node.of_pools.commit_seconds.observe(0.5);
  node.writers = actors::writers_status{};
  node.writers->slots.resize(2);
  node.writers->slots[1].what = actors::writer_status::state::connected;
  node.of_writers = {5, 4};
  node.connections[0] = actors::connections_status{.open = 12, .websockets = 2, .limit = 100};
  node.of_connections[0] = {3, 1};
  node.failures[1].note("killed", {});
  return node;
}

metrics_page page_of(const actors::node_status& node) {
  return metrics_page{net::metrics_text(node, sessions)};
}

TEST(metrics, tells_every_point_by_its_transport_and_its_end) {
  auto page = page_of(busy_node());
  EXPECT_EQ(page.value("goloca_points_received_total{transport=\"http\"}"), 28);
  EXPECT_EQ(page.value("goloca_points_stored_total{transport=\"http\"}"), 1);
  EXPECT_EQ(page.value("goloca_points_duplicate_total{transport=\"http\"}"), 2);
  EXPECT_EQ(page.value("goloca_points_conflict_total{transport=\"http\"}"), 3);
  EXPECT_EQ(page.value("goloca_points_invalid_total{transport=\"http\"}"), 4);
  EXPECT_EQ(page.value("goloca_points_refused_total{transport=\"http\",reason=\"overloaded\"}"), 5);
  EXPECT_EQ(page.value("goloca_points_refused_total{transport=\"http\",reason=\"unavailable\"}"), 6);
  EXPECT_EQ(page.value("goloca_points_refused_total{transport=\"http\",reason=\"timeout\"}"), 7);
  EXPECT_EQ(page.value("goloca_points_in_flight{transport=\"http\"}"), 0);
  EXPECT_EQ(page.value("goloca_points_late_total{transport=\"http\"}"), 9);
  EXPECT_EQ(page.value("goloca_points_received_total{transport=\"websocket\"}"), 11);
  EXPECT_EQ(page.value("goloca_points_in_flight{transport=\"websocket\"}"), 10);
  EXPECT_EQ(page.imbalance(), "");
}

TEST(metrics, shows_a_point_that_is_nowhere) {
  auto node = busy_node();
  node.points[1].points.in_flight = 8;
  auto page = page_of(node);
  EXPECT_EQ(page.value("goloca_points_unaccounted{transport=\"http\"}"), 0);
  EXPECT_EQ(page.value("goloca_points_unaccounted{transport=\"websocket\"}"), 2);
  EXPECT_NE(page.imbalance(), "") << "the tests' own reckoning sees it too";
}

TEST(metrics, tells_of_queue_writers_and_connections) {
  auto page = page_of(busy_node());
  EXPECT_EQ(page.value("goloca_queue_size"), 7);
  EXPECT_EQ(page.value("goloca_queue_capacity"), 10);
  EXPECT_EQ(page.value("goloca_batches_in_flight"), 1);
  EXPECT_EQ(page.value("goloca_db_connection_up"), 1);
  EXPECT_EQ(page.value("goloca_db_connections"), 1);
  EXPECT_EQ(page.value("goloca_db_reconnects_total"), 4);
  EXPECT_EQ(page.value("goloca_actor_restarts_total{actor=\"db_writer\"}"), 5);
  EXPECT_EQ(page.value("goloca_actor_restarts_total{actor=\"writer_pool\"}"), 1);
  EXPECT_EQ(page.value("goloca_connections{entrance=\"clients\",kind=\"http\"}"), 10);
  EXPECT_EQ(page.value("goloca_connections{entrance=\"clients\",kind=\"websocket\"}"), 2);
  EXPECT_EQ(page.value("goloca_connections_limit{entrance=\"clients\"}"), 100);
  EXPECT_EQ(page.value("goloca_connections_refused_total{entrance=\"clients\"}"), 3);
  EXPECT_EQ(page.value("goloca_connections_crashed_total{entrance=\"clients\"}"), 1);
  EXPECT_EQ(page.value("goloca_build_info{version=\"1.2.3\",store=\"postgres\",schema=\"datapoint\"}"), 1);
  EXPECT_EQ(page.value("goloca_buffered_bytes"), 100);
}

TEST(metrics, a_histogram_is_cumulative_and_ends_with_all) {
  auto page = page_of(busy_node());
  EXPECT_EQ(page.value("goloca_request_duration_seconds_bucket{transport=\"http\",le=\"0.0025\"}"), 0);
  EXPECT_EQ(page.value("goloca_request_duration_seconds_bucket{transport=\"http\",le=\"0.005\"}"), 28);
  EXPECT_EQ(page.value("goloca_request_duration_seconds_bucket{transport=\"http\",le=\"+Inf\"}"), 28);
  EXPECT_EQ(page.value("goloca_request_duration_seconds_count{transport=\"http\"}"), 28);
  EXPECT_NEAR(page.value("goloca_request_duration_seconds_sum{transport=\"http\"}").value_or(0), 0.084, 1e-9);
  EXPECT_EQ(page.value("goloca_batch_points_bucket{le=\"2\"}"), 0);
  EXPECT_EQ(page.value("goloca_batch_points_bucket{le=\"5\"}"), 1);
  EXPECT_EQ(page.value("goloca_commit_duration_seconds_bucket{le=\"0.5\"}"), 1);
}

TEST(metrics, every_family_has_its_help_and_type_once_and_follows_the_conventions) {
  auto page = page_of(busy_node());
  EXPECT_THAT(page.faults(), testing::IsEmpty());
  EXPECT_GE(page.families().size(), 30U);
}

TEST(metrics, leaves_out_what_a_silent_part_would_tell_but_no_count) {
  auto silent = busy_node();
  silent.pool.reset();
  silent.writers.reset();
  silent.connections = {};
  auto page = page_of(silent);
  EXPECT_THAT(page.faults(), testing::IsEmpty());
  for (const auto* gauge : {"goloca_queue_size", "goloca_queue_capacity", "goloca_db_connection_up"})
    EXPECT_FALSE(page.value(gauge)) << gauge;
  EXPECT_FALSE(page.value("goloca_connections{entrance=\"clients\",kind=\"http\"}"));
  EXPECT_EQ(page.value("goloca_batch_points_count"), 1);
  EXPECT_EQ(page.value("goloca_db_reconnects_total"), 4);
  EXPECT_EQ(page.value("goloca_connections_refused_total{entrance=\"clients\"}"), 3);
  EXPECT_EQ(page.imbalance(), "");
}

TEST(process_figures, are_this_process_s) {
  auto now = net::read_process_figures();
  auto wall = std::chrono::duration<double>{std::chrono::system_clock::now().time_since_epoch()}.count();
  EXPECT_GT(now.resident, 1'000'000U);
  EXPECT_GE(now.virtual_, now.resident);
  EXPECT_GE(now.threads, 1U);
  EXPECT_GE(now.open_fds, 3U);
  EXPECT_GE(now.max_fds, now.open_fds);
  EXPECT_GT(now.start_time, wall - 600) << "ten minutes are a long test";
  EXPECT_LE(now.start_time, wall + 2);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  EXPECT_EQ(net::read_process_figures().open_fds, now.open_fds + 2);
  close(ends[0]), close(ends[1]);
}

} // namespace
