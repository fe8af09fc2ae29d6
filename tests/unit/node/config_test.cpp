#include "config.hpp"

#include "setting.hpp"
#include "settings_file.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

namespace {

using namespace goloca;
using namespace std::chrono_literals;
using goloca::test::scratch_folder;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

settings written_in(const std::string& where, const std::map<std::string, std::string>& values) {
  settings all;
  for (const auto& [key, text] : values) all[key] = {text, where};
  return all;
}

/// The config of these settings, which must be good.
config good(const std::map<std::string, std::string>& values) {
  auto made = make_config(written_in("environment", values));
  if (auto* faults = std::get_if<config_faults>(&made)) {
    for (const auto& fault : *faults) ADD_FAILURE() << fault.message();
    return {};
  }
  return std::get<config>(std::move(made));
}

/// The messages of these settings' faults, one a line; empty when there is none.
std::string faults_of(const std::map<std::string, std::string>& values) {
  auto made = make_config(written_in("environment", values));
  std::string joined;
  if (auto* faults = std::get_if<config_faults>(&made))
    for (const auto& fault : *faults) joined += fault.message() + '\n';
  return joined;
}

std::string text_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path, std::ios::binary}.rdbuf();
  return text.str();
}

// -- the list ----------------------------------------------------------------------------------------

TEST(the_list_of_settings, has_each_key_once_with_a_line_of_help) {
  std::set<std::string> keys;
  for (const auto& one : declared_settings()) {
    EXPECT_TRUE(keys.insert(one.key).second) << one.key;
    EXPECT_FALSE(one.help.empty()) << one.key;
    EXPECT_FALSE(one.range.empty()) << one.key;
    EXPECT_FALSE(one.initial.empty() && one.sample.empty()) << one.key << ": config.env would have nothing to show";
    EXPECT_EQ(one.help.find('\n'), std::string::npos) << one.key;
    EXPECT_FALSE(one.key.ends_with("_FILE")) << one.key << ": that is how a key is read from a file";
  }
}

TEST(the_list_of_settings, holds_the_seeds_keys) {
  for (auto key : {"NUM_POOL_WORKERS", "MAX_JOB_QUEUE_LENGTH", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB",
                   "DATABASE_HOST", "DATABASE_PORT", "MAX_DB_CONNECTION_ATTEMPTS"})
    EXPECT_NE(find_setting(key), nullptr) << key;
}

TEST(the_list_of_settings, reads_each_default_back_as_the_same_value) {
  for (const auto& one : declared_settings()) {
    if (one.initial.empty()) continue;
    config made;
    EXPECT_EQ(one.read(made, one.initial), std::nullopt) << one.key;
    EXPECT_EQ(one.show(made), one.initial) << one.key;
  }
}

TEST(the_list_of_settings, makes_flags_of_keys) {
  EXPECT_EQ(find_setting("MAX_DB_CONNECTION_ATTEMPTS")->flag(), "--max-db-connection-attempts");
}

// -- values ------------------------------------------------------------------------------------------

