#pragma once
// What the tests of HTTP and of WebSocket on the wire share: points, the rows that came of them, a service for a suite.

#include "tests/support/child_process.hpp"
#include "tests/support/raw_client.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace goloca::test {

/// A good ride of that id.
[[nodiscard]] nlohmann::json point(std::int64_t id);

/// The text of a good ride that no test sent before: its ids are above 9,000,000, so a test names its own below.
[[nodiscard]] std::string next_point();

[[nodiscard]] std::string bytes_of(const std::vector<std::uint8_t>& from);

/// Rows in the table, asked of SQLite and not of the service, which may be over.
[[nodiscard]] int rows_in(const running_goloca& service);

/// A client that has been let in; while others' ends are not yet noticed, the next attempt.
[[nodiscard]] std::unique_ptr<raw_client> let_in(const running_goloca& service);

/// A client that sends this again and again and reads no replies: at some time it is not read from any more, nobody
/// else notices, and after WRITE_TIMEOUT the service gives it up.
void expect_given_up(raw_client& deaf, std::string_view message, const std::function<void()>& others_are_served);

/// The tests of a suite share one service, and know how many rows came since each began.
/// \tparam Suite  has `static environment settings()`, and `static void serves_again(const running_goloca&)`, which
///                each test ends in.
template <class Suite>
class wire_suite : public testing::Test {
protected:
  /// \param program  goloca_binary().
  static void start(const std::string& program) {
    service_ = std::make_unique<running_goloca>(program, Suite::settings());
  }
  static void TearDownTestSuite() { service_.reset(); }

  void SetUp() override { rows_ = rows_in(*service_); }
  void TearDown() override { Suite::serves_again(*service_); }

  static std::uint16_t port() { return service_->port(); }
  [[nodiscard]] int stored_since() const { return rows_in(*service_) - rows_; }

private:
  static inline std::unique_ptr<running_goloca> service_;
  int rows_ = 0;
};

} // namespace goloca::test
