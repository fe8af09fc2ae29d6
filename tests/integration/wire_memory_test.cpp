// Clients that have the service hold as much as they can for them: MAX_BUFFERED_BYTES is what it holds, and those who
// send a point and wait for its answer notice nothing.

#include "tests/support/eventually.hpp"
#include "tests/support/metrics_scraper.hpp"
#include "tests/support/websocket_wire.hpp"
#include "tests/support/wire.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;

constexpr double mib = 1 << 20;

/// Many items, which become a hundred times its size.
std::string zeros() {
  std::string all = "[0";
  for (int i = 1; i < 30'000; ++i) all += ",0";
  return all + "]";
}

std::string posted(const std::string& body) {
  return "POST /datapoints HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + body;
}

struct wire_memory : testing::Test {
  running_goloca service{goloca_binary(), {{"MAX_BUFFERED_BYTES", "16MiB"}, {"ASAN_OPTIONS", "quarantine_size_mb=1"}}};

  /// So many clients send this and read nothing; meanwhile and afterwards it is looked at what the service holds.
  void expect_bounded(int clients, const std::string& text, bool over_websocket) {
    std::vector<std::unique_ptr<raw_client>> deaf;
    for (int i = 0; i < clients; ++i) {
      deaf.push_back(std::make_unique<raw_client>(service.port()));
      if (over_websocket) deaf.back()->upgrade();
      deaf.back()->write_until_stuck(text, 20ms, text.size());
    }
    EXPECT_EQ(raw_client{service.port()}.post("/add_datapoint", next_point()).status, 201U);
    auto page = scrape(service.admin_port());
    EXPECT_LT(*page.value("goloca_buffered_bytes"), 64 * mib) << "the bound, and what the last text became";
    EXPECT_LT(*page.value("process_resident_memory_bytes"), 280 * mib) << "some 50 without ASan, which adds 130";
    deaf.clear();
    EXPECT_TRUE(eventually([&] { return *scrape(service.admin_port()).value("goloca_buffered_bytes") < 0.1 * mib; }));
  }
};

TEST_F(wire_memory, is_bounded_for_large_arrays_over_http) {
  expect_bounded(40, posted(zeros()), false);
}

TEST_F(wire_memory, is_bounded_for_large_arrays_over_websocket) {
  expect_bounded(40, raw_client::frame(text, zeros()), true);
}

TEST_F(wire_memory, is_bounded_for_pipelined_questions) {
  std::string asked;
  while (asked.size() < 64'000) asked += "GET /openapi.json HTTP/1.1\r\nHost: a\r\n\r\n";
  expect_bounded(200, asked, false);
}

} // namespace
