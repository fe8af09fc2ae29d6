#include "store/sqlstate.hpp"

#include <gtest/gtest.h>

namespace {

using namespace goloca::store;

TEST(sqlstate, blames_a_point_only_for_data_and_constraints) {
  for (const auto* state : {"22001", "22003", "22P05", "22021", "23502", "23505", "23514", "23P01"}) {
    EXPECT_EQ(classify_sqlstate(state), sqlstate_class::data) << state;
    EXPECT_EQ(kind_of_sqlstate(state), error_kind::unknown) << state; // as an error of a whole call
  }
}

TEST(sqlstate, calls_unavailable_what_passes_by_itself) {
  for (const auto* state : {"", "08006", "08003", "25006", "28P01", "28000", "3D000", "40001", "40P01", "53100",
                            "53300", "55P03", "57014", "57P01", "57P02", "57P03", "58030"}) {
    EXPECT_EQ(kind_of_sqlstate(state), error_kind::unavailable) << state;
  }
}

TEST(sqlstate, calls_unfit_what_a_person_must_mend) {
  for (const auto* state : {"42501", "42P01", "42703", "42804", "3F000"}) {
    EXPECT_EQ(kind_of_sqlstate(state), error_kind::unfit) << state;
  }
}

TEST(sqlstate, calls_nothing_permanent_that_it_does_not_know) {
  for (const auto* state : {"P0001", "XX000", "0A000", "21000", "54000", "99999", "2", "x"}) {
    EXPECT_EQ(kind_of_sqlstate(state), error_kind::unknown) << state;
  }
}

TEST(outcome_and_error_kind, have_names) {
  EXPECT_EQ(to_string(outcome::stored), "stored");
  EXPECT_EQ(to_string(outcome::duplicate), "duplicate");
  EXPECT_EQ(to_string(outcome::conflict), "conflict");
  EXPECT_EQ(to_string(outcome::invalid), "invalid");
  EXPECT_EQ(to_string(error_kind::unavailable), "unavailable");
  EXPECT_EQ(to_string(error_kind::unknown), "unknown");
  EXPECT_EQ(to_string(error_kind::unfit), "unfit");
}

} // namespace