TEST(a_config, of_nothing_has_the_documented_defaults) {
  auto made = good({});
  EXPECT_EQ(made.listen.address, "0.0.0.0");
  EXPECT_EQ(made.listen.port, 8080);
  EXPECT_EQ(made.listen.admin, (endpoint{"127.0.0.1", 9180}));
  EXPECT_EQ(made.pool.max_queued, 100'000u);
  EXPECT_EQ(made.pool.max_batch, 1'000u);
  EXPECT_EQ(made.pool.request_timeout, 10s);
  EXPECT_EQ(made.store.kind, store::backend::sqlite);
  EXPECT_EQ(made.store.sqlite_path, "goloca.db");
  EXPECT_EQ(made.store.statement_timeout, 5s);
  EXPECT_FALSE(made.store.allow_weak_durability);
  EXPECT_EQ(made.supervision.first_attempts, 10u);
  EXPECT_EQ(made.supervision.first_interval, 10s);
  EXPECT_EQ(made.drain.timeout, 8s);
  EXPECT_EQ(made.limits.max_body_size, 8u << 20);
  EXPECT_EQ(made.schema->table(), store::rides_schema()->table());
  EXPECT_THAT(made.notes, IsEmpty());
}

TEST(a_config, takes_every_kind_of_value) {
  auto made = good({{"PORT", "0"},
                    {"LISTEN_ADDRESS", "::"},
                    {"ADMIN_ADDRESS", "[::1]:81"},
                    {"UNKNOWN_MEMBERS", "Reject"},
                    {"SQLITE_PATH", "/data/a b.db"},
                    {"SQLITE_SYNCHRONOUS", "EXTRA"},
                    {"ALLOW_WEAK_DURABILITY", "yes"},
                    {"MAX_BODY_SIZE", "1MiB"},
                    {"HEADER_TIMEOUT", "250ms"},
                    {"DRAIN_DELAY", "0"},
                    {"LOG_LEVEL", "warn"},
                    {"LOG_FORMAT", "json"}});
  EXPECT_EQ(made.listen.port, 0);
  EXPECT_EQ(made.listen.address, "::");
  EXPECT_EQ(made.listen.admin, (endpoint{"::1", 81}));
  EXPECT_TRUE(made.reject_unknown_members);
  EXPECT_EQ(made.store.sqlite_path, "/data/a b.db");
  EXPECT_EQ(made.store.sqlite_synchronous, "extra");
  EXPECT_TRUE(made.store.allow_weak_durability);
  EXPECT_EQ(made.limits.max_body_size, 1u << 20);
  EXPECT_EQ(made.timeouts.header, 250ms);
  EXPECT_EQ(made.log.level, log_level::warn);
  EXPECT_EQ(made.log.format, log_format::json);
}

TEST(a_config, has_no_second_listener_when_it_is_off) {
  EXPECT_EQ(good({{"ADMIN_ADDRESS", "off"}}).listen.admin, std::nullopt);
  EXPECT_EQ(good({{"ADMIN_ADDRESS", ""}}).listen.admin, std::nullopt);
}

struct wrong_value {
  std::string key, text, expected;
};

TEST(a_config, says_of_each_wrong_value_what_was_expected) {
  for (const auto& [key, text, expected] : std::vector<wrong_value>{
           {"PORT", "65536", "must be 0 to 65535"},
           {"PORT", "-1", "must be 0 to 65535"},
           {"PORT", "http", "must be a whole number, 0 to 65535"},
           {"PORT", "80 80", "must be a whole number, 0 to 65535"},
           {"PORT", "99999999999999999999", "must be a whole number, 0 to 65535"},
           {"NUM_POOL_WORKERS", "0", "must be 1 to 256"},
           {"NUM_POOL_WORKERS", "257", "must be 1 to 256"},
           {"NUM_POOL_WORKERS", "2.5", "must be a whole number, 1 to 256"},
           {"MAX_JOB_QUEUE_LENGTH", "0", "must be 1 to 10000000"},
           {"REQUEST_TIMEOUT", "0", "must be 10ms to 1h"},
           {"REQUEST_TIMEOUT", "1h1ms",
            "must be a duration such as 250ms, 10s, 5m or 1h (a bare number is seconds), 10ms to 1h"},
           {"REQUEST_TIMEOUT", "-5s",
            "must be a duration such as 250ms, 10s, 5m or 1h (a bare number is seconds), 10ms to 1h"},
           {"REQUEST_TIMEOUT", "3601", "must be 10ms to 1h"},
           {"MAX_BODY_SIZE", "63", "must be 64B to 1GiB"},
           {"MAX_BODY_SIZE", "8MB", "must be a size in B, KiB, MiB or GiB (a bare number is bytes), 64B to 1GiB"},
           {"MAX_BODY_SIZE", "8m", "must be a size in B, KiB, MiB or GiB (a bare number is bytes), 64B to 1GiB"},
           {"MAX_BODY_SIZE", "9999999999999GiB",
            "must be a size in B, KiB, MiB or GiB (a bare number is bytes), 64B to 1GiB"},
           {"STORE", "mysql", "must be sqlite, postgres or null"},
           {"LOG_LEVEL", "loud", "must be trace, debug, info, warn, error or off"},
           {"UNKNOWN_MEMBERS", "true", "must be ignore or reject"},
           {"ALLOW_WEAK_DURABILITY", "maybe", "must be true or false (or yes, no, on, off, 1, 0)"},
           {"LISTEN_ADDRESS", "example.com",
            "must be an IPv4 or IPv6 address, or localhost; 0.0.0.0 and :: are all interfaces"},
           {"ADMIN_ADDRESS", "9180", "must be address:port, such as 127.0.0.1:9180 or [::1]:9180, or off"},
           {"DATABASE_PORT", "0", "must be 1 to 65535, or several of these with commas between"},
           {"DATABASE_PORT", "5432,", "must be 1 to 65535, or several of these with commas between"},
           {"SQLITE_PATH", "a\tb", "must be one line without control characters"},
           {"SQLITE_PATH", "", "must not be empty"},
           {"SQLITE_PATH", "\xff", "must be UTF-8"},
       }) {
    auto said = faults_of({{key, text}});
    EXPECT_TRUE(said.ends_with(": " + expected + '\n')) << key << '=' << text << " said:\n" << said;
    EXPECT_THAT(said, HasSubstr("environment: " + key)) << text;
  }
}

TEST(a_config, reports_every_fault_and_not_the_first) {
  auto said = faults_of({{"PORT", "x"}, {"MAX_BATCH", "0"}, {"LOG_FORMAT", "xml"}, {"STORE", "x"}});
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), 4) << said;
}

