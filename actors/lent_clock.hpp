#pragma once
// CAF's clock without a thread of its own: whoever lends his thread to the actors also rings when a timer is due.

#include <caf/all.hpp>
#include <caf/detail/simple_actor_clock.hpp>

#include <functional>
#include <mutex>

namespace goloca::actors {

/// CAF's thread for timers has to be woken when a timer is set, and wakes us when it is due: four switches between
/// threads for a wait of 0.3 ms, of which the pool makes one for each small batch (by perf sched, HTTP at 64
/// connections: 1,500 wake-ups/s, 3 % of the CPU). Timers are set by any thread; ship_due() belongs to the one that
/// rings.
class lent_clock final : public caf::detail::simple_actor_clock {
public:
  /// \param on_earlier  next() is earlier than it was. Called by whoever sets the timer, in his call.
  explicit lent_clock(std::function<void()> on_earlier) : on_earlier_{std::move(on_earlier)} {}

  /// When the first timer is due; max(): there is none. Any thread.
  [[nodiscard]] time_point next() const;

  /// Sends what is due.
  void ship_due();

  void set_ordinary_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override;
  void set_multi_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) override;
  void set_request_timeout(time_point at, caf::abstract_actor* self, caf::message_id id) override;
  void cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) override;
  void cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) override;
  void cancel_timeouts(caf::abstract_actor* self) override;
  void schedule_message(time_point at, caf::strong_actor_ptr to, caf::mailbox_element_ptr content) override;
  void schedule_message(time_point at, caf::group to, caf::strong_actor_ptr sender, caf::message content) override;
  void cancel_all() override;

private:
  template <class Function>
  void change(Function change_it);

  std::function<void()> on_earlier_;
  mutable std::recursive_mutex mutex_; // guards CAF's maps; a timer that goes may be the last to hold an actor
};

} // namespace goloca::actors
