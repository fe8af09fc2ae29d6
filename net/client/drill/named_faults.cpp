// The faults that goloca has within itself (store/fault), switched on and off through its admin listener.

#include "net/client/drill/fault.hpp"
#include "net/client/drill/local_call.hpp"

#include <string>
#include <utility>
#include <vector>

namespace goloca::net::drill {

namespace {

/// One of them, and the body of its PUT: {"probability":1.0,"count":3,"delay_ms":200,"seed":7}, all optional.
struct switched {
  std::string name;
  std::string how = "{}";
};

void switch_on(const scene& on, const switched& one) {
  auto path = "/faults/" + one.name;
  auto said = call(on.goloca.admin_port(), "PUT", path, one.how);
  if (!said) throw drill_failure{"PUT " + path + ": no answer"};
  if (said->status != 200) throw drill_failure{"PUT " + path + ": " + said->body};
}

/// One that was started again meanwhile has forgotten it.
void switch_off(const scene& on, const switched& one) {
  wait_until(milliseconds{3'000}, [&] {
    return call(on.goloca.admin_port(), "DELETE", "/faults/" + one.name, {}, milliseconds{300}).has_value();
  });
}

/// \param all  the first gives its name
fault named(std::string what, const std::vector<switched>& all) {
  std::vector<std::string> shown; // one with a count may have struck so often before anybody looks
  for (const auto& each : all) {
    if (each.how.find("count") == std::string::npos) shown.push_back(each.name);
  }
  return {.name = all.front().name,
          .what = std::move(what),
          .strike = [all](scene& on) -> cure {
            for (const auto& each : all) switch_on(on, each);
            return [&on, all] {
              for (const auto& each : all) switch_off(on, each);
            };
          },
          .stage = {.settings = {{"FAULT_INJECTION", "on"}}},
          .shown = std::move(shown)};
}

/// One that is mended within the request: the batch goes to the next writer.
fault mended(fault of, std::uint64_t refusals = 0) {
  of.refusals = refusals;
  return of;
}

fault bad_row() {
  auto made = named("the database refuses three rows for their data", {{"store.bad_row", R"({"count":3})"}});
  made.may_refuse = true;
  return made;
}

const switched breaks{"store.before_commit"}; // for whoever is connected will not connect

fault queue_full() {
  auto made = named("more points come than may wait while nothing can be stored: MAX_JOB_QUEUE_LENGTH is 100",
                    {{"store.connect"}, breaks});
  made.name = "goloca.queue-full";
  made.transports = {transport::websocket}; // a client of HTTP waits for its answers before it sends more
  made.stage.settings["MAX_JOB_QUEUE_LENGTH"] = "100";
  made.blocks_commits = true;
  return made;
}

} // namespace

std::vector<fault> named_faults() {
  return {
      named("every connection breaks, and no new one can be made", {{"store.connect"}, breaks}),
      named("every connection breaks, and the password is refused", {{"store.wrong_password"}, breaks}),
      mended(named("a connection breaks before its commit", {{"store.before_commit", R"({"probability":0.3})"}})),
      mended(named("it breaks after its commit: stored, and the answer lost",
                   {{"store.after_commit", R"({"probability":0.3})"}})),
      named("every call takes 100 ms more", {{"store.slow", R"({"delay_ms":100})"}}),
      named("three calls do not return in their time", {{"store.hang", R"({"count":3})"}}),
      named("half of the transactions fail, and may be tried again",
            {{"store.serialization_failure", R"({"probability":0.5})"}}),
      bad_row(),
      mended(named("three times a writer crashes", {{"writer.crash", R"({"count":3})"}}), 3),
      named("the pool crashes, twice", {{"pool.crash", R"({"count":2})"}}),
      named("five connection actors crash", {{"connection.crash", R"({"count":5})"}}),
      mended(named("the writers' supervisor crashes",
                   {{"supervisor.crash", R"({"count":1})"}, {"writer.crash", R"({"count":1})"}})),
      named("one read in fifty resets its connection", {{"net.reset", R"({"probability":0.02})"}}),
      named("one reply in ten is held back for 100 ms", {{"net.stall_write", R"({"probability":0.1,"delay_ms":100})"}}),
      named("every read gives one byte", {{"net.short_read"}}),
      named("three allocations fail", {{"memory.alloc", R"({"count":3})"}}),
      named("the wall clock goes back by an hour", {{"clock.jump"}}),
      named("the store says that its disk is full", {{"disk.full"}}),
      queue_full(),
  };
}

} // namespace goloca::net::drill
