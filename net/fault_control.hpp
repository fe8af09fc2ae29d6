#pragma once
// The operators' hand on the named faults: GET /faults, PUT and DELETE /faults/{name}.

#include "net/http_request.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace goloca::net {

/// {"faults":[{"name":"store.slow","meaning":"…","active":false,"struck":0}, …]}; one that is on has its plan too.
[[nodiscard]] std::string fault_list();

/// What a request about one fault comes to.
struct fault_answer {
  std::optional<ending> refused = {}; // not set: it was done
  std::string text = {};              // the fault as it is listed; when refused: why, for a person
};

/// Switches the fault that the request names: on as `body` says (a JSON object with probability, count, delay_ms, seed,
/// all optional; an empty body is an empty object), or off when it deletes.
/// \param allowed  FAULT_INJECTION.
[[nodiscard]] fault_answer control_fault(const http_request& request, std::string_view body, bool allowed);

} // namespace goloca::net
