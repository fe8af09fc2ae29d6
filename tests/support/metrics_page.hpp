#pragma once
// What /metrics says, read as Prometheus reads it.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::test {

class metrics_page {
public:
  explicit metrics_page(std::string_view text);

  /// \param series  as it stands there: "goloca_points_received_total{transport=\"http\"}".
  [[nodiscard]] std::optional<double> value(const std::string& series) const;
  [[nodiscard]] double sum_of(const std::string& family) const; // over all labels

  /// Promise 7 for each transport and for all: received = stored + duplicate + conflict + invalid + refused + in
  /// flight. \return what does not add up; empty when all does.
  [[nodiscard]] std::string imbalance() const;

  /// Series that count (not gauges) and are lower here than they were, or gone.
  [[nodiscard]] std::vector<std::string> gone_down_since(const metrics_page& earlier) const;

  /// What breaks the format or the conventions: a family without HELP or TYPE, or with two; a counter not named _total;
  /// a series that comes twice; a histogram that is not cumulative.
  [[nodiscard]] std::vector<std::string> faults() const;
  [[nodiscard]] const std::map<std::string, std::string>& families() const { return types_; } // name → type

private:
  [[nodiscard]] std::string family_of(const std::string& series) const;
  void check_histograms();

  std::map<std::string, double> series_;
  std::map<std::string, std::string> types_;
  std::map<std::string, int> helps_;
  std::vector<std::pair<std::string, double>> in_order_;
  std::vector<std::string> faults_;
};

} // namespace goloca::test
