#include "net/watchdog.hpp"

namespace goloca::net {

watchdog::watchdog(const executor& on, std::function<void()> on_expiry)
    : state_{std::make_shared<state>(state{timer{on}, std::move(on_expiry)})} {}

void watchdog::watch_until(clock::time_point deadline) {
  state_->deadline = deadline;
  if (deadline < state_->armed_for) arm(state_);
}

void watchdog::rest() {
  state_->deadline = clock::time_point::max();
}

void watchdog::stop() {
  state_->on_expiry = nullptr;
  state_->wake.cancel();
}

void watchdog::arm(const std::shared_ptr<state>& of) {
  of->armed_for = of->deadline;
  of->wake.expires_at(of->deadline);
  of->wake.async_wait([weak = std::weak_ptr{of}](const error_code& cancelled) {
    auto self = weak.lock();
    if (cancelled || !self || !self->on_expiry) return;
    self->armed_for = clock::time_point::max();
    if (self->deadline == clock::time_point::max()) return;
    if (self->deadline > clock::now()) return arm(self);
    self->deadline = clock::time_point::max();
    auto expired = self->on_expiry; // it may destroy the watchdog
    expired();
  });
}

} // namespace goloca::net
