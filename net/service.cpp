#include "net/service.hpp"

#include "net/openapi.hpp"
#include "version.hpp"

namespace goloca::net {

service::service(std::shared_ptr<const store::schema> of, net_settings bounds, std::size_t buffered_bytes,
                 std::uint64_t boot, std::string store_name)
    : schema{std::move(of)}, settings{bounds}, budget{buffered_bytes}, ids{boot}, store{std::move(store_name)},
      version_body{std::string{R"({"name":"goloca","version":")"} + version + "\"}"}, openapi_body{openapi_document(
                                                                                          *schema, version)} {}

session_figures service::figures() const {
  return {version, store, schema->table(), budget.taken(), budget.bound()};
}

} // namespace goloca::net
