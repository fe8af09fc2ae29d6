// Each promise breaks when it should: the checks, given words that are not true.
#include "tests/simulation/promises.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace goloca::simulation {
namespace {

using namespace std::chrono_literals;
using actors::verdict;
using testing::HasSubstr;
using testing::Optional;

class promises_test : public testing::Test {
protected:
  promises model;
  time_point now{1h};

  submission send(point what) {
    submission one{std::move(what), now, now + 1s};
    model.sent(one);
    return one;
  }
  static point usual(std::int64_t id, bool other = false) { return {point::kind::usual, id, other}; }
  static point without_id(std::int64_t number, std::int64_t assigned) {
    return {point::kind::without_id, number, false, assigned};
  }
  void answer(const submission& one, verdict what, std::int64_t new_id = 0) {
    model.answered(one, {0, 1, what, {}, new_id}, now);
  }
  void commit(const point& what) { model.committed(what.row_id(), what.content(), now); }
  void expect_broken(const std::string& how) { EXPECT_THAT(model.broken(), Optional(HasSubstr(how))); }
  void expect_kept() { EXPECT_FALSE(model.broken()) << *model.broken(); }
};

TEST_F(promises_test, a_success_is_committed) {
  auto one = send(usual(1));
  commit(usual(1));
  answer(one, verdict::stored);
  expect_kept();
  answer(send(usual(2)), verdict::stored);
  expect_broken("1 durable");
}

TEST_F(promises_test, a_success_has_the_content_that_was_sent) {
  auto one = send(usual(1));
  send(usual(1, true));
  commit(usual(1, true));
  answer(one, verdict::conflict);
  expect_kept();
  answer(one, verdict::stored);
  expect_broken("3 safe to resend");
}

TEST_F(promises_test, a_conflict_is_one) {
  auto one = send(usual(1));
  commit(usual(1));
  answer(one, verdict::conflict);
  expect_broken("3 safe to resend");
}

TEST_F(promises_test, of_several_nodes_one_may_still_be_at_what_another_has_stored) {
  model.spans_nodes();
  auto one = send(usual(1));
  commit(usual(1));
  answer(one, verdict::stored);
  model.works(1, usual(1).content(), now);
  expect_kept();
}

TEST_F(promises_test, counts_what_ended_and_what_a_client_has_to_send_again) {
  answer(send(usual(1)), verdict::timeout);
  answer(send(usual(1)), verdict::overloaded);
  model.writer_lost(caf::exit_reason::kill, now);
  auto one = send(usual(1));
  commit(usual(1));
  answer(one, verdict::stored);
  EXPECT_EQ(model.refusals(), 2U);
  EXPECT_EQ(model.losses(), 1U);
}

TEST_F(promises_test, a_duplicate_was_sent_before) {
  auto one = send(usual(1));
  commit(usual(1));
  answer(one, verdict::duplicate);
  expect_broken("never sent before");
}

TEST_F(promises_test, a_replay_is_a_duplicate) {
  send(usual(1));
  commit(usual(1));
  now += 1s;
  auto again = send(usual(1));
  answer(again, verdict::duplicate);
  expect_kept();
  answer(again, verdict::stored);
  expect_broken("called stored");
}

TEST_F(promises_test, a_replay_may_be_called_stored_when_a_batch_was_dispatched_twice) {
  send(usual(1));
  commit(usual(1));
  now += 1s;
  auto again = send(usual(1));
  model.writer_lost(caf::make_error(actors::failure::store_unavailable), now);
  answer(again, verdict::stored);
  expect_kept();
}

TEST_F(promises_test, an_invalid_point_is_called_so_and_no_other_is) {
  answer(send({point::kind::invalid, 1}), verdict::invalid);
  model.refuses(2);
  answer(send(usual(2)), verdict::invalid);
  expect_kept();
  answer(send(usual(3)), verdict::invalid);
  expect_broken("4 said plainly");
  model = {};
  answer(send({point::kind::invalid, 1}), verdict::timeout);
  expect_broken("4 said plainly");
}

TEST_F(promises_test, what_is_refused_is_not_stored_before_or_after) {
  auto one = send(usual(1));
  commit(usual(1));
  answer(one, verdict::overloaded);
  expect_broken("4 said plainly");
  model = {};
  answer(send(usual(1)), verdict::overloaded);
  expect_kept();
  commit(usual(1));
  expect_broken("every sending of it was refused");
}

TEST_F(promises_test, a_point_has_one_row) {
  send(without_id(1, 100));
  commit(without_id(1, 100));
  expect_kept();
  commit(without_id(1, 101));
  expect_broken("1 one row a point");
}

TEST_F(promises_test, points_without_id_do_not_share_a_row) {
  auto one = send(without_id(1, 100));
  auto other = send(without_id(1, 101));
  commit(without_id(1, 100));
  answer(one, verdict::stored);
  expect_kept();
  answer(other, verdict::stored, 100);
  expect_broken("share row 100");
}

TEST_F(promises_test, an_answer_is_in_time) {
  auto one = send(usual(1));
  now += 2s;
  answer(one, verdict::timeout);
  expect_broken("2 one answer");
}

TEST_F(promises_test, a_point_does_not_wait_in_vain_while_a_writer_rests) {
  auto one = send(usual(1));
  model.rests(1, now);
  now += 500ms;
  model.pool_lost(now);
  answer(one, verdict::timeout);
  expect_kept();
  auto again = send(usual(1));
  model.works(2, again.what.content(), now);
  now += 500ms;
  answer(again, verdict::timeout);
  expect_kept();
  model.gone(2, now);
  auto last = send(usual(1));
  now += 500ms;
  answer(last, verdict::timeout);
  expect_broken("had nothing to do");
}

TEST_F(promises_test, nothing_is_dispatched_after_its_answer) {
  auto one = send(usual(1));
  model.works(1, one.what.content(), now);
  expect_kept();
  commit(usual(1));
  model.rests(1, now);
  answer(one, verdict::stored);
  model.works(1, one.what.content(), now);
  expect_broken("dispatched again");
}

TEST_F(promises_test, what_is_found_is_what_was_stored) {
  auto block = std::make_shared<store::row_block>(store::rides_schema());
  append(*block, usual(1));
  actors::find_result found{1, actors::find_result::state::found, block, {}};
  send(usual(1));
  commit(usual(1));
  model.found({1, false, now}, found);
  expect_kept();
  model.found({1, true, now}, {1, actors::find_result::state::missing, nullptr, {}});
  expect_broken("1 durable");
  model = {};
  model.found({1, false, now}, found);
  expect_broken("1 durable");
}

TEST_F(promises_test, the_account_adds_up) {
  book of{.sent = 3, .lost = 1, .heard = {.stored = 2}};
  model.account_at_the_end({.received = 3, .stored = 2, .timeout = 1}, of);
  model.account_at_the_end({.received = 2, .stored = 2}, of);
  expect_kept();
  model.account_now({.received = 3, .stored = 2}, of);
  expect_broken("7 conserved");
  for (actors::account wrong :
       {actors::account{.received = 4, .stored = 2, .timeout = 2},
        actors::account{.received = 3, .stored = 2, .in_flight = 1},
        actors::account{.received = 3, .duplicate = 2, .timeout = 1}, actors::account{.received = 1, .stored = 1}}) {
    model = {};
    model.account_at_the_end(wrong, of);
    expect_broken("7 conserved");
  }
}

} // namespace
} // namespace goloca::simulation
