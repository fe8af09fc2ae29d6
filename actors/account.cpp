#include "actors/account.hpp"

namespace goloca::actors {

std::string to_string(verdict what) {
  switch (what) {
  case verdict::stored:
    return "stored";
  case verdict::duplicate:
    return "duplicate";
  case verdict::conflict:
    return "conflict";
  case verdict::invalid:
    return "invalid";
  case verdict::overloaded:
    return "overloaded";
  case verdict::unavailable:
    return "unavailable";
  case verdict::timeout:
    return "timeout";
  }
  return "unknown verdict";
}

std::string to_string(transport by) {
  return by == transport::http ? "http" : "websocket";
}

void account::add(verdict what, std::uint64_t points) {
  switch (what) {
  case verdict::stored:
    stored += points;
    return;
  case verdict::duplicate:
    duplicate += points;
    return;
  case verdict::conflict:
    conflict += points;
    return;
  case verdict::invalid:
    invalid += points;
    return;
  case verdict::overloaded:
    overloaded += points;
    return;
  case verdict::unavailable:
    unavailable += points;
    return;
  case verdict::timeout:
    timeout += points;
    return;
  }
}

account& account::operator+=(const account& other) {
  received += other.received;
  stored += other.stored;
  duplicate += other.duplicate;
  conflict += other.conflict;
  invalid += other.invalid;
  overloaded += other.overloaded;
  unavailable += other.unavailable;
  timeout += other.timeout;
  in_flight += other.in_flight;
  late += other.late;
  return *this;
}

std::uint64_t account::answered() const {
  return stored + duplicate + conflict + invalid + overloaded + unavailable + timeout;
}

} // namespace goloca::actors
