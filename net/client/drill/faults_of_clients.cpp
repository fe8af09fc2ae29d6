// What clients may do to a service: the others must not suffer.

#include "net/client/drill/fault.hpp"
#include "net/client/drill/hostile_clients.hpp"

#include <memory>

namespace goloca::net::drill {

namespace {

fault crowd(std::string name, std::string what, manner how, std::size_t count) {
  return {.name = std::move(name),
          .what = std::move(what),
          .strike = [how, count](scene& on) -> cure {
            auto all = std::make_shared<hostile_clients>(on.goloca.port(), how, count);
            return [all] { all->stop(); };
          },
          .hold = milliseconds{1'500},
          .outage = milliseconds{1'000}};
}

} // namespace

std::vector<fault> faults_of_clients() {
  return {
      crowd("clients.reset", "20 clients reset their connections, in the middle of a request or with answers due",
            manner::reset, 20),
      crowd("clients.stall", "20 clients stop in the middle of a large body", manner::half_body, 20),
      crowd("clients.trickle", "50 clients send a byte each hundredth of a second", manner::trickle, 50),
      crowd("clients.half-frames", "20 WebSockets end within a frame, or break the protocol", manner::half_frame, 20),
      crowd("clients.unread", "10 WebSockets send without end and read no answer", manner::unread, 10)};
}

} // namespace goloca::net::drill
