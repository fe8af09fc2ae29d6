#include "actors/messages.hpp"

namespace goloca::actors {

std::string to_string(failure what) {
  switch (what) {
  case failure::store_unavailable:
    return "the store is unavailable";
  case failure::store_unknown:
    return "the store failed for an unknown reason";
  case failure::store_unfit:
    return "the store does not fit";
  case failure::writer_crashed:
    return "the writer crashed";
  case failure::store_never_came:
    return "the store never came";
  case failure::too_many_crashes:
    return "too many crashes";
  }
  return "unknown failure";
}

std::string reason_of(const caf::error& why) {
  if (why && why.category() == caf::atom("goloca")) {
    auto said = to_string(static_cast<failure>(why.code()));
    if (why.context().match_elements<std::string>()) return why.context().get_as<std::string>(0);
    return said;
  }
  return caf::to_string(why);
}

} // namespace goloca::actors
