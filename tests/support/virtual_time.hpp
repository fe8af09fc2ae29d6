#pragma once
// An actor system whose time is the test's: nothing runs and no time passes but by settle() and pass(). Actors in it
// must not be detached: those run outside of the test scheduler, in real time.

#include "actors/messages.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace goloca::test {

using namespace std::chrono_literals; // durations read as in the design: 100ms, 10s

/// What an actor said to a question from outside; both are empty until it answers.
template <class Answer>
struct reply_slip {
  std::optional<Answer> answer{};
  std::optional<caf::error> error{};
};

/// The fixture. At its end every actor that spawn() made is killed and every timeout fires, because a pending one keeps
/// ~actor_system waiting for ever.
class virtual_time : public testing::Test {
  struct config : caf::actor_system_config {
    config();
  };
  config config_;

public:
  virtual_time();

  caf::actor_system system{config_};
  caf::scheduler::test_coordinator& scheduler;

  /// Delivers what was sent, and what that sends, until nothing is left to do. No time passes.
  void settle();

  /// Lets time pass in steps of a millisecond, so that each timeout fires at its own time, and settles.
  void pass(std::chrono::nanoseconds time);

  [[nodiscard]] actors::time_point now() { return scheduler.clock().now(); }

  /// The actor's function must take an argument besides its self: for one without, CAF 0.17.6 binds a reference to
  /// null, which UBSan tells of (init_fun_factory.hpp). Where there is nothing to say, say caf::unit.
  template <class... Arguments>
  auto spawn(Arguments&&... arguments) {
    auto spawned = system.spawn(std::forward<Arguments>(arguments)...);
    spawned_.push_back(caf::actor_cast<caf::strong_actor_ptr>(spawned));
    return spawned;
  }

  /// Asks an actor, and settles.
  template <class Answer, class Handle, class Question>
  std::shared_ptr<reply_slip<Answer>> ask(const Handle& whom, Question question) {
    auto slip = std::make_shared<reply_slip<Answer>>();
    auto asking = [=](caf::event_based_actor* self, const Question& asked) {
      self->request(whom, caf::infinite, asked)
          .then([slip](Answer& answer) { slip->answer = std::move(answer); },
                [slip](caf::error& why) { slip->error = std::move(why); });
    };
    spawn(asking, std::move(question));
    settle();
    return slip;
  }

  /// Sends from nobody, and settles.
  template <class Handle, class Message>
  void tell(const Handle& whom, Message message) {
    caf::anon_send(whom, std::move(message));
    settle();
  }

  /// Ends an actor as nothing can prevent, and settles: no time passes.
  template <class Handle>
  void kill(const Handle& victim) {
    caf::anon_send_exit(victim, caf::exit_reason::kill);
    settle();
  }

  /// Ends an actor with a reason of ours, and settles.
  template <class Handle>
  void end_with(const Handle& victim, caf::error why) {
    caf::actor_cast<caf::abstract_actor*>(victim)->eq_impl(caf::make_message_id(), nullptr, nullptr,
                                                           caf::exit_msg{victim.address(), std::move(why)});
    settle();
  }

  /// Why it ended; empty while it lives.
  template <class Handle>
  std::shared_ptr<std::optional<caf::error>> watch(const Handle& whom) {
    auto end = std::make_shared<std::optional<caf::error>>();
    auto watching = [end](caf::event_based_actor* self, const Handle& watched) -> caf::behavior {
      self->set_down_handler([end](const caf::down_msg& death) { *end = death.reason; });
      self->monitor(watched);
      return {[](caf::unit_t) {}};
    };
    spawn(watching, whom);
    settle();
    return end;
  }

  template <class Handle>
  [[nodiscard]] static bool is_alive(const Handle& who) {
    return who && !caf::actor_cast<caf::abstract_actor*>(who)->getf(caf::abstract_actor::is_terminated_flag);
  }

  /// What a living actor knows, to look at between two steps.
  template <class State, class Handle>
  [[nodiscard]] static State& state_of(const Handle& who) {
    return dynamic_cast<typename Handle::template stateful_base<State>&>(*caf::actor_cast<caf::abstract_actor*>(who))
        .state;
  }

protected:
  void TearDown() override;

private:
  std::vector<caf::strong_actor_ptr> spawned_;
};

} // namespace goloca::test
