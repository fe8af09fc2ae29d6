#include "actors/lent_clock.hpp"

#include <utility>
#include <vector>

namespace goloca::actors {

lent_clock::time_point lent_clock::next() const {
  std::lock_guard lock{mutex_};
  return schedule_.empty() ? time_point::max() : schedule_.begin()->first;
}

void lent_clock::ship_due() {
  std::vector<unique_delayed_event_ptr> due; // sent without the lock: who gets them may set timers of his own
  {
    std::lock_guard lock{mutex_};
    for (auto until = now(); !schedule_.empty() && schedule_.begin()->first <= until;) {
      auto first = schedule_.begin();
      if (first->second->backlink != actor_lookup_.end()) actor_lookup_.erase(first->second->backlink);
      due.push_back(std::move(first->second));
      schedule_.erase(first);
    }
  }
  for (auto& each : due) ship(*each);
}

template <class Function>
void lent_clock::change(Function change_it) {
  {
    std::lock_guard lock{mutex_};
    auto before = next();
    change_it();
    if (next() >= before) return;
  }
  on_earlier_();
}

void lent_clock::set_ordinary_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type,
                                      std::uint64_t id) {
  change([&] { simple_actor_clock::set_ordinary_timeout(at, self, type, id); });
}

void lent_clock::set_multi_timeout(time_point at, caf::abstract_actor* self, caf::atom_value type, std::uint64_t id) {
  change([&] { simple_actor_clock::set_multi_timeout(at, self, type, id); });
}

void lent_clock::set_request_timeout(time_point at, caf::abstract_actor* self, caf::message_id id) {
  change([&] { simple_actor_clock::set_request_timeout(at, self, id); });
}

void lent_clock::cancel_ordinary_timeout(caf::abstract_actor* self, caf::atom_value type) {
  change([&] { simple_actor_clock::cancel_ordinary_timeout(self, type); });
}

void lent_clock::cancel_request_timeout(caf::abstract_actor* self, caf::message_id id) {
  change([&] { simple_actor_clock::cancel_request_timeout(self, id); });
}

void lent_clock::cancel_timeouts(caf::abstract_actor* self) {
  change([&] { simple_actor_clock::cancel_timeouts(self); });
}

void lent_clock::schedule_message(time_point at, caf::strong_actor_ptr to, caf::mailbox_element_ptr content) {
  change([&] { simple_actor_clock::schedule_message(at, std::move(to), std::move(content)); });
}

void lent_clock::schedule_message(time_point at, caf::group to, caf::strong_actor_ptr sender, caf::message content) {
  change([&] { simple_actor_clock::schedule_message(at, std::move(to), std::move(sender), std::move(content)); });
}

void lent_clock::cancel_all() {
  change([&] { simple_actor_clock::cancel_all(); });
}

} // namespace goloca::actors
