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
  case failure::crashed:
    return "an actor crashed";
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

caf::error crash_of(std::exception_ptr thrown) {
  try {
    std::rethrow_exception(std::move(thrown));
  } catch (const std::exception& bug) {
    return caf::make_error(failure::crashed, std::string{bug.what()});
  } catch (...) { // whatever it is, it must not end the process
    return caf::make_error(failure::crashed, std::string{"something that is no std::exception was thrown"});
  }
}

} // namespace goloca::actors
