#include "net/client/feed.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace goloca::net::client {

struct feed::shared {
  std::unique_ptr<point_source> source; // the thread's
  std::size_t ahead = 1;

  std::mutex lock; // for all below
  std::condition_variable changed;
  std::deque<item> waiting;
  std::function<void()> on_ready;
  std::uint64_t consumed = 0;
  bool ended = false;
  bool stop = false;
};

feed::feed(std::unique_ptr<point_source> from, std::size_t ahead, std::function<void()> on_ready)
    : shared_{std::make_shared<shared>()} {
  shared_->source = std::move(from);
  shared_->ahead = ahead;
  shared_->on_ready = std::move(on_ready);
  std::thread{[with = shared_] { run(with); }}.detach(); // the destructor waits for `ended` instead of joining
}

feed::~feed() {
  std::unique_lock held{shared_->lock};
  shared_->stop = true;
  shared_->on_ready = nullptr;
  shared_->changed.notify_all();
  shared_->changed.wait_for(held, std::chrono::milliseconds{500}, [this] { return shared_->ended; });
}

std::optional<item> feed::poll() {
  std::unique_lock held{shared_->lock};
  if (shared_->waiting.empty()) return std::nullopt;
  auto first = std::move(shared_->waiting.front());
  shared_->waiting.pop_front();
  if (shared_->waiting.size() + 1 == shared_->ahead) shared_->changed.notify_all();
  return first;
}

bool feed::ended() const {
  std::unique_lock held{shared_->lock};
  return shared_->ended && shared_->waiting.empty();
}

std::uint64_t feed::consumed() const {
  std::unique_lock held{shared_->lock};
  return shared_->consumed;
}

void feed::run(const std::shared_ptr<shared>& with) {
  for (auto more = true; more;) {
    std::optional<item> next;
    try {
      next = with->source->next();
      more = next.has_value();
    } catch (const std::exception& failure) { // a stream that cannot be read further: a disk error, say
      next.emplace().fault = std::string{"reading the input failed: "} + failure.what();
      more = false;
    }
    std::unique_lock held{with->lock};
    with->changed.wait(held, [&] { return with->stop || with->waiting.size() < with->ahead; });
    if (with->stop) more = false;
    auto news = with->waiting.empty() || !more;
    if (next) with->waiting.push_back(std::move(*next));
    with->consumed = with->source->consumed();
    if (!more) with->source.reset();
    with->ended = !more;
    if (news && with->on_ready) with->on_ready();
    if (with->ended) with->changed.notify_all();
  }
}

} // namespace goloca::net::client