TEST(a_config, writes_a_fault_as_place_key_value_and_expectation) {
  EXPECT_EQ(faults_of({{"PORT", "x"}}), "environment: PORT=x: must be a whole number, 0 to 65535\n");
}

TEST(a_config, lets_no_control_character_into_a_message) {
  EXPECT_THAT(faults_of({{"PORT", "\x1b[31m"}}), HasSubstr(R"(PORT=\x1b[31m:)"));
}

TEST(a_config, knows_the_variable_that_kubernetes_sets_for_a_service_named_database) {
  EXPECT_THAT(faults_of({{"DATABASE_PORT", "tcp://10.0.0.7:5432"}}), HasSubstr("enableServiceLinks"));
}

// -- which store -------------------------------------------------------------------------------------

TEST(the_store, is_postgres_when_any_of_its_keys_is_set) {
  for (auto [key, text] : {std::pair{"POSTGRES_USER", "u"},
                           {"POSTGRES_PASSWORD", "p"},
                           {"POSTGRES_DB", "d"},
                           {"DATABASE_HOST", "h"},
                           {"DATABASE_PORT", "1"},
                           {"DATABASE_URL", "postgresql://h/d"}}) {
    auto made = good({{key, text}});
    EXPECT_EQ(made.store.kind, store::backend::postgres) << key;
    EXPECT_EQ(made.sources.at("STORE"), "because " + std::string{key} + " is set: environment");
  }
}

TEST(the_store, is_not_postgres_for_keys_about_any_database) {
  EXPECT_EQ(good({{"MAX_DB_CONNECTION_ATTEMPTS", "3"}, {"DB_CONNECT_TIMEOUT", "1s"}}).store.kind,
            store::backend::sqlite);
}

TEST(the_store, is_what_was_said_even_so) {
  auto made = good({{"STORE", "sqlite"}, {"DATABASE_URL", "postgresql://h/d"}, {"POSTGRES_USER", "u"}});
  EXPECT_EQ(made.store.kind, store::backend::sqlite);
  EXPECT_THAT(made.notes, Contains("DATABASE_URL is not used: STORE is sqlite"));
}

TEST(the_store, gets_libpqs_words_for_the_seeds_keys) {
  auto made = good({{"POSTGRES_USER", "u"},
                    {"POSTGRES_PASSWORD", "p"},
                    {"POSTGRES_DB", "d"},
                    {"DATABASE_HOST", "a,b"},
                    {"DATABASE_PORT", "1,2"}});
  EXPECT_THAT(made.store.postgres, UnorderedElementsAre(Pair("user", "u"), Pair("password", "p"), Pair("dbname", "d"),
                                                        Pair("host", "a,b"), Pair("port", "1,2")));
}

