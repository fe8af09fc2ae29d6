#pragma once
// One run of `goloca send`, once its settings are known to be good: names every part and drives it to the end.

#include "net/client/feed.hpp"
#include "net/client/lane.hpp"
#include "net/client/ledger/ledger_file.hpp"
#include "net/client/nap.hpp"
#include "net/client/progress.hpp"
#include "net/client/rejects.hpp"
#include "net/client/send.hpp"

#include <exception>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace goloca::net::client {

/// Everything here runs on the thread that calls run(), but for the feed's reading.
class sending {
public:
  struct parts {
    url to;
    std::unique_ptr<point_source> from;
    std::uint64_t total_bytes = 0; // 0: not known
    rejects& refused;
    ledger_file* ledger; // null: none is kept
    std::ostream& err;
    witness* told = nullptr; // in the ledger's place, to which it is to pass all on; null: the ledger itself
  };
  /// \param options  with every default filled in.
  sending(const send_options& options, parts with);

  void run();
  void end(std::string why); // soon, from any thread; gave_up() will say why
  [[nodiscard]] standing now() const;
  [[nodiscard]] const std::string& gave_up() const { return gave_up_; } // why; empty: it went to the end

private:
  void add_lanes(const send_options& options, const url& to);
  void start(lane& one);
  void wake_all();
  void stop(std::string why);
  void refuse(const item& point, const point_reply& how);
  boost::asio::awaitable<void> tick();
  void check(time_point at);

  boost::asio::io_context io_{1}; // first: all others use it to their end
  send_options options_;
  rejects* refused_;
  const ledger_file* ledger_;
  std::minstd_rand chance_;
  std::uint64_t total_bytes_;
  progress progress_;
  time_point started_;
  feed feed_;
  outbox outbox_;
  std::vector<std::unique_ptr<lane>> lanes_;
  std::size_t running_ = 0; // lanes
  nap ticks_;
  std::string gave_up_;
  std::exception_ptr broken_; // our own mistake, thrown on by run()
};

} // namespace goloca::net::client
