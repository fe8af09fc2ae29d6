// The named faults, switched from outside on the real service: each is seen at its place, and passes.

#include "tests/support/eventually.hpp"
#include "tests/support/http_wire.hpp"

#include <gmock/gmock.h>

#include <string>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;
using testing::AnyOf;
using testing::Contains;
using testing::Eq;
using testing::HasSubstr;

class named_faults : public testing::Test {
protected:
  running_goloca service{goloca_binary(),
                         {{"FAULT_INJECTION", "on"}, {"REQUEST_TIMEOUT", "1s"}, {"DB_STATEMENT_TIMEOUT", "300ms"}}};
  raw_client admin{service.admin_port()};
  std::int64_t next_id = 1;

  void switch_on(const std::string& name, const json& how) {
    auto reply = admin.request("PUT", "/faults/" + name, how.dump());
    ASSERT_EQ(reply.status, 200U) << reply.body;
    EXPECT_EQ(reply.json().at("active"), true);
  }

  json state_of(const std::string& name) {
    auto listed = admin.get("/faults").json();
    for (const auto& each : listed.at("faults"))
      if (each.at("name") == name) return each;
    return nullptr;
  }

  /// Sends new points until the fault has struck, each on a connection of its own. \return what the struck one got: 0
  /// when its connection broke.
  unsigned send_until_struck(const std::string& name) {
    for (unsigned status = 0;; status = 0) {
      try {
        raw_client client{service.port()};
        status = client.post("/add_datapoint", point(next_id++).dump()).status;
      } catch (const std::exception&) { // broken: that is what some are for
      }
      if (state_of(name).at("struck") != 0) return status;
      if (next_id > 1000) throw std::runtime_error{name + " never struck"};
    }
  }

  /// It is over: the same points are stored, each once.
  void expect_all_stored() {
    for (std::int64_t id = 1; id < next_id; ++id) {
      EXPECT_TRUE(eventually([&] {
        raw_client client{service.port()};
        return client.post("/add_datapoint", point(id).dump()).status < 300;
      })) << id;
    }
    EXPECT_EQ(rows_in(service), next_id - 1);
    service.terminate();
    EXPECT_EQ(service.wait(), 0);
    EXPECT_THAT(service.log(), testing::Not(HasSubstr("does not balance")));
  }
};

struct one_fault {
  std::string name;
  testing::Matcher<unsigned> status; // of the point that it strikes
};

class each_named_fault : public named_faults, public testing::WithParamInterface<one_fault> {};

TEST_P(each_named_fault, strikes_once_is_seen_and_leaves_every_point_stored_once) {
  const auto& [name, status] = GetParam();
  switch_on(name, {{"count", 1}});
  EXPECT_THAT(admin.get("/readyz").json().at("faults"), Contains(name));
  EXPECT_THAT(admin.get("/metrics").body, HasSubstr("goloca_fault_active{name=\"" + name + "\"} 1"));
  EXPECT_THAT(send_until_struck(name), status);
  EXPECT_EQ(state_of(name).at("active"), false);
  EXPECT_THAT(service.log(), HasSubstr(name + " is ON"));
  expect_all_stored();
}

// What the node can mend within the request is not seen outside.
const one_fault all_faults[] = {
    {"store.before_commit", Eq(201U)},
    {"store.after_commit", Eq(201U)},
    {"store.slow", Eq(201U)},
    {"store.hang", Eq(201U)},
    {"store.serialization_failure", Eq(201U)},
    {"store.bad_row", Eq(400U)},
    {"writer.crash", Eq(201U)},
    {"pool.crash", Eq(504U)},
    {"connection.crash", Eq(0U)},
    {"supervisor.crash", testing::Lt(600U)}, // it strikes at no point: those just then may be too early or too late
    {"net.reset", Eq(0U)},
    {"net.stall_write", Eq(201U)},
    {"net.short_read", Eq(201U)},
    {"memory.alloc", Eq(503U)},
    {"disk.full", Eq(201U)},
};

INSTANTIATE_TEST_SUITE_P(all, each_named_fault, testing::ValuesIn(all_faults), [](const auto& one) {
  auto name = one.param.name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST_F(named_faults, of_connecting_strike_when_the_writer_comes_back) {
  for (const std::string name : {"store.connect", "store.wrong_password"}) {
    switch_on(name, {{"count", 2}});
    switch_on("writer.crash", {{"count", 1}});
    send_until_struck("writer.crash");
    EXPECT_TRUE(eventually([&] { return state_of(name).at("struck") == 2; })) << name;
  }
  expect_all_stored();
}

TEST_F(named_faults, of_the_clock_do_not_make_ids_go_backwards) {
  raw_client client{service.port()};
  auto next_given = [&] {
    auto reply = client.post("/add_datapoint", R"({"user_id":"1","vehicle_model_id":"2"})");
    return std::stoll(reply.json().at("id").get<std::string>());
  };
  auto before = next_given();
  switch_on("clock.jump", {{"delay_ms", -3'600'000}});
  auto during = next_given();
  EXPECT_EQ(admin.request("DELETE", "/faults/clock.jump").status, 200U);
  EXPECT_LT(before, during);
  EXPECT_LT(during, next_given());
}

TEST_F(named_faults, never_strike_the_operators_own_connections) {
  for (const auto* name : {"net.reset", "net.stall_write", "net.short_read"}) {
    switch_on(name, json::object());
    EXPECT_EQ(admin.get("/readyz").status, 200U);
    EXPECT_EQ(admin.request("DELETE", "/faults/" + std::string{name}).json().at("active"), false);
  }
}

TEST_F(named_faults, are_refused_when_they_are_misspelt) {
  auto put = [&](const std::string& name, const std::string& body) {
    return admin.request("PUT", "/faults/" + name, body);
  };
  expect_failure(put("store.slwo", "{}"), 404, "not_found");
  for (const auto* bad :
       {"[]", "{", "1", R"({"probability":0})", R"({"probability":"1"})", R"({"count":0})", R"({"count":-1})",
        R"({"delay_ms":1.5})", R"({"delay_ms":-1})", R"({"often":1})", R"({"seed":-1})"}) {
    SCOPED_TRACE(bad);
    expect_failure(put("store.slow", bad), 400, "invalid");
  }
  EXPECT_EQ(state_of("store.slow").at("active"), false);
  EXPECT_EQ(put("store.slow", "").status, 200U); // all that has a default
  raw_client client{service.port()};
  EXPECT_EQ(client.get("/faults").status, 404U); // for operators only
  EXPECT_EQ(client.request("PUT", "/faults/store.slow", "{}").status, 404U);
}

TEST(fault_injection, is_off_unless_somebody_allows_it) {
  running_goloca service{goloca_binary()};
  raw_client admin{service.admin_port()};
  expect_failure(admin.request("PUT", "/faults/store.slow", "{}"), 403, "forbidden");
  expect_failure(admin.request("DELETE", "/faults/store.slow"), 403, "forbidden");
  auto listed = admin.get("/faults").json();
  for (const auto& each : listed.at("faults")) EXPECT_EQ(each.at("active"), false);
}

TEST(fault_injection, begins_with_the_process_where_FAULTS_says_so) {
  running_goloca service{goloca_binary(), {{"FAULTS", "store.bad_row:count=1"}}};
  EXPECT_THAT(service.log(), HasSubstr("store.bad_row is ON"));
  raw_client client{service.port()};
  EXPECT_EQ(client.post("/add_datapoint", point(1).dump()).status, 400U);
  EXPECT_EQ(client.post("/add_datapoint", point(1).dump()).status, 201U);
}

} // namespace
