#include "store/open_store.hpp"
#include "store/postgres_conninfo.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace {

using namespace goloca::store;
using testing::HasSubstr;
using testing::Not;

store_settings with_url(std::string url) {
  store_settings made;
  made.kind = backend::postgres;
  made.database_url = std::move(url);
  return made;
}

store_settings with_parts(std::vector<std::pair<std::string, std::string>> parts) {
  store_settings made;
  made.kind = backend::postgres;
  made.postgres = std::move(parts);
  return made;
}

struct open_store : testing::Test {
  void SetUp() override {
    for (const auto* name : {"PGHOST", "PGPORT", "PGDATABASE", "PGUSER", "PGHOSTADDR", "PGSERVICE"}) ::unsetenv(name);
  }
};

TEST_F(open_store, takes_the_defaults) {
  EXPECT_FALSE(check({}));
  EXPECT_EQ(describe({}), "SQLite goloca.db");
  EXPECT_EQ(most_writers({}), 1u);
  EXPECT_GT(most_writers(with_url("postgresql://h/d")), 1'000u);
}

TEST_F(open_store, refuses_sqlite_settings_that_keep_nothing) {
  for (const std::string path : {"", ":memory:", "file:points.db?mode=memory"}) {
    store_settings made;
    made.sqlite_path = path;
    EXPECT_THAT(check(made).value_or(""), HasSubstr("SQLITE_PATH")) << path;
  }
  store_settings made;
  made.sqlite_synchronous = "sometimes";
  EXPECT_EQ(check(made), "SQLITE_SYNCHRONOUS: sometimes is not one of off, normal, full, extra");
}

TEST_F(open_store, keeps_nothing_only_where_weak_durability_is_accepted) {
  store_settings made;
  made.kind = backend::null;
  EXPECT_THAT(check(made).value_or(""), HasSubstr("ALLOW_WEAK_DURABILITY"));
  made.allow_weak_durability = true;
  EXPECT_FALSE(check(made));
  auto opened = goloca::store::open_store(made, rides_schema());
  ASSERT_TRUE(std::holds_alternative<std::unique_ptr<data_point_store>>(opened));
  auto promise = std::get<0>(opened)->prepare();
  EXPECT_FALSE(std::get<durability>(promise).full);
}

TEST_F(open_store, describes_where_points_go_without_credentials) {
  EXPECT_EQ(describe(with_url("postgresql://me:secret@database:5433/rides?sslmode=require")),
            "PostgreSQL database:5433/rides");
  EXPECT_EQ(describe(with_url("host=a,b port=5432,5433 dbname=rides password=secret")),
            "PostgreSQL a:5432,b:5433/rides");
  EXPECT_EQ(describe(with_url("host=/run/postgresql user=me")), "PostgreSQL [local]:5432/me");
  EXPECT_EQ(describe(with_parts({{"host", "db"}, {"dbname", "x"}, {"password", "secret"}})), "PostgreSQL db:5432/x");
}

TEST_F(open_store, reads_libpqs_own_environment_where_nothing_is_set) {
  ::setenv("PGHOST", "elsewhere", 1);
  ::setenv("PGPORT", "6000", 1);
  ::setenv("PGDATABASE", "theirs", 1);
  EXPECT_EQ(describe(with_parts({})), "PostgreSQL elsewhere:6000/theirs");
  SetUp();
}

TEST_F(open_store, names_the_setting_and_the_option_at_fault) {
  EXPECT_EQ(check(with_url("postgresql://h:99999/d")), "DATABASE_URL: port is not a number from 1 to 65535");
  EXPECT_EQ(check(with_url("host=h port=five")), "DATABASE_URL: port is not a number from 1 to 65535");
  EXPECT_EQ(check(with_parts({{"host", "h"}, {"port", "0"}})), "DATABASE_PORT: port is not a number from 1 to 65535");
  EXPECT_EQ(check(with_url("host=a,b port=1,2,3")), "DATABASE_URL: 3 ports for 2 hosts");
  EXPECT_EQ(check(with_url("postgresql://u:p@h/d?sslmod=require")), "DATABASE_URL: libpq has no option \"sslmod\"");
  EXPECT_EQ(check(with_url("hots=h password=p")), "DATABASE_URL: libpq has no option \"hots\"");
  EXPECT_EQ(check(with_parts({{"hots", "h"}})), "libpq has no option \"hots\"");
  EXPECT_FALSE(check(with_url("postgresql://u:p@h:5432,i:5433/d?target_session_attrs=read-write")));
}

TEST_F(open_store, never_repeats_a_piece_of_a_password) {
  for (const auto* url : {"postgresql://u:topsecret%zz@h/d", "host=h password=tops ecret=1",
                          "postgresql://u:to?psecret", "password=topsecret host", "topsecret",
                          "postgresql://u:topsecret@[h/d", "password='topsecret", "user=u password=a topsecret"}) {
    auto said = check(with_url(url)).value_or("");
    EXPECT_THAT(said, HasSubstr("DATABASE_URL: ")) << url;
    EXPECT_THAT(said, Not(HasSubstr("ecret"))) << url;
    EXPECT_THAT(describe(with_url(url)), Not(HasSubstr("ecret"))) << url;
  }
  EXPECT_EQ(describe(with_url("postgresql://u:tops?ecret=x@h/d")), "PostgreSQL h:5432/d"); // which libpq can read
}

TEST_F(open_store, tries_hosts_one_by_one_with_its_own_options_unless_the_user_set_them) {
  auto settings = with_url("host=a,b port=5432,5433 dbname=d application_name=mine client_encoding=LATIN1");
  settings.statement_timeout = std::chrono::milliseconds{700};
  auto all = attempts(std::get<conninfo>(read_conninfo(settings)), settings);
  ASSERT_EQ(all.size(), 2u);
  EXPECT_EQ(all[0]["host"], "a");
  EXPECT_EQ(all[1]["host"], "b");
  EXPECT_EQ(all[1]["port"], "5433");
  EXPECT_EQ(all[0]["application_name"], "mine");
  EXPECT_EQ(all[0]["tcp_user_timeout"], "700");
  EXPECT_EQ(all[0]["target_session_attrs"], "read-write") << "of several the primary";
  EXPECT_EQ(all[0]["client_encoding"], "UTF8"); // rows are UTF-8, whatever the user wants elsewhere
  auto one = with_url("host=a");
  auto alone = attempts(std::get<conninfo>(read_conninfo(one)), one)[0];
  EXPECT_EQ(alone["application_name"], "goloca");
  EXPECT_FALSE(alone.contains("target_session_attrs"));
}

} // namespace
