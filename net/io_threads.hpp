#pragma once
// The threads that do the I/O: each runs an io_context of its own, and a connection stays on the one that it was given.

#include "net/answer_bell.hpp"
#include "net/batch_rule.hpp"
#include "net/burst_round.hpp"
#include "net/codec.hpp"
#include "net/exchange.hpp"
#include "net/executor.hpp"
#include "net/poll_window.hpp"
#include "net/read_pause.hpp"
#include "net/service.hpp"

#include <boost/asio/executor_work_guard.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace goloca::net {

/// So much longer than its other waits a thread looks out for the store's answer at most: a commit takes longer than a
/// client that is awake.
constexpr int commits_are_longer = 5;

/// One thread's context, and what its sessions share.
struct io_worker {
  io_worker(service& of, poll_window::duration longest_look)
      : reader{of.schema, of.settings.reject_unknown_members, of.ids}, window{longest_look},
        answer_window{longest_look * commits_are_longer}, work{context.get_executor()} {}
  asio::io_context context{1};
  decoder reader;
  burst_round round{context.get_executor()};
  reply_scratch scratch;
  poll_window window;
  /// For longer while a batch is being committed, where its answer is all that comes meanwhile: as for a lone client,
  /// who waits for nothing else. (Measured on two cores, commits of 0.25 ms, before and after, thirteen rounds: a lone
  /// point 0.47 and 0.27 ms, HTTP on 16 and 64 connections as before. Without `window` during commits HTTP on 16 takes
  /// a fifth less CPU, but is 0.93 times as fast, twenty-five rounds.)
  poll_window answer_window;
  read_pause pause;
  std::optional<batch_rule> batch; // while it yields the thread is SCHED_BATCH; only where nobody chose a policy for it
  answer_bell bell;
  asio::executor_work_guard<executor> work; // a thread without sessions waits for some
};

/// Runs from start() to stop(). Sessions that are open at stop() are destroyed with the contexts: in the destructor, on
/// the caller's thread.
class io_threads {
public:
  io_threads(service& of, std::size_t count);
  ~io_threads();
  io_threads(const io_threads&) = delete;
  io_threads& operator=(const io_threads&) = delete;

  void start();
  void stop(); // idempotent; returns when no handler runs any more

  [[nodiscard]] io_worker& first() { return *workers_.front(); }
  [[nodiscard]] io_worker& next(); // in turn; any thread
  [[nodiscard]] std::size_t size() const { return workers_.size(); }

private:
  std::vector<std::unique_ptr<io_worker>> workers_;
  std::vector<std::thread> threads_;
  std::atomic<std::size_t> turn_ = 0;
};

} // namespace goloca::net
