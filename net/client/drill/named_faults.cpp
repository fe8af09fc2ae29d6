// The faults that goloca has within itself (store/fault), switched on and off through its admin listener.

#include "net/client/drill/fault.hpp"
#include "net/client/drill/local_call.hpp"

#include <utility>

namespace goloca::net::drill {

namespace {

/// \param how  the body of PUT /faults/{name}: {"probability":1.0,"count":3,"delay_ms":200,"seed":7}, all optional.
fault named(const std::string& name, std::string what, std::string how = "{}") {
  return {.name = name,
          .what = std::move(what),
          .strike = [name, how = std::move(how)](scene& on) -> cure {
            auto path = "/faults/" + name;
            auto said = call(on.goloca.admin_port(), "PUT", path, how);
            if (!said) throw drill_failure{"PUT " + path + ": no answer"};
            if (said->status == 404) throw not_possible{"this goloca has no " + path};
            if (said->status != 200) throw drill_failure{"PUT " + path + ": " + said->body};
            return [&on, path] {
              // When it was started again meanwhile, it has forgotten.
              wait_until(milliseconds{3'000}, [&] { return call(on.goloca.admin_port(), "DELETE", path).has_value(); });
            };
          },
          .stage = {.settings = {{"FAULT_INJECTION", "on"}}}};
}

} // namespace

std::vector<fault> named_faults() {
  return {
      named("store.connect", "no writer can connect"),
      named("store.before_commit", "the store's connection breaks before a commit", R"({"probability":0.3})"),
      named("store.after_commit", "it breaks after the commit: stored, and the answer lost", R"({"probability":0.3})"),
      named("store.slow", "every call takes 100 ms more", R"({"delay_ms":100})"),
      named("store.hang", "three calls do not return", R"({"count":3})"),
      named("store.wrong_password", "the database refuses the password"),
      named("store.serialization_failure", "transactions fail and may be tried again", R"({"probability":0.5})"),
      named("store.bad_row", "the database refuses a row for its data", R"({"count":3})"),
      named("writer.crash", "writers crash", R"({"count":3})"),
      named("pool.crash", "the pool crashes", R"({"count":2})"),
      named("connection.crash", "connection actors crash", R"({"count":5})"),
      named("supervisor.crash", "the writers' supervisor crashes", R"({"count":1})"),
      named("net.reset", "connections are reset", R"({"probability":0.05})"),
      named("net.stall_write", "replies are held back", R"({"probability":0.1,"delay_ms":100})"),
      named("net.short_read", "a read gives one byte"),
      named("memory.alloc", "an allocation fails", R"({"count":3})"),
      named("clock.jump", "the wall clock jumps"),
      named("disk.full", "the store says that its disk is full")};
}

} // namespace goloca::net::drill
