#pragma once
// From actors to a session's thread: many orders, one post.

#include "net/executor.hpp"

#include <boost/asio/post.hpp>

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace goloca::net::link {

/// Orders that come while others wait to be taken need no post of their own. Does not keep a session alive. The
/// io_context must outlive whoever puts.
template <class Order>
class order_queue : public std::enable_shared_from_this<order_queue<Order>> {
public:
  /// \param take  runs on the executor, with all that came since it ran last, in the order in which it came.
  order_queue(const executor& on, std::function<void(std::vector<Order>&)> take) : on_{on}, take_{std::move(take)} {}

  void put(Order order) { // any thread
    {
      std::lock_guard lock{mutex_};
      waiting_.push_back(std::move(order));
      if (std::exchange(posted_, true)) return;
    }
    asio::post(on_, [self = this->shared_from_this()] { self->deliver(); });
  }

private:
  void deliver() {
    {
      std::lock_guard lock{mutex_};
      posted_ = false;
      taken_.clear(); // a throw may have left some
      taken_.swap(waiting_);
    }
    take_(taken_);
    taken_.clear();
  }

  executor on_;
  std::function<void(std::vector<Order>&)> take_;
  std::mutex mutex_;
  std::vector<Order> waiting_;
  bool posted_ = false;
  std::vector<Order> taken_; // kept for its memory
};

} // namespace goloca::net::link
