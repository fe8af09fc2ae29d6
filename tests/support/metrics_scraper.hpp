#pragma once
// Scrapes a node as fast as it answers, and keeps what it finds wrong.

#include "tests/support/metrics_page.hpp"

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace goloca::test {

/// One scrape. Throws std::runtime_error when there is no answer with 200.
[[nodiscard]] metrics_page scrape(std::uint16_t admin_port);

/// Scrapes on a thread of its own until stop(). Each page must be well-formed, balance, and have no count below the
/// last page's.
class metrics_scraper {
public:
  explicit metrics_scraper(std::uint16_t admin_port);
  ~metrics_scraper() { stop(); }

  void stop();

  // After stop().
  [[nodiscard]] const std::vector<std::string>& faults() const { return faults_; }
  [[nodiscard]] std::size_t count() const { return count_; }              // of scrapes
  [[nodiscard]] double most_in_flight() const { return most_in_flight_; } // in one of them

  /// How many there were by now. Any thread.
  [[nodiscard]] std::size_t so_far() const { return count_; }

private:
  void run();
  void look(const metrics_page& page, const metrics_page& last);

  std::uint16_t port_;
  std::atomic<bool> stopping_{false};
  std::atomic<std::size_t> count_{0};
  double most_in_flight_ = 0;
  std::vector<std::string> faults_;
  std::thread thread_;
};

} // namespace goloca::test
