#include "net/fault_control.hpp"

#include "store/fault.hpp"

#include <nlohmann/json.hpp>

namespace goloca::net {

namespace {

using document = nlohmann::ordered_json;

document show(const faults::state& now) {
  document shown{{"name", name_of(now.which)},
                 {"meaning", meaning_of(now.which)},
                 {"active", now.active()},
                 {"struck", now.struck}};
  if (!now.on) return shown;
  shown["probability"] = now.on->probability;
  shown["count"] = now.on->count ? document(*now.on->count) : document(nullptr);
  if (auto usual = faults::usual_delay(now.which); usual.count() != 0)
    shown["delay_ms"] = now.on->delay.value_or(usual).count();
  shown["seed"] = now.on->seed;
  return shown;
}

/// Puts one member of the body into the plan; what was expected when it does not fit.
std::optional<std::string> read_member(const std::string& name, const document& value, faults::plan& to) {
  if (name == "probability") {
    if (!value.is_number()) return "must be a number";
    to.probability = value.get<double>();
  } else if (name == "count") {
    if (!value.is_number_unsigned()) return "must be a whole number of 1 or more";
    to.count = value.get<std::uint64_t>();
  } else if (name == "delay_ms") {
    if (!value.is_number_integer()) return "must be a whole number of milliseconds";
    to.delay = std::chrono::milliseconds{value.get<std::int64_t>()};
  } else if (name == "seed") {
    if (!value.is_number_unsigned()) return "must be a whole number of 0 or more";
    to.seed = value.get<std::uint64_t>();
  } else {
    return "is not one of probability, count, delay_ms, seed";
  }
  return std::nullopt;
}

/// \return what is wrong with the text.
std::optional<std::string> read_plan(std::string_view text, faults::plan& to) {
  auto body = text.empty() ? document::object() : document::parse(text, nullptr, false);
  if (!body.is_object()) return "the body must be a JSON object";
  for (const auto& [name, value] : body.items()) {
    if (auto wrong = read_member(name, value, to)) return name + ' ' + *wrong;
  }
  return std::nullopt;
}

std::string dump(const document& body) {
  return body.dump(-1, ' ', false, document::error_handler_t::replace);
}

} // namespace

std::string fault_list() {
  auto all = document::array();
  for (const auto& each : faults::list()) all.push_back(show(each));
  return dump({{"faults", all}});
}

fault_answer control_fault(const http_request& request, std::string_view body, bool allowed) {
  if (!allowed) return {ending::forbidden, "faults may be switched only where FAULT_INJECTION=on"};
  auto which = faults::find_named(request.id);
  if (!which) return {ending::not_found, "there is no such fault: GET /faults lists them"};
  if (request.deletes) {
    faults::switch_off(*which);
  } else {
    faults::plan how;
    auto wrong = read_plan(body, how);
    if (!wrong) wrong = faults::check(*which, how);
    if (wrong) return {ending::bad_request, *wrong};
    faults::switch_on(*which, how);
  }
  return {std::nullopt, dump(show(faults::list()[static_cast<std::size_t>(*which)]))};
}

} // namespace goloca::net