TEST(the_store, leaves_to_libpq_what_is_not_set) {
  EXPECT_THAT(good({{"STORE", "postgres"}}).store.postgres, IsEmpty());
}

TEST(the_store, says_which_keys_a_url_wins_over) {
  auto made = good({{"DATABASE_URL", "postgresql://h/d"}, {"DATABASE_HOST", "x"}});
  EXPECT_EQ(made.store.database_url, "postgresql://h/d");
  EXPECT_THAT(made.notes, Contains("DATABASE_HOST is not used: DATABASE_URL is set, and wins"));
}

TEST(the_store, refuses_as_many_ports_as_do_not_fit_the_hosts) {
  EXPECT_THAT(faults_of({{"DATABASE_HOST", "a,b,c"}, {"DATABASE_PORT", "1,2"}}),
              HasSubstr("must be one port, or one for each"));
  EXPECT_EQ(faults_of({{"DATABASE_HOST", "a,b,c"}, {"DATABASE_PORT", "1"}}), "");
}

TEST(the_store, has_no_more_writers_than_it_can_use) {
  auto made = good({});
  EXPECT_EQ(made.pool.writers, 1u);
  EXPECT_THAT(made.sources.at("NUM_POOL_WORKERS"), HasSubstr("capped"));
  EXPECT_THAT(made.notes, IsEmpty()) << "the default is nobody's fault";
  EXPECT_THAT(good({{"NUM_POOL_WORKERS", "4"}}).notes, Contains(HasSubstr("NUM_POOL_WORKERS")));
  EXPECT_EQ(good({{"NUM_POOL_WORKERS", "4"}, {"STORE", "postgres"}}).pool.writers, 4u);
}

// -- between settings --------------------------------------------------------------------------------

TEST(the_statement_timeout, is_half_of_the_request_timeout_at_most_when_it_is_not_set) {
  EXPECT_EQ(good({{"REQUEST_TIMEOUT", "4s"}}).store.statement_timeout, 2s);
  EXPECT_EQ(good({{"REQUEST_TIMEOUT", "1m"}}).store.statement_timeout, 5s);
  EXPECT_EQ(good({{"REQUEST_TIMEOUT", "10ms"}}).store.statement_timeout, 10ms);
}

TEST(the_statement_timeout, may_be_longer_when_somebody_wants_it_so) {
  auto made = good({{"REQUEST_TIMEOUT", "1s"}, {"DB_STATEMENT_TIMEOUT", "20s"}});
  EXPECT_EQ(made.store.statement_timeout, 20s);
  EXPECT_THAT(made.notes, Contains(HasSubstr("DB_STATEMENT_TIMEOUT is longer than REQUEST_TIMEOUT")));
}

TEST(settings, must_fit_each_other) {
  EXPECT_EQ(faults_of({{"MAX_BUFFERED_BYTES", "1MiB"}}),
            "environment: MAX_BUFFERED_BYTES=1MiB: must be at least MAX_BODY_SIZE, which is 8MiB (default)\n");
  EXPECT_EQ(faults_of({{"MAX_BODY_SIZE", "1GiB"}}),
            "default: MAX_BUFFERED_BYTES=256MiB: must be at least MAX_BODY_SIZE, which is 1GiB (environment)\n");
  EXPECT_THAT(faults_of({{"MAX_MESSAGE_SIZE", "1GiB"}}), HasSubstr("must be at least MAX_MESSAGE_SIZE"));
  EXPECT_THAT(faults_of({{"DRAIN_DELAY", "8s"}}),
              HasSubstr("SHUTDOWN_TIMEOUT=8s: must be more than DRAIN_DELAY, which is 8s"));
  EXPECT_EQ(faults_of({{"DRAIN_DELAY", "7s"}}), "");
}

