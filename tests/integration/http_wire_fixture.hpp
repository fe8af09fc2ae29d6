#pragma once
// The service that the tests of HTTP on the wire share.

#include "tests/support/http_wire.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace goloca::test {

constexpr std::size_t body_limit = std::size_t{64} << 10;

class http_wire : public wire_suite<http_wire> {
public:
  static environment settings() { return {{"MAX_BODY_SIZE", std::to_string(body_limit)}, {"MAX_HEADER_SIZE", "4KiB"}}; }
  static void serves_again(const running_goloca& service) { serves_again_over_http(service); }

protected:
  static void SetUpTestSuite() { start(goloca_binary()); }

  /// Framing that is in doubt: refused, closed, nothing stored.
  void expect_refused(const std::string& bytes, unsigned status = 400, const std::string& code = "invalid") const {
    auto before = stored_since();
    SCOPED_TRACE(nlohmann::json(bytes.substr(0, 200)).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace));
    raw_client client{port()};
    client.write(bytes);
    expect_failure_and_close(client, status, code);
    EXPECT_EQ(stored_since(), before);
  }
};

} // namespace goloca::test
