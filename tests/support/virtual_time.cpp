#include "tests/support/virtual_time.hpp"

#include <algorithm>

namespace goloca::test {

virtual_time::config::config() {
  add_message_types<caf::id_block::goloca>();
  set("scheduler.policy", caf::atom("testing"));
}

virtual_time::virtual_time() : scheduler{dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler())} {}

void virtual_time::settle() {
  scheduler.run();
}

void virtual_time::pass(std::chrono::nanoseconds time) {
  settle();
  while (time > 0ns) {
    auto step = std::min<std::chrono::nanoseconds>(time, 1ms);
    scheduler.advance_time(step);
    settle();
    time -= step;
  }
}

void virtual_time::TearDown() {
  for (const auto& each : spawned_) caf::anon_send_exit(caf::actor_cast<caf::actor>(each), caf::exit_reason::kill);
  spawned_.clear();
  settle();
  constexpr auto enough = 1'000; // an actor that nobody ended would tick for ever
  for (auto round = 0; round < enough && scheduler.has_pending_timeout(); ++round) {
    scheduler.trigger_timeout();
    settle();
  }
  EXPECT_FALSE(scheduler.has_pending_timeout()) << "an actor outlives its parents";
  EXPECT_EQ(system.registry().running(), 0U) << "an actor outlives its parents: ~actor_system would hang";
  if (system.registry().running() != 0) std::_Exit(1);
}

} // namespace goloca::test
