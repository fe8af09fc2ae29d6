#pragma once
// One run of the load, once its connections are open: a loop over epoll, on one thread.

#include "net/client/bench.hpp"
#include "net/client/load/load_connection.hpp"

#include <optional>
#include <string>
#include <vector>

namespace goloca::net::load {

/// Processor time of this process, user and system.
std::chrono::microseconds cpu_time();

class load_run {
public:
  /// \param options  with every default filled in.
  load_run(const bench_options& options, const wire& speaks, std::vector<line> lines);

  /// Sends to the end of the duration or of the points, then waits for what is in flight.
  void run();

  // What is true once it is over.
  [[nodiscard]] const tally& counted() const { return counted_; }
  [[nodiscard]] const tally& warm_up() const { return warm_up_; }
  [[nodiscard]] std::chrono::microseconds cpu() const { return cpu_; } // since the warm-up
  [[nodiscard]] std::uint64_t behind() const;                          // points that were due but never sent
  [[nodiscard]] const std::vector<load_connection>& connections() const { return connections_; }

private:
  void watch();
  void set_timer();
  void step();
  void serve(std::uint64_t source, std::uint32_t events);
  void add_due(time_point now);
  void watch_for_write(std::size_t index);
  void note_phases(time_point now);
  [[nodiscard]] bool is_over(time_point now) const;
  [[nodiscard]] int patience(time_point now) const;

  bench_options options_;
  const wire* speaks_;
  time_point start_;
  pace pace_;
  reply_scanner scanner_;
  tally warm_up_;
  tally counted_;
  std::vector<load_connection> connections_;
  std::vector<char> buffer_;
  descriptor epoll_;
  descriptor timer_;                      // open loop only
  std::uint64_t next_due_ = 0;            // open loop: the first message that no connection was told of
  bool counting_ = false;                 // the warm-up is over
  std::chrono::microseconds cpu_{0};      // when the counting began; at the end, since then
  std::optional<time_point> drain_until_; // nothing: still sending
};

} // namespace goloca::net::load