TEST(settings, have_no_second_fault_for_a_value_that_is_wrong_by_itself) {
  EXPECT_EQ(faults_of({{"MAX_BUFFERED_BYTES", "1"}}), "environment: MAX_BUFFERED_BYTES=1: must be 64KiB to 256GiB\n");
}

TEST(the_two_listeners, must_not_meet) {
  EXPECT_THAT(faults_of({{"PORT", "9180"}}), HasSubstr("must be another port than that of ADMIN_ADDRESS"));
  EXPECT_THAT(faults_of({{"ADMIN_ADDRESS", "127.0.0.1:8080"}}), HasSubstr("must have another port than PORT"));
  EXPECT_THAT(faults_of({{"LISTEN_ADDRESS", "127.0.0.1"}, {"ADMIN_ADDRESS", "[::]:8080"}}),
              HasSubstr("must have another port"));
  EXPECT_EQ(faults_of({{"LISTEN_ADDRESS", "127.0.0.1"}, {"ADMIN_ADDRESS", "127.0.0.2:8080"}}), "");
  EXPECT_EQ(faults_of({{"PORT", "0"}, {"ADMIN_ADDRESS", "127.0.0.1:0"}}), "");
  EXPECT_EQ(faults_of({{"PORT", "9180"}, {"ADMIN_ADDRESS", "off"}}), "");
}

// -- secrets -----------------------------------------------------------------------------------------

TEST(a_secret, is_in_no_listing) {
  auto made = good({{"POSTGRES_PASSWORD", "hunter2"}, {"DATABASE_URL", "postgresql://u:hunter3@h/d"}});
  auto listing = show_effective(made);
  EXPECT_THAT(listing, AllOf(Not(HasSubstr("hunter2")), Not(HasSubstr("hunter3")),
                             HasSubstr("POSTGRES_PASSWORD=********"), HasSubstr("DATABASE_URL=********")));
}

TEST(a_secret, is_in_no_fault) {
  auto said = faults_of({{"POSTGRES_PASSWORD", "hunter2\n"}, {"DATABASE_URL", "postgresql://u:hunter3@h:99999/d"}});
  EXPECT_THAT(said, AllOf(Not(HasSubstr("hunter")), HasSubstr("POSTGRES_PASSWORD=********: must be"),
                          HasSubstr("DATABASE_URL=********: ")));
}

TEST(a_secret, is_hidden_also_where_it_does_not_belong) {
  for (auto key : {"DATABASE_HOST", "PORT", "STORE", "SCHEMA", "ADMIN_ADDRESS"})
    EXPECT_THAT(faults_of({{key, "postgresql://u:hunter2@h/d"}}), AllOf(Not(""), Not(HasSubstr("hunter2")))) << key;
  EXPECT_THAT(show_effective(good({{"SQLITE_PATH", "postgresql://u:hunter2@h/d"}})), Not(HasSubstr("hunter2")));
}

// -- the schema --------------------------------------------------------------------------------------

TEST(the_schema, is_read_from_its_file) {
  auto made = good({{"SCHEMA", GOLOCA_SOURCE_DIR "/store/rides.schema.json"}});
  EXPECT_EQ(made.schema->document(), store::rides_schema()->document());
}

TEST(the_schema, that_cannot_be_read_is_a_fault) {
  scratch_folder folder;
  EXPECT_THAT(faults_of({{"SCHEMA", "/absent.json"}}), HasSubstr("environment: SCHEMA=/absent.json: "));
  EXPECT_NE(faults_of({{"SCHEMA", folder.write("broken.json", "{")}}), "");
}

// -- loading and listing -----------------------------------------------------------------------------

TEST(loading, brings_the_faults_of_the_file_and_of_the_values_together) {
  scratch_folder folder;
  auto path = folder.write("config.env", "PORT=x\nrubbish\nCOLOUR=red\n");
  auto made = load_config({path, true, {{"MAX_BATCH", "0"}}, {{"LOG_LEVEL", "loud"}}});
  ASSERT_TRUE(std::holds_alternative<config_faults>(made));
  std::vector<std::string> places;
  for (const auto& fault : std::get<config_faults>(made)) places.push_back(fault.where);
  EXPECT_THAT(places, UnorderedElementsAre(path + ":1", path + ":2", path + ":3", "environment", "--log-level"));
}

