#include "net/status.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace goloca;
using net::ending;

struct row {
  ending what;
  unsigned http;
  std::string code;
  bool resend;
};

// DESIGN 2, line by line.
const std::vector<row> design = {
    {ending::stored, 201, "", false},
    {ending::duplicate, 200, "", false},
    {ending::invalid, 400, "invalid", false},
    {ending::slow_request, 408, "timeout", true},
    {ending::conflict, 409, "conflict", false},
    {ending::too_large, 413, "too_large", false},
    {ending::unsupported_media_type, 415, "unsupported_media_type", false},
    {ending::overloaded, 503, "overloaded", true},
    {ending::unavailable, 503, "unavailable", true},
    {ending::timeout, 504, "timeout", true},
    {ending::bad_request, 400, "invalid", false},
    {ending::not_found, 404, "not_found", false},
    {ending::method_not_allowed, 405, "method_not_allowed", false},
    {ending::upgrade_required, 426, "upgrade_required", false},
    {ending::headers_too_large, 431, "too_large", false},
    {ending::not_implemented, 501, "not_implemented", false},
};

TEST(status, is_the_designs_table) {
  for (const auto& [what, http, code, resend] : design) {
    const auto& says = net::status_of(what);
    EXPECT_EQ(says.http, http) << code;
    EXPECT_EQ(says.code, code) << http;
    EXPECT_EQ(says.resend, resend) << code;
    EXPECT_FALSE(says.reason.empty()) << http;
    EXPECT_EQ(says.error.empty(), code.empty()) << http << ": a failure has a sentence, a success none";
  }
}

TEST(status, turns_each_verdict_into_the_ending_of_its_name) {
  EXPECT_EQ(net::ending_of(actors::verdict::stored), ending::stored);
  EXPECT_EQ(net::ending_of(actors::verdict::duplicate), ending::duplicate);
  EXPECT_EQ(net::ending_of(actors::verdict::conflict), ending::conflict);
  EXPECT_EQ(net::ending_of(actors::verdict::invalid), ending::invalid);
  EXPECT_EQ(net::ending_of(actors::verdict::overloaded), ending::overloaded);
  EXPECT_EQ(net::ending_of(actors::verdict::unavailable), ending::unavailable);
  EXPECT_EQ(net::ending_of(actors::verdict::timeout), ending::timeout);
}

} // namespace
