#include "tests/support/metrics_scraper.hpp"

#include "tests/support/raw_client.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>

namespace goloca::test {

namespace {

/// Nothing: the node says that its parts are too slow to answer, as on a machine that does too much else.
std::optional<metrics_page> read_page(raw_client& by) {
  auto reply = by.get("/metrics");
  if (reply.status == 503) return std::nullopt;
  if (reply.status != 200) throw std::logic_error{"/metrics answers " + std::to_string(reply.status) + reply.body};
  return metrics_page{reply.body};
}

} // namespace

metrics_page scrape(std::uint16_t admin_port) {
  for (auto until = std::chrono::steady_clock::now() + usual_patience; std::chrono::steady_clock::now() < until;) {
    raw_client client{admin_port};
    if (auto page = read_page(client)) return *page;
  }
  throw std::runtime_error{"/metrics does not answer"};
}

metrics_scraper::metrics_scraper(std::uint16_t admin_port) : port_{admin_port}, thread_{[this] { run(); }} {}

void metrics_scraper::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
}

/// A connection that dies is an actor's death that the test brought about: the next one is asked.
void metrics_scraper::run() {
  std::unique_ptr<raw_client> client;
  metrics_page last{"\n"};
  while (!stopping_) {
    try {
      if (!client) client = std::make_unique<raw_client>(port_);
      auto page = read_page(*client);
      if (!page) continue;
      look(*page, last);
      last = std::move(*page);
      ++count_;
    } catch (const std::runtime_error&) {
      client.reset();
    } catch (const std::exception& failed) {
      faults_.emplace_back(failed.what());
      return;
    }
  }
}

void metrics_scraper::look(const metrics_page& page, const metrics_page& last) {
  for (const auto& fault : page.faults()) faults_.push_back(fault);
  if (auto wrong = page.imbalance(); !wrong.empty()) faults_.push_back(wrong);
  if (page.sum_of("goloca_points_unaccounted") != 0) faults_.emplace_back("the node says that points are nowhere");
  for (const auto& series : page.gone_down_since(last)) faults_.push_back("went down: " + series);
  most_in_flight_ = std::max(most_in_flight_, page.sum_of("goloca_points_in_flight"));
}

} // namespace goloca::test
