#pragma once
// The service described for its clients, from the schema.

#include "store/schema.hpp"

#include <string>
#include <string_view>

namespace goloca::net {

/// An OpenAPI 3.1 document of every public endpoint, as JSON text.
std::string openapi_document(const store::schema& of, std::string_view version);

} // namespace goloca::net
