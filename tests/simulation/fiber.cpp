#include "tests/simulation/fiber.hpp"

#include <cassert>
#include <cstdint>
#include <utility>

#ifdef GOLOCA_ASAN
#  include <sanitizer/common_interface_defs.h>
#else // it wants to know of every change of stacks; nobody else does
namespace {
void __sanitizer_start_switch_fiber(void** /*fake*/, const void* /*bottom*/, std::size_t /*size*/) {}
void __sanitizer_finish_switch_fiber(void* /*fake*/, const void** /*bottom*/, std::size_t* /*size*/) {}
} // namespace
#endif

namespace goloca::simulation {

fiber::fiber() {
  getcontext(&inside_);
  inside_.uc_stack.ss_sp = stack_.get();
  inside_.uc_stack.ss_size = stack_size;
  inside_.uc_link = nullptr; // loop() never returns
  auto self = reinterpret_cast<std::uintptr_t>(this);
  makecontext(&inside_, reinterpret_cast<void (*)()>(&fiber::entry), 2, static_cast<unsigned>(self >> 32),
              static_cast<unsigned>(self)); // makecontext passes ints only
}

void fiber::entry(unsigned high, unsigned low) {
  reinterpret_cast<fiber*>(std::uintptr_t{high} << 32 | low)->loop();
}

void fiber::loop() {
  __sanitizer_finish_switch_fiber(nullptr, &outer_stack_, &outer_size_);
  while (true) {
    work_();
    work_ = nullptr;
    leave();
  }
}

void fiber::start(std::function<void()> work) {
  assert(done());
  work_ = std::move(work);
  resume();
}

void fiber::resume() {
  __sanitizer_start_switch_fiber(&fake_outside_, stack_.get(), stack_size);
  swapcontext(&outside_, &inside_);
  __sanitizer_finish_switch_fiber(fake_outside_, nullptr, nullptr);
}

void fiber::pause() {
  assert(!done());
  leave();
}

void fiber::leave() {
  __sanitizer_start_switch_fiber(&fake_inside_, outer_stack_, outer_size_);
  swapcontext(&inside_, &outside_);
  __sanitizer_finish_switch_fiber(fake_inside_, &outer_stack_, &outer_size_);
}

} // namespace goloca::simulation
