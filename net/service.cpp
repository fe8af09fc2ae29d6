#include "net/service.hpp"

#include "net/openapi.hpp"
#include "version.hpp"

namespace goloca::net {

service::service(std::shared_ptr<const store::schema> of, net_settings bounds, std::size_t buffered_bytes,
                 std::uint64_t boot)
    : schema{std::move(of)}, settings{bounds}, budget{buffered_bytes}, ids{boot},
      version_body{std::string{R"({"name":"goloca","version":")"} + version + "\"}"}, openapi_body{openapi_document(
                                                                                          *schema, version)} {}

} // namespace goloca::net