TEST(loading, names_the_source_of_each_value) {
  scratch_folder folder;
  auto path = folder.write("config.env", "# first\nMAX_BATCH=7\n");
  auto secret = folder.write("secret", "hunter2\n");
  auto made = std::get<config>(
      load_config({path, true, {{"REQUEST_TIMEOUT", "4s"}, {"POSTGRES_PASSWORD_FILE", secret}}, {{"PORT", "81"}}}));
  EXPECT_EQ(made.sources.at("MAX_BATCH"), path + ":2");
  EXPECT_EQ(made.sources.at("REQUEST_TIMEOUT"), "environment");
  EXPECT_EQ(made.sources.at("POSTGRES_PASSWORD"), "environment (" + secret + ")");
  EXPECT_EQ(made.sources.at("PORT"), "--port");
  EXPECT_EQ(made.sources.at("MAX_BODY_SIZE"), "default");
  EXPECT_EQ(made.sources.at("DB_STATEMENT_TIMEOUT"), "default, half of REQUEST_TIMEOUT");
}

TEST(the_effective_listing, is_a_file_that_gives_the_same_config_again) {
  scratch_folder folder;
  auto made = good({{"PORT", "81"},
                    {"STORE", "sqlite"},
                    {"SQLITE_PATH", "a b # c.db"},
                    {"REQUEST_TIMEOUT", "1500ms"},
                    {"ADMIN_ADDRESS", "off"}});
  auto again = load_config({folder.write("config.env", show_effective(made)), true, {}, {}});
  ASSERT_TRUE(std::holds_alternative<config>(again));
  for (const auto& one : declared_settings()) EXPECT_EQ(one.show(std::get<config>(again)), one.show(made)) << one.key;
}

/// Found by fuzzing: a value with both kinds of quotes was put between a pair of them.
TEST(the_effective_listing, keeps_quotes_within_a_value) {
  scratch_folder folder;
  for (const auto* value : {"a'b.db", "a\"b.db", "a'b\"c.db", "a 'b'.db", "\"a\"", "it's \\"}) {
    auto made = good({{"STORE", "sqlite"}, {"SQLITE_PATH", value}});
    auto again = load_config({folder.write("config.env", show_effective(made)), true, {}, {}});
    ASSERT_TRUE(std::holds_alternative<config>(again)) << value;
    EXPECT_EQ(std::get<config>(again).store.sqlite_path, value);
  }
}

TEST(the_repositorys_config_env, is_what_the_list_prints) {
  EXPECT_EQ(text_of(GOLOCA_SOURCE_DIR "/config.env"), show_sample()) << "goloca check-config --sample > config.env";
}

TEST(the_repositorys_config_env, changes_nothing_as_it_stands) {
  auto made = load_config({GOLOCA_SOURCE_DIR "/config.env", true, {}, {}});
  ASSERT_TRUE(std::holds_alternative<config>(made));
  EXPECT_EQ(show_effective(std::get<config>(made)), show_effective(good({})));
}

TEST(the_repositorys_config_env, has_each_setting_once_and_with_its_default) {
  std::istringstream lines{text_of(GOLOCA_SOURCE_DIR "/config.env")};
  std::vector<std::string> keys;
  for (std::string line; std::getline(lines, line);) {
    if (line.size() < 2 || line[0] != '#' || line[1] == ' ') continue;
    auto parsed = parse_settings_file(std::string_view{line}.substr(1));
    ASSERT_EQ(parsed.lines.size(), 1u) << line;
    const auto* one = find_setting(parsed.lines[0].key);
    ASSERT_NE(one, nullptr) << line;
    keys.push_back(one->key);
    EXPECT_EQ(parsed.lines[0].value, one->initial.empty() ? one->sample : one->initial);
    config made;
    EXPECT_EQ(one->read(made, parsed.lines[0].value), std::nullopt) << line;
  }
  EXPECT_EQ(keys, setting_keys());
}

