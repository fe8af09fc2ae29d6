#include "tests/support/metrics_page.hpp"

#include <sstream>
#include <stdexcept>

namespace goloca::test {

namespace {

std::string cut_end(std::string from, std::string_view end) {
  if (from.ends_with(end)) from.resize(from.size() - end.size());
  return from;
}

std::string name_of(const std::string& series) {
  return series.substr(0, series.find('{'));
}

} // namespace

metrics_page::metrics_page(std::string_view text) {
  std::istringstream lines{std::string{text}};
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words{line};
    std::string hash, what, name, rest;
    if (line.empty()) continue;
    if (line.starts_with("#")) {
      words >> hash >> what >> name;
      std::getline(words >> std::ws, rest);
      if (rest.empty()) faults_.push_back("nothing said: " + line);
      if (what == "HELP" && ++helps_[name] > 1) faults_.push_back("HELP twice: " + name);
      if (what == "TYPE" && !types_.emplace(name, rest).second) faults_.push_back("TYPE twice: " + name);
      continue;
    }
    auto space = line.rfind(' ');
    if (space == std::string::npos) throw std::logic_error{"not a line of metrics: " + line};
    auto series = line.substr(0, space);
    auto value = std::stod(line.substr(space + 1));
    if (!series_.emplace(series, value).second) faults_.push_back("twice: " + series);
    in_order_.emplace_back(series, value);
    auto family = family_of(series);
    if (!types_.contains(family)) faults_.push_back("no TYPE: " + series);
    if (!helps_.contains(family)) faults_.push_back("no HELP: " + series);
  }
  if (!text.ends_with("\n")) faults_.emplace_back("the last line has no end");
  for (const auto& [name, type] : types_) {
    if ((type == "counter") != name.ends_with("_total")) faults_.push_back(name + " is a " + type);
  }
  check_histograms();
}

std::string metrics_page::family_of(const std::string& series) const {
  auto name = name_of(series);
  for (const auto* end : {"_bucket", "_sum", "_count"}) {
    auto base = cut_end(name, end);
    if (auto at = types_.find(base); at != types_.end() && at->second == "histogram") return base;
  }
  return name;
}

/// Buckets come in the order of their limits, and each holds what those before it do.
void metrics_page::check_histograms() {
  double last = 0;
  for (const auto& [series, value] : in_order_) {
    if (series.find("_bucket{") == std::string::npos) {
      last = 0;
      continue;
    }
    if (value < last) faults_.push_back("not cumulative: " + series);
    last = series.find("+Inf") == std::string::npos ? value : 0;
  }
}

std::optional<double> metrics_page::value(const std::string& series) const {
  auto at = series_.find(series);
  if (at == series_.end()) return std::nullopt;
  return at->second;
}

double metrics_page::sum_of(const std::string& family) const {
  double sum = 0;
  for (const auto& [series, value] : series_) sum += name_of(series) == family ? value : 0;
  return sum;
}

std::string metrics_page::imbalance() const {
  std::ostringstream wrong;
  for (const std::string label : {"transport=\"http\"", "transport=\"websocket\""}) {
    double received = 0, others = 0;
    for (const auto& [series, value] : series_) {
      auto name = name_of(series);
      if (series.find(label) == std::string::npos) continue;
      if (name == "goloca_points_received_total") received = value;
      for (const auto* each :
           {"stored_total", "duplicate_total", "conflict_total", "invalid_total", "refused_total", "in_flight"})
        if (name == std::string{"goloca_points_"} + each) others += value;
    }
    if (received != others)
      wrong << label << ": " << received << " received, the sum of the others is " << others << '\n';
  }
  if (!value("goloca_points_received_total{transport=\"http\"}")) wrong << "no points are counted\n";
  return wrong.str();
}

std::vector<std::string> metrics_page::gone_down_since(const metrics_page& earlier) const {
  std::vector<std::string> lower;
  for (const auto& [series, before] : earlier.series_) {
    auto type = types_.find(family_of(series));
    if (type == types_.end() || type->second == "gauge") continue;
    auto now = value(series);
    if (!now || *now < before) lower.push_back(series);
  }
  return lower;
}

std::vector<std::string> metrics_page::faults() const {
  return faults_;
}

} // namespace goloca::test
