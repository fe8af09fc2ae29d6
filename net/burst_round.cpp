#include "net/burst_round.hpp"

#include "net/exchange.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace goloca::net {

void burst_round::enlist(std::shared_ptr<exchange> reader) {
  readers_.push_back(std::move(reader));
  if (std::exchange(end_is_posted_, true)) return;
  asio::post(executor_, [this] { end(); }); // behind all that is ready
}

void burst_round::end() {
  end_is_posted_ = false;
  ending_.clear();
  ending_.swap(readers_);
  for (auto& each : ending_) each->flush();
  ending_.clear();
}

} // namespace goloca::net