TEST(the_readmes_table, has_a_row_for_each_setting) {
  auto table = show_markdown();
  for (const auto& one : declared_settings()) EXPECT_THAT(table, HasSubstr("| `" + one.key + "` | ")) << one.key;
}

// -- several nodes -----------------------------------------------------------------------------------

const std::map<std::string, std::string> certificates{
    {"LINK_CERTIFICATE", "a.crt"}, {"LINK_KEY", "a.key"}, {"LINK_AUTHORITY", "ca.crt"}};

std::map<std::string, std::string> with_certificates(std::map<std::string, std::string> others) {
  others.insert(certificates.begin(), certificates.end());
  return others;
}

TEST(a_node_of_several, is_alone_unless_it_is_told_otherwise) {
  auto made = good({});
  EXPECT_EQ(made.cluster.role, node_role::all);
  EXPECT_TRUE(made.cluster.has_clients());
  EXPECT_TRUE(made.cluster.has_store());
  EXPECT_FALSE(made.cluster.listen);
  EXPECT_THAT(made.cluster.writers, IsEmpty());
}

TEST(a_node_of_several, is_an_edge_with_writers_and_without_a_store) {
  auto made = good(with_certificates({{"ROLE", "edge"}, {"WRITERS", "w1:7420, [fd00::2]:7421"}, {"STORE", "sqlite"}}));
  EXPECT_TRUE(made.cluster.has_clients());
  EXPECT_FALSE(made.cluster.has_store());
  EXPECT_EQ(made.cluster.writers, (std::vector<host_and_port>{{"w1", 7420}, {"fd00::2", 7421}}));
  EXPECT_THAT(made.notes, Contains(HasSubstr("STORE is not used")));
  EXPECT_THAT(faults_of(with_certificates({{"ROLE", "edge"}})), HasSubstr("WRITERS"));
}

TEST(a_node_of_several, is_a_writer_with_a_port_for_edges) {
  auto made = good(with_certificates({{"ROLE", "writer"}}));
  EXPECT_FALSE(made.cluster.has_clients());
  EXPECT_TRUE(made.cluster.has_store());
  EXPECT_EQ(made.cluster.listen, (endpoint{"0.0.0.0", 7'420}));
  EXPECT_EQ(made.sources.at("LINK_ADDRESS"), "because ROLE is writer");
  EXPECT_EQ(good(with_certificates({{"ROLE", "writer"}, {"LINK_ADDRESS", "[::1]:9"}})).cluster.listen,
            (endpoint{"::1", 9}));
  EXPECT_THAT(faults_of(with_certificates({{"ROLE", "writer"}, {"LINK_ADDRESS", "off"}})),
              HasSubstr("must not be off"));
  EXPECT_THAT(good(with_certificates({{"ROLE", "writer"}, {"WRITERS", "w1:7420"}})).notes,
              Contains(HasSubstr("WRITERS is not used")));
}

TEST(a_node_of_several, needs_all_three_certificate_files_for_a_link) {
  for (const auto& [missing, file] : certificates) {
    auto others = with_certificates({{"ROLE", "writer"}});
    others.erase(missing);
    EXPECT_THAT(faults_of(others), AllOf(HasSubstr(missing), HasSubstr("mutual TLS")));
  }
  EXPECT_THAT(faults_of({{"WRITERS", "w1:7420"}}), HasSubstr("LINK_KEY")) << "one that is both may dial, too";
  EXPECT_EQ(faults_of({}), "");
}

TEST(a_node_of_several, has_writers_that_can_be_dialled) {
  for (const auto* wrong : {"w1", "w1:0", "w1:70000", "w1:7420,", ",w1:7420", "w1:7420,w1:7420", "fd00::2:7420",
                            "http://w1:7420", "w 1:7420", ":7420", "[w1]:7420", "-w:7420"}) {
    EXPECT_THAT(faults_of(with_certificates({{"ROLE", "edge"}, {"WRITERS", wrong}})), HasSubstr("host:port")) << wrong;
  }
}

} // namespace
