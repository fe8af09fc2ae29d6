#include "net/io_threads.hpp"

#include <spdlog/spdlog.h>

#include <exception>

namespace goloca::net {

namespace {

/// One session's exception (memory ran out, mostly) must not end the others.
void run(asio::io_context& context) {
  while (!context.stopped()) {
    try {
      context.run();
    } catch (const std::exception& thrown) {
      spdlog::error("a session's handler failed: {}", thrown.what());
    }
  }
}

} // namespace

io_threads::io_threads(service& of, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) workers_.push_back(std::make_unique<io_worker>(of));
}

io_threads::~io_threads() {
  stop();
}

void io_threads::start() {
  for (auto& each : workers_) threads_.emplace_back([worker = each.get()] { run(worker->context); });
}

void io_threads::stop() {
  for (auto& each : workers_) each->context.stop();
  for (auto& thread : threads_) thread.join();
  threads_.clear();
}

io_worker& io_threads::next() {
  return *workers_[turn_++ % workers_.size()];
}

} // namespace goloca::net
