#include "actors/messages.hpp"

#include <gtest/gtest.h>

namespace goloca::actors {
namespace {

TEST(messages_test, an_error_of_ours_says_its_sentence) {
  EXPECT_EQ(reason_of(caf::make_error(failure::store_unavailable, std::string{"no route to the database"})),
            "no route to the database");
}

TEST(messages_test, an_error_of_ours_without_a_sentence_says_what_failed) {
  EXPECT_EQ(reason_of(caf::make_error(failure::too_many_crashes)), "too many crashes");
}

TEST(messages_test, any_other_error_is_described) {
  EXPECT_NE(reason_of(caf::exit_reason::kill).find("kill"), std::string::npos);
}

TEST(messages_test, a_point_sent_now_would_be_stored_while_there_are_writers_and_room) {
  readiness now;
  now.writers = 1;
  now.queued = 9;
  now.capacity = 10;
  EXPECT_TRUE(now.ready());
  now.queued = 10;
  EXPECT_FALSE(now.ready());
  now.queued = 0;
  now.writers = 0;
  EXPECT_FALSE(now.ready());
}

} // namespace
} // namespace goloca::actors
