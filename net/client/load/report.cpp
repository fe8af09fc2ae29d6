#include "net/client/load/report.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <iomanip>
#include <sstream>

namespace goloca::net::load {

namespace {

using json = nlohmann::ordered_json;

double seconds(std::chrono::nanoseconds of) {
  return static_cast<double>(of.count()) / 1e9;
}
double milliseconds(std::chrono::nanoseconds of) {
  return static_cast<double>(of.count()) / 1e6;
}

struct speed {
  double seconds; // from the end of the warm-up to the last answer
  double rate;    // stored points/s
  double cpu_us;  // of the client, a point
};

speed speed_of(const load_run& done) {
  const auto& counts = done.counted();
  speed made{seconds(counts.last_answer() - counts.from()), 0, 0};
  auto answered = counts.stored() + counts.duplicates() + counts.failed();
  if (made.seconds > 0) made.rate = static_cast<double>(counts.stored()) / made.seconds;
  if (answered > 0) made.cpu_us = static_cast<double>(done.cpu().count()) / static_cast<double>(answered);
  return made;
}

struct named_latency {
  const char* name;
  std::chrono::nanoseconds value;
};

std::vector<named_latency> latencies_of(const latency_histogram& all) {
  return {{"p50", all.quantile(0.5)},     {"p90", all.quantile(0.9)}, {"p99", all.quantile(0.99)},
          {"p99.9", all.quantile(0.999)}, {"max", all.max()},         {"mean", all.mean()}};
}

json load_of(const bench_options& options) {
  return {{"url", options.url},
          {"via", options.websocket ? "websocket" : "http"},
          {"connections", options.connections},
          {"window", options.window},
          {"array", options.array},
          {"rate", options.rate},
          {"duration", seconds(options.duration)},
          {"warmup", seconds(options.warmup)},
          {"points", options.points},
          {"replays", options.replays},
          {"first_id", options.first_id}};
}

json counts_of(const tally& counts) {
  json failed = json::object();
  for (const auto& [code, points] : counts.failed_by_code()) failed[code] = points;
  return {{"sent", counts.sent()},     {"acked", counts.stored()}, {"duplicates", counts.duplicates()},
          {"failed", counts.failed()}, {"failed_by_code", failed}, {"unanswered", counts.unanswered()}};
}

} // namespace

std::string text_report(const bench_options& options, const load_run& done) {
  const auto& counts = done.counted();
  auto made = speed_of(done);
  std::ostringstream out;
  out << "sent " << counts.sent() << ", acked " << counts.stored() << ", duplicates " << counts.duplicates()
      << ", failed " << counts.failed();
  for (const auto& [code, points] : counts.failed_by_code()) out << " (" << code << ' ' << points << ')';
  out << ", unanswered " << counts.unanswered() << '\n' << std::fixed;
  if (options.rate > 0) out << "behind the schedule at its end: " << done.behind() << '\n';
  out << std::setprecision(0) << "rate " << made.rate << " acked points/s in " << std::setprecision(2) << made.seconds
      << " s\nlatency, ms:";
  for (const auto& [name, value] : latencies_of(counts.latencies())) out << ' ' << name << ' ' << milliseconds(value);
  out << "\nclient CPU " << seconds(done.cpu()) << " s, " << made.cpu_us << " us a point\n";
  return out.str();
}

std::string json_report(const bench_options& options, const load_run& done) {
  const auto& counts = done.counted();
  auto made = speed_of(done);
  auto all = counts_of(counts);
  all["behind"] = done.behind();
  all["seconds"] = made.seconds;
  all["rate"] = made.rate;
  for (const auto& [name, value] : latencies_of(counts.latencies())) all["latency_ms"][name] = milliseconds(value);
  all["cpu_seconds"] = seconds(done.cpu());
  all["cpu_us_per_point"] = made.cpu_us;
  all["connections_open"] = done.connections().size();
  all["load"] = load_of(options);
  all["warmup"] = counts_of(done.warm_up());
  auto& histogram = all["histogram_ms"] = json::array();
  for (const auto& [upper, count] : counts.latencies().buckets())
    histogram.push_back(json::array({milliseconds(upper), count}));
  all["timeline_100ms"] = counts.timeline();
  return all.dump() + '\n';
}

bool went_well(const bench_options& options, const load_run& done) {
  auto well = [](const tally& counts) { return counts.failed() == 0 && counts.unanswered() == 0; };
  return well(done.counted()) && well(done.warm_up()) && done.connections().size() == options.connections;
}

} // namespace goloca::net::load
