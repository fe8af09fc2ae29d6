// Tells ThreadSanitizer what CAF orders. Debian's libcaf_core is not instrumented, so its lock-free mailboxes and
// reference counts are invisible, and every message that crosses threads looks like a race. Each function below takes
// the place of CAF's of that name, states the order that CAF's code makes (what was written before a message was sent
// is seen by its handler; all uses of an object come before its destruction), and calls CAF's. Without TSan this file
// is empty.
#if defined(GOLOCA_TSAN)

#  include <caf/all.hpp>

#  include <dlfcn.h>
#  include <sanitizer/tsan_interface.h>

#  include <cstdlib>
#  include <utility>

namespace {

template <class Function>
Function* original(const char* mangled) {
  auto* found = dlsym(RTLD_NEXT, mangled);
  if (found == nullptr) std::abort(); // another CAF: its functions are named otherwise
  return reinterpret_cast<Function*>(found);
}

/// Everything before it happens before everything after the next one on the same object.
struct ordered {
  explicit ordered(const void* object) : at{const_cast<void*>(object)} { __tsan_acquire(at); }
  ~ordered() { __tsan_release(at); }
  ordered(const ordered&) = delete;
  ordered& operator=(const ordered&) = delete;
  void* at;
};

} // namespace

namespace caf {

void scheduled_actor::enqueue(mailbox_element_ptr what, execution_unit* host) {
  static auto* next = original<void(scheduled_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf15scheduled_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEEPNS_14execution_"
      "unitE");
  __tsan_release(this);
  next(this, std::move(what), host);
}

void scheduled_actor::launch(execution_unit* host, bool lazy, bool hide) {
  static auto* next = original<void(scheduled_actor*, execution_unit*, bool, bool)>(
      "_ZN3caf15scheduled_actor6launchEPNS_14execution_unitEbb");
  __tsan_release(this);
  next(this, host, lazy, hide);
}

bool scheduled_actor::activate(execution_unit* host) {
  static auto* next =
      original<bool(scheduled_actor*, execution_unit*)>("_ZN3caf15scheduled_actor8activateEPNS_14execution_unitE");
  ordered here{this};
  return next(this, host);
}

scheduled_actor::activation_result scheduled_actor::reactivate(mailbox_element& what) {
  static auto* next = original<activation_result(scheduled_actor*, mailbox_element&)>(
      "_ZN3caf15scheduled_actor10reactivateERNS_15mailbox_elementE");
  ordered here{this};
  return next(this, what);
}

bool scheduled_actor::cleanup(error&& reason, execution_unit* host) {
  static auto* next = original<bool(scheduled_actor*, error&&, execution_unit*)>(
      "_ZN3caf15scheduled_actor7cleanupEONS_5errorEPNS_14execution_unitE");
  ordered here{this};
  return next(this, std::move(reason), host);
}

void blocking_actor::enqueue(mailbox_element_ptr what, execution_unit* host) {
  static auto* next = original<void(blocking_actor*, mailbox_element_ptr, execution_unit*)>(
      "_ZN3caf14blocking_actor7enqueueESt10unique_ptrINS_15mailbox_elementENS_6detail8disposerEEPNS_14execution_unitE");
  __tsan_release(this);
  next(this, std::move(what), host);
}

intrusive::task_result blocking_actor::mailbox_visitor::operator()(mailbox_element& what) {
  static auto* next = original<intrusive::task_result(mailbox_visitor*, mailbox_element&)>(
      "_ZN3caf14blocking_actor15mailbox_visitorclERNS_15mailbox_elementE");
  ordered here{self};
  return next(this, what);
}

void ref_counted::deref() const noexcept {
  static auto* next = original<void(const ref_counted*)>("_ZNK3caf11ref_counted5derefEv");
  __tsan_release(const_cast<ref_counted*>(this));
  __tsan_acquire(const_cast<ref_counted*>(this));
  next(this);
}

void intrusive_ptr_release(actor_control_block* block) {
  static auto* next = original<void(actor_control_block*)>("_ZN3caf21intrusive_ptr_releaseEPNS_19actor_control_blockE");
  __tsan_release(block);
  __tsan_acquire(block);
  next(block);
}

// The last strong reference destroys the actor; the last weak one, maybe on another thread, gives its memory back.
void intrusive_ptr_release_weak(actor_control_block* block) {
  static auto* next =
      original<void(actor_control_block*)>("_ZN3caf26intrusive_ptr_release_weakEPNS_19actor_control_blockE");
  __tsan_release(block);
  __tsan_acquire(block);
  next(block);
}

} // namespace caf

#endif
