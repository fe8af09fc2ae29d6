// The service's address, as people write it.

#include "net/client/url.hpp"

#include <gtest/gtest.h>

namespace {

using goloca::net::client::read_url;
using goloca::net::client::url;

std::string prefix_of(const char* text) {
  auto read = read_url(text);
  auto* good = std::get_if<url>(&read);
  return good != nullptr ? good->prefix : "refused";
}

TEST(a_service_url, keeps_what_stands_in_front_of_the_endpoint) {
  EXPECT_EQ(prefix_of("http://h"), "");
  EXPECT_EQ(prefix_of("http://h/"), "");
  EXPECT_EQ(prefix_of("ws://h:80/ws"), "");
  EXPECT_EQ(prefix_of("http://h/rides"), "/rides");
  EXPECT_EQ(prefix_of("http://h/rides/add_datapoint/"), "/rides");
}

/// Found by fuzzing: points went to //datapoints, where there is nothing.
TEST(a_service_url, has_no_slash_at_the_end_of_its_prefix) {
  EXPECT_EQ(prefix_of("http://h//ws"), "");
  EXPECT_EQ(prefix_of("http://h/rides//datapoints"), "/rides");
}

TEST(a_service_url, writes_its_authority_as_it_is_read) {
  EXPECT_EQ(std::get<url>(read_url("http://[::1]:81/")).authority(), "[::1]:81");
  EXPECT_EQ(std::get<url>(read_url("http://h:80")).authority(), "h");
}

} // namespace
