// exit_reason::kill to each actor of the tree, again and again, while clients on real sockets send: each point has one
// answer, or its socket is closed; what was acknowledged is stored; and every scrape balances.

#include "tests/support/eventually.hpp"
#include "tests/support/metrics_scraper.hpp"
#include "tests/support/node_on_sockets.hpp"
#include "tests/support/raw_client.hpp"
#include "tests/support/wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using nlohmann::json;
using test::node_on_sockets;
using test::raw_client;
using test::raw_websocket;
using testing::IsEmpty;
using victim = node_on_sockets::victim;

/// What a client sent and heard. A closed socket ends a conversation; then it begins another.
class client {
public:
  client(std::uint16_t port, std::int64_t first_id, bool over_websocket, std::atomic<bool>& stop)
      : port_{port}, id_{first_id}, over_websocket_{over_websocket}, stop_{&stop}, thread_{[this] { run(); }} {}
  ~client() { // a test that fails leaves nobody behind
    *stop_ = true;
    join();
  }
  client(const client&) = delete;
  client& operator=(const client&) = delete;

  void join() {
    if (thread_.joinable()) thread_.join();
  }

  // After join().
  std::set<std::int64_t> acked;
  std::uint64_t answered = 0; // points
  std::uint64_t cut_off = 0;  // points whose socket was closed before the answer
  std::size_t sockets = 0;
  std::vector<std::string> faults;

private:
  static constexpr std::int64_t at_once = 5;

  void run() {
    while (!*stop_) {
      open_ = 0;
      ++sockets;
      try {
        over_websocket_ ? talk_by_websocket() : talk_by_http();
      } catch (const std::runtime_error& ended) { // closed, as its connection's death was ours to bring about
        cut_off += open_;
        if (std::string{ended.what()}.find("timed out") != std::string::npos) faults.emplace_back(ended.what());
      } catch (const std::exception& odd) {
        faults.emplace_back(odd.what());
      }
    }
  }

  json next_points() {
    auto all = json::array();
    for (auto i = 0; i < at_once; ++i) all.push_back(test::point(id_++));
    open_ += at_once;
    return all;
  }

  /// Each answer names its point, in the order in which they were sent.
  void hear(const json& answers, std::int64_t first) {
    if (answers.size() != at_once) faults.push_back("not one answer a point: " + answers.dump());
    for (const auto& each : answers) {
      auto expected = std::to_string(first++);
      if (each.at("id") != expected) faults.push_back("not the answer to " + expected + ": " + each.dump());
      if (each.at("status") == "success") acked.insert(first - 1);
      ++answered;
      --open_;
    }
  }

  void talk_by_http() {
    raw_client socket{port_};
    while (!*stop_) {
      auto first = id_;
      auto reply = socket.post("/datapoints", next_points().dump());
      auto said = reply.json();
      if (said.contains("results"))
        hear(said.at("results"), first);
      else
        faults.push_back(reply.body);
    }
  }

  void talk_by_websocket() {
    raw_websocket socket{port_};
    for (std::int64_t first = id_; !*stop_ || open_ > 0; first += at_once) {
      while (!*stop_ && open_ < 3 * at_once) socket.send(next_points().dump());
      if (open_ == 0) return socket.close();
      hear(socket.receive_json(), first);
    }
  }

  std::uint16_t port_;
  std::int64_t id_;
  bool over_websocket_;
  std::atomic<bool>* stop_;
  std::uint64_t open_ = 0; // points sent on this socket, without an answer
  std::thread thread_;
};

struct kills : testing::TestWithParam<victim> {};

TEST_P(kills, leave_each_point_with_one_answer_or_a_closed_socket) {
  auto who = GetParam();
  auto clients_live = who != victim::client_connections && who != victim::client_connection;
  node_on_sockets node;
  std::atomic<bool> stop{false};
  test::metrics_scraper scraper{node.admin_port()};
  std::vector<std::unique_ptr<client>> clients;
  for (std::int64_t i = 1; i <= 4; ++i) {
    clients.push_back(std::make_unique<client>(node.port(), i * 1'000'000, i % 2 == 0, stop));
  }
  auto rows = [&] { return node.table().size(); };
  for (auto round = 0; round < 15; ++round) {
    SCOPED_TRACE("kill " + std::to_string(round));
    auto before = rows();
    ASSERT_TRUE(test::eventually([&] { return rows() > before + 50; })) << "it serves again";
    EXPECT_TRUE(node.kill(who));
  }
  auto before = rows();
  EXPECT_TRUE(test::eventually([&] { return rows() > before + 50; })) << "it serves again";
  auto enough = std::max(scraper.so_far() + 3, decltype(scraper.so_far()){11});
  EXPECT_TRUE(test::eventually([&] { return scraper.so_far() >= enough; }));
  stop = true;
  std::uint64_t acked = 0, answered = 0, cut_off = 0, sockets = 0;
  for (auto& each : clients) {
    each->join();
    EXPECT_THAT(each->faults, IsEmpty());
    acked += each->acked.size(), answered += each->answered, cut_off += each->cut_off;
    sockets += each->sockets;
    for (auto id : each->acked) ASSERT_TRUE(node.table().row(id)) << id << " was acknowledged";
  }
  EXPECT_EQ(sockets == clients.size(), clients_live) << sockets << " sockets";
  EXPECT_TRUE(!clients_live || cut_off == 0) << cut_off << " points without an answer";
  scraper.stop();
  EXPECT_THAT(scraper.faults(), IsEmpty());
  auto total = node.drain();
  ASSERT_TRUE(total);
  EXPECT_TRUE(total->conserved());
  EXPECT_EQ(total->in_flight, 0U);
  EXPECT_GE(total->received, answered) << "what was answered was received";
  EXPECT_LE(total->received, answered + cut_off) << "and nothing else but what was sent";
  EXPECT_GE(total->stored, acked);
  EXPECT_THAT(node.errors(), IsEmpty());
  EXPECT_EQ(node.given_up(), 0);
}

std::string name_of(const testing::TestParamInfo<victim>& of) {
  switch (of.param) {
  case victim::writer:
    return "a_writer";
  case victim::writer_supervisor:
    return "the_writer_supervisor";
  case victim::writer_pool:
    return "the_writer_pool";
  case victim::client_connection:
    return "a_connection";
  case victim::client_connections:
    return "the_parent_of_clients";
  case victim::operator_connections:
    return "the_parent_of_operators";
  }
  return "nobody";
}

INSTANTIATE_TEST_SUITE_P(of, kills,
                         testing::Values(victim::writer, victim::writer_supervisor, victim::writer_pool,
                                         victim::client_connection, victim::client_connections,
                                         victim::operator_connections),
                         name_of);

} // namespace
