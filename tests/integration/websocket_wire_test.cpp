// WebSocket as DESIGN 2 has it, frame by frame against `goloca serve`: points and their replies, frames that RFC 6455
// forbids, and the end of the service.

#include "tests/support/child_process.hpp"
#include "tests/support/raw_client.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace goloca::test;
using namespace std::chrono_literals;
using nlohmann::json;

constexpr std::size_t message_limit = std::size_t{64} << 10;
constexpr unsigned continuation = 0, text = 1, binary = 2, close_it = 8, ping = 9, pong = 10;

json point(std::int64_t id) {
  return {{"id", std::to_string(id)}, {"user_id", "22177"}, {"vehicle_model_id", "28"}};
}

std::string next_point() {
  static std::int64_t id = 9'000'000;
  return point(++id).dump();
}

std::string success(std::int64_t id) {
  return R"({"status":"success","error":null,"id":")" + std::to_string(id) + "\"}";
}

std::string bytes_of(const std::vector<std::uint8_t>& from) {
  return {from.begin(), from.end()};
}

std::string frame(unsigned opcode, std::string_view payload, bool final = true) {
  return raw_client::frame(opcode, payload, final);
}

/// Rows in the table, asked of SQLite and not of the service.
int rows_in(const running_goloca& service) {
  sqlite3* opened = nullptr;
  sqlite3_open(service.sqlite_path().c_str(), &opened);
  std::unique_ptr<sqlite3, int (*)(sqlite3*)> database{opened, sqlite3_close};
  sqlite3_busy_timeout(opened, 10'000);
  auto rows = -1;
  auto keep = [](void* to, int, char** values, char**) { return *static_cast<int*>(to) = std::stoi(values[0]), 0; };
  sqlite3_exec(opened, "SELECT count(*) FROM datapoint", keep, &rows, nullptr);
  EXPECT_GE(rows, 0) << sqlite3_errmsg(opened);
  return rows;
}

/// A new client's good point is stored.
void serves_again(const running_goloca& service) {
  raw_websocket client{service.port()};
  auto reply = client.ask(next_point());
  EXPECT_EQ(reply.at("status"), "success") << reply;
}

void expect_invalid(const json& reply) {
  EXPECT_EQ(reply.at("status"), "failed") << reply;
  EXPECT_EQ(reply.at("code"), "invalid") << reply;
  EXPECT_TRUE(reply.at("error").is_string() && !reply.at("error").empty()) << reply;
  EXPECT_TRUE(reply.contains("id")) << reply;
}

/// Reads to the other side's Close, answers it, and expects the end of the connection. \return the code.
unsigned closed_with(raw_client& client) {
  auto last = client.read_frame();
  while (last.opcode != close_it) last = client.read_frame();
  try {
    client.write(frame(close_it, last.payload));
    client.half_close();
  } catch (const std::exception&) { // after a protocol error it need not wait for this
  }
  EXPECT_TRUE(client.closed_within(10s));
  return last.close_code();
}

class websocket_wire : public testing::Test {
protected:
  static void SetUpTestSuite() {
    service_ = std::make_unique<running_goloca>(
        GOLOCA_BINARY, environment{{"MAX_MESSAGE_SIZE", std::to_string(message_limit)}, {"MAX_IN_FLIGHT", "100"}});
  }
  static void TearDownTestSuite() { service_.reset(); }

  void SetUp() override { rows_ = rows_in(*service_); }
  void TearDown() override { serves_again(*service_); }

  static std::uint16_t port() { return service_->port(); }
  [[nodiscard]] int stored_since() const { return rows_in(*service_) - rows_; }

  /// Bytes after the handshake that end the connection; a good point behind them is not taken.
  void expect_close(const std::string& bytes, unsigned code) const {
    SCOPED_TRACE(json(bytes.substr(0, 40)).dump(-1, ' ', true, json::error_handler_t::replace));
    raw_client client{port()};
    ASSERT_EQ(client.upgrade().status, 101U);
    client.write(bytes + frame(text, next_point()));
    EXPECT_EQ(closed_with(client), code);
    EXPECT_EQ(stored_since(), 0);
  }

private:
  static inline std::unique_ptr<running_goloca> service_;
  int rows_ = 0;
};

// -- the handshake -------------------------------------------------------------------------------------

raw_client::headers handshake(const std::string& version, const std::string& key) {
  raw_client::headers all{{"Connection", "keep-alive, Upgrade"}, {"Upgrade", "WebSocket"}};
  all.emplace_back("Sec-WebSocket-Version", version);
  if (!key.empty()) all.emplace_back("Sec-WebSocket-Key", key);
  return all;
}

const std::string sample_key = "dGhlIHNhbXBsZSBub25jZQ=="; // of RFC 6455, 1.3

TEST_F(websocket_wire, a_correct_handshake_is_answered_as_the_rfc_has_it) {
  auto reply = raw_client{port()}.request("GET", "/ws?from=test", {}, handshake("13", sample_key));
  EXPECT_EQ(reply.status, 101U);
  EXPECT_EQ(reply.header("sec-websocket-accept"), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_FALSE(reply.headers.contains("sec-websocket-protocol"));
}

TEST_F(websocket_wire, a_wrong_version_is_426_and_the_right_one_named) {
  for (const auto* version : {"8", "12", "14", "0", "x"}) {
    SCOPED_TRACE(version);
    auto reply = raw_client{port()}.request("GET", "/ws", {}, handshake(version, sample_key));
    EXPECT_EQ(reply.status, 426U) << reply.body;
    EXPECT_EQ(reply.header("sec-websocket-version"), "13");
    EXPECT_EQ(reply.json().at("code"), "upgrade_required");
  }
}

TEST_F(websocket_wire, a_request_without_upgrade_is_426) {
  raw_client client{port()};
  auto reply = client.get("/ws");
  EXPECT_EQ(reply.status, 426U) << reply.body;
  EXPECT_EQ(reply.json().at("code"), "upgrade_required");
}

TEST_F(websocket_wire, a_bad_key_is_400) {
  for (const auto* key : {"", "x", "dGhlIHNhbXBsZQ==", "dGhlIHNhbXBsZSBub25jZSBsb25nZXI=", "dGhl*HNhbXBsZSBub25jZQ==",
                          "dGhlIHNhbXBsZSBub25jZQ"}) {
    SCOPED_TRACE(key);
    auto reply = raw_client{port()}.request("GET", "/ws", {}, handshake("13", key));
    EXPECT_EQ(reply.status, 400U) << reply.body;
    EXPECT_EQ(reply.json().at("code"), "invalid");
  }
  auto twice = handshake("13", sample_key);
  twice.emplace_back("Sec-WebSocket-Key", sample_key);
  EXPECT_EQ(raw_client{port()}.request("GET", "/ws", {}, twice).status, 400U);
}

TEST_F(websocket_wire, frames_that_come_together_with_the_handshake_are_read) {
  raw_client client{port()};
  std::string bytes = "GET /ws HTTP/1.1\r\nHost: a\r\n";
  for (const auto& [name, value] : handshake("13", sample_key)) bytes += name + ": " + value + "\r\n";
  bytes += "\r\n" + frame(text, point(101).dump()) + frame(text, point(102).dump());
  client.write(bytes);
  EXPECT_EQ(client.read_response().status, 101U);
  EXPECT_EQ(client.read_frame().payload, success(101));
  EXPECT_EQ(client.read_frame().payload, success(102));
}

TEST_F(websocket_wire, a_request_before_the_handshake_is_answered_before_it) {
  raw_client client{port()};
  auto body = point(111).dump();
  client.write("POST /add_datapoint HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(body.size()) +
               "\r\n\r\n" + body);
  EXPECT_EQ(client.upgrade().status, 201U); // the POST's; the handshake's comes next
  EXPECT_EQ(client.read_response().status, 101U);
  client.write(frame(text, point(112).dump()));
  EXPECT_EQ(client.read_frame().payload, success(112));
}

// -- points ----------------------------------------------------------------------------------------------

TEST_F(websocket_wire, a_message_gets_the_seeds_reply_byte_by_byte) {
  raw_websocket client{port()};
  client.send(point(132516).dump());
  EXPECT_EQ(client.receive(), R"({"status":"success","error":null,"id":"132516"})");
  EXPECT_FALSE(client.got_binary());
  EXPECT_EQ(client.ask(point(132516).dump()),
            json::parse(R"({"status":"success","error":null,"id":"132516","duplicate":true})"));
  auto other = point(132516);
  other["user_id"] = "other";
  auto reply = client.ask(other.dump());
  EXPECT_EQ(reply.at("status"), "failed");
  EXPECT_EQ(reply.at("code"), "conflict");
  EXPECT_EQ(reply.at("id"), "132516");
  EXPECT_EQ(raw_client{port()}.get("/datapoints/132516").json(), point(132516));
  EXPECT_EQ(stored_since(), 1);
}

TEST_F(websocket_wire, an_array_gets_an_array_and_an_empty_one_an_empty_one) {
  raw_websocket client{port()};
  auto reply = client.ask(json{point(201), 7, point(201), json{{"id", 5}}, point(202)}.dump());
  ASSERT_EQ(reply.size(), 5U) << reply;
  EXPECT_EQ(reply.at(0), json::parse(success(201)));
  expect_invalid(reply.at(1));
  EXPECT_EQ(reply.at(2).at("duplicate"), true);
  expect_invalid(reply.at(3));
  EXPECT_EQ(reply.at(3).at("id"), "5");
  EXPECT_EQ(reply.at(3).at("member"), "user_id");
  EXPECT_EQ(reply.at(4), json::parse(success(202)));
  client.send("[]");
  EXPECT_EQ(client.receive(), "[]");
  EXPECT_EQ(stored_since(), 2);
}

TEST_F(websocket_wire, an_array_of_more_points_than_may_be_in_flight_is_answered_whole) {
  raw_websocket client{port()};
  auto all = json::array();
  for (std::int64_t id = 1001; id <= 1450; ++id) all.push_back(point(id));
  auto reply = client.ask(all.dump());
  ASSERT_EQ(reply.size(), 450U);
  for (std::size_t i = 0; i < reply.size(); ++i) {
    ASSERT_EQ(reply.at(i), json::parse(success(1001 + static_cast<std::int64_t>(i))));
  }
  EXPECT_EQ(stored_since(), 450);
}

TEST_F(websocket_wire, what_is_not_a_good_point_gets_a_failed_reply_and_the_connection_stays) {
  std::string good = R"("user_id":"1","vehicle_model_id":"2")";
  raw_websocket client{port()};
  for (const auto& bad :
       std::vector<std::string>{"",
                                " ",
                                "hello",
                                "null",
                                "7",
                                "{",
                                "{}",
                                "[",
                                "{" + good,
                                "{" + good + "} x",
                                "[{" + good + "},]",
                                "{" + good + ",\"from_lat\":NaN}",
                                "{" + good + ",\"from_lat\":1e400}",
                                "{" + good + ",\"from_lat\":\"1\"}",
                                "{" + good + ",\"package_id\":99999999999999999999}",
                                "{" + good + ",\"user_id\":\"1\"}",
                                "{" + good + ",\"id\":0}",
                                "{" + good + ",\"id\":-1}",
                                "{" + good + ",\"id\":9223372036854775808}",
                                "{" + good + ",\"to_area_id\":\"" + std::string(101, 'x') + "\"}",
                                R"({"user_id":"1"})",
                                R"({"vehicle_model_id":"2","user_id":"a\u0000b"})",
                                R"({"vehicle_model_id":"2","user_id":"\ud800"})",
                                "{" + good + "}" + '\0',
                                "{" + good + ",\"x\":" + std::string(10'000, '[') + std::string(10'000, ']') + "}",
                                std::string(10'000, '[')}) {
    SCOPED_TRACE(bad.substr(0, 80));
    expect_invalid(client.ask(bad));
  }
  EXPECT_EQ(client.ask(point(301).dump()), json::parse(success(301)));
  EXPECT_EQ(stored_since(), 1);
}

TEST_F(websocket_wire, a_burst_is_answered_in_its_order) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  constexpr std::int64_t first = 10'000, last = 15'000;
  std::string burst;
  for (auto id = first; id < last; ++id) burst += frame(text, id % 100 == 7 ? "broken" : point(id).dump());
  client.write(burst);
  for (auto id = first; id < last; ++id) {
    auto reply = client.read_frame();
    ASSERT_EQ(reply.opcode, text);
    if (id % 100 == 7) {
      expect_invalid(json::parse(reply.payload));
    } else {
      ASSERT_EQ(reply.payload, success(id));
    }
  }
  EXPECT_EQ(stored_since(), 4'950);
}

TEST_F(websocket_wire, points_sent_before_a_ping_and_after_it_are_answered_and_so_is_the_ping) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  std::string bytes;
  for (std::int64_t id = 20'000; id < 20'050; ++id) bytes += frame(text, point(id).dump());
  bytes += frame(ping, "are you there?") + frame(pong, "unasked") + frame(text, point(20'050).dump());
  client.write(bytes);
  std::int64_t id = 20'000;
  auto pongs = 0;
  while (id <= 20'050 || pongs == 0) {
    auto got = client.read_frame();
    if (got.opcode == pong) {
      EXPECT_EQ(got.payload, "are you there?");
      ++pongs;
    } else {
      ASSERT_EQ(got.payload, success(id++));
    }
  }
  EXPECT_EQ(pongs, 1);
}

// -- frames ------------------------------------------------------------------------------------------------

TEST_F(websocket_wire, a_fragmented_text_is_one_message) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  std::string whole = R"({"id":"401","vehicle_model_id":"2","user_id":"caf)"
                      "\xc3\xa9\"}";
  auto inside = whole.size() - 3; // between the two bytes of a character
  client.write(frame(text, whole.substr(0, 10), false) + frame(ping, "now") + frame(continuation, "", false) +
               frame(continuation, whole.substr(10, inside - 10), false) + frame(continuation, whole.substr(inside)));
  auto answer = client.read_frame();
  EXPECT_EQ(answer.opcode, pong);
  answer = client.read_frame();
  EXPECT_EQ(answer.payload, success(401));
  EXPECT_EQ(raw_client{port()}.get("/datapoints/401").json().at("user_id"), "caf\xc3\xa9");
}

TEST_F(websocket_wire, a_protocol_error_closes_with_1002) {
  auto with_bits = [](int bits) {
    auto made = frame(text, next_point());
    made[0] = static_cast<char>(made[0] | bits);
    return made;
  };
  for (const auto& bytes : std::vector<std::string>{
           raw_client::frame(text, next_point(), true, false), raw_client::frame(ping, "", true, false),
           with_bits(0x40), with_bits(0x20), with_bits(0x10), frame(3, "x"), frame(11, ""), frame(ping, "x", false),
           frame(ping, std::string(126, 'x')), frame(continuation, next_point()),
           frame(text, "{", false) + frame(text, "}"), frame(close_it, "x"), frame(close_it, "\x03\xed"), // 1005
           frame(close_it, std::string{"\0\0", 2})}) {
    expect_close(bytes, 1002);
  }
}

TEST_F(websocket_wire, a_message_over_the_limit_closes_with_1009) {
  auto part = std::string(message_limit / 2, ' ');
  expect_close(frame(text, std::string(message_limit + 1, ' ')), 1009);
  expect_close(frame(text, part, false) + frame(continuation, part, false) + frame(continuation, " "), 1009);
  expect_close(std::string{"\x81\xff\x00\x00\x01\x00\x00\x00\x00\x00", 10}, 1009); // 2^40 bytes announced
}

TEST_F(websocket_wire, a_message_of_just_the_limit_is_read) {
  raw_websocket client{port()};
  auto body = point(501).dump();
  EXPECT_EQ(client.ask(body + std::string(message_limit - body.size(), ' ')), json::parse(success(501)));
}

TEST_F(websocket_wire, text_that_is_not_utf_8_closes_with_1007) {
  std::string start = R"({"vehicle_model_id":"2","user_id":")";
  for (const std::string wrong : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xc3", "\x80"}) {
    expect_close(frame(text, start + wrong + "\"}"), 1007);
  }
  expect_close(frame(text, start + "\xc3", false) + frame(continuation, "x\"}"), 1007);
  expect_close(frame(text, "\xc3"), 1007); // ends within a character
}

TEST_F(websocket_wire, a_binary_message_without_subprotocol_closes_with_1003) {
  expect_close(frame(binary, next_point()), 1003);
  expect_close(frame(binary, bytes_of(json::to_cbor(point(601)))), 1003);
}

TEST_F(websocket_wire, points_sent_before_a_frame_that_is_refused_are_answered_before_the_close) {
  struct refusal {
    std::string bytes;
    unsigned code;
  };
  std::int64_t id = 30'000, answered = id;
  for (const auto& each : std::vector<refusal>{{frame(binary, "x"), 1003},
                                               {frame(3, "x"), 1002},
                                               {frame(text, "\xff"), 1007},
                                               {frame(text, std::string(message_limit + 1, ' ')), 1009}}) {
    SCOPED_TRACE(each.code);
    raw_client client{port()};
    ASSERT_EQ(client.upgrade().status, 101U);
    std::string bytes;
    for (int i = 0; i < 50; ++i) bytes += frame(text, point(id++).dump());
    client.write(bytes + each.bytes);
    auto got = client.read_frame();
    for (; got.opcode == text; got = client.read_frame()) EXPECT_EQ(got.payload, success(answered++));
    EXPECT_EQ(answered, id);
    answered = id;
    EXPECT_EQ(got.opcode, close_it);
    EXPECT_EQ(got.close_code(), each.code);
  }
}

// -- CBOR and MessagePack --------------------------------------------------------------------------------

TEST_F(websocket_wire, binary_messages_of_an_agreed_subprotocol_are_answered_in_kind) {
  raw_websocket cbor{port(), "/ws", "goloca.cbor"};
  EXPECT_EQ(cbor.subprotocol(), "goloca.cbor");
  cbor.send_binary(bytes_of(json::to_cbor(point(701))));
  EXPECT_EQ(json::from_cbor(cbor.receive()), json::parse(success(701)));
  EXPECT_TRUE(cbor.got_binary());
  cbor.send_binary(bytes_of(json::to_cbor(json{point(702), 7})));
  EXPECT_EQ(json::from_cbor(cbor.receive()).at(0), json::parse(success(702)));
  cbor.send_binary("\xa1");
  expect_invalid(json::from_cbor(cbor.receive()));
  EXPECT_EQ(cbor.ask(point(703).dump()), json::parse(success(703))); // text is JSON here, too
  EXPECT_FALSE(cbor.got_binary());
  raw_websocket packed{port(), "/ws", "unknown, goloca.msgpack"};
  EXPECT_EQ(packed.subprotocol(), "goloca.msgpack");
  packed.send_binary(bytes_of(json::to_msgpack(point(704))));
  EXPECT_EQ(json::from_msgpack(packed.receive()), json::parse(success(704)));
  EXPECT_TRUE(packed.got_binary());
  EXPECT_EQ(stored_since(), 4);
}

TEST_F(websocket_wire, an_unknown_subprotocol_is_not_agreed_on) {
  raw_websocket client{port(), "/ws", "chat"};
  EXPECT_EQ(client.subprotocol(), "");
  EXPECT_EQ(client.ask(point(711).dump()), json::parse(success(711)));
}

// -- endings -------------------------------------------------------------------------------------------------

TEST_F(websocket_wire, a_clients_close_is_answered_and_what_follows_it_not_taken) {
  raw_client client{port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  client.write(frame(close_it, "\x03\xe8goodbye") + frame(text, next_point()));
  EXPECT_EQ(closed_with(client), 1000U);
  EXPECT_EQ(stored_since(), 0);
}

TEST_F(websocket_wire, a_client_that_leaves_in_the_middle_of_a_message_leaves_nothing_behind) {
  for (auto resets : {true, false}) {
    raw_client client{port()};
    ASSERT_EQ(client.upgrade().status, 101U);
    client.write(frame(text, next_point()).substr(0, 20));
    if (resets) {
      client.reset();
    } else {
      client.half_close();
      EXPECT_TRUE(client.closed_within(10s));
    }
  }
  EXPECT_EQ(stored_since(), 0);
}

TEST(websocket_wire_ending, at_sigterm_what_was_read_is_answered_then_closed_with_1001_and_the_exit_code_is_0) {
  running_goloca service{GOLOCA_BINARY};
  raw_client client{service.port()}, silent{service.port()};
  ASSERT_EQ(client.upgrade().status, 101U);
  ASSERT_EQ(silent.upgrade().status, 101U);
  std::string burst;
  for (std::int64_t id = 1; id <= 2'000; ++id) burst += frame(text, point(id).dump());
  client.write(burst);
  auto got = client.read_frame();
  service.terminate();
  std::int64_t id = 0, stored = 0;
  for (; got.opcode == text; got = client.read_frame()) {
    auto reply = json::parse(got.payload);
    ASSERT_EQ(reply.at("id"), std::to_string(++id));
    if (reply.at("status") == "success") {
      ++stored;
    } else { // read when the drain had begun
      EXPECT_EQ(reply.at("code"), "unavailable");
      EXPECT_TRUE(reply.contains("retry_after_ms"));
    }
  }
  EXPECT_EQ(got.opcode, close_it);
  EXPECT_EQ(got.close_code(), 1001U);
  client.write(frame(close_it, got.payload));
  EXPECT_EQ(closed_with(silent), 1001U);
  EXPECT_EQ(service.wait(), 0) << service.log();
  EXPECT_EQ(rows_in(service), stored); // no point is stored without its answer
  service.start();
  serves_again(service);
}

TEST(websocket_wire_ending, an_upgrade_while_draining_is_503) {
  running_goloca service{GOLOCA_BINARY, {{"DRAIN_DELAY", "3s"}}};
  service.terminate();
  auto refused = raw_client{service.port()}.upgrade(); // SIGTERM may take a moment to be noticed
  for (auto until = std::chrono::steady_clock::now() + 2s;
       refused.status == 101 && std::chrono::steady_clock::now() < until;) {
    refused = raw_client{service.port()}.upgrade();
  }
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(refused.json().at("code"), "unavailable");
  EXPECT_EQ(service.wait(), 0) << service.log();
}

TEST(websocket_wire_ending, an_upgrade_at_the_limit_of_connections_is_503) {
  running_goloca service{GOLOCA_BINARY, {{"MAX_CONNECTIONS", "1"}}};
  std::unique_ptr<raw_client> inside;
  for (auto until = std::chrono::steady_clock::now() + usual_patience; std::chrono::steady_clock::now() < until;) {
    inside = std::make_unique<raw_client>(service.port()); // whoever asked /readyz may not be gone yet
    if (inside->upgrade().status == 101) break;
  }
  raw_client outside{service.port()};
  auto refused = outside.upgrade();
  EXPECT_EQ(refused.status, 503U);
  EXPECT_EQ(refused.header("retry-after"), "1");
  EXPECT_EQ(refused.json().at("code"), "overloaded");
  EXPECT_EQ(outside.read_to_end(), "");
  inside->write(frame(text, point(1).dump())); // which notices nothing
  EXPECT_EQ(inside->read_frame().payload, success(1));
}

TEST(websocket_wire_ending, a_silent_client_is_pinged_and_closed_when_it_stays_silent) {
  running_goloca service{GOLOCA_BINARY, {{"PING_INTERVAL", "300ms"}}};
  raw_client silent{service.port()}, polite{service.port()};
  ASSERT_EQ(silent.upgrade().status, 101U);
  ASSERT_EQ(polite.upgrade().status, 101U);
  for (int i = 0; i < 4; ++i) { // longer than a silent one may stay
    auto asked = polite.read_frame();
    ASSERT_EQ(asked.opcode, ping);
    polite.write(frame(pong, asked.payload));
  }
  EXPECT_EQ(silent.read_frame().opcode, ping);
  EXPECT_TRUE(silent.closed_within(10s));
  polite.write(frame(text, point(1).dump()));
  auto got = polite.read_frame();
  while (got.opcode == ping) got = polite.read_frame();
  EXPECT_EQ(got.payload, success(1));
}

TEST(websocket_wire_ending, a_client_that_never_reads_its_replies_is_stopped_and_stops_nobody_else) {
  running_goloca service{GOLOCA_BINARY, {{"WRITE_TIMEOUT", "1s"}}};
  raw_client deaf{service.port()};
  ASSERT_EQ(deaf.upgrade().status, 101U);
  std::string zeros = "[0"; // a long reply to a short message
  for (int i = 0; i < 500; ++i) zeros += ",0";
  auto message = frame(text, zeros + "]");
  EXPECT_LT(deaf.write_until_stuck(message, 300ms), std::size_t{64} << 20); // at some time it is not read from any more
  serves_again(service);
  try {
    deaf.write(std::string(std::size_t{64} << 20, 'x'));
    ADD_FAILURE() << "it is still read from";
  } catch (const std::runtime_error& ended) {
    EXPECT_EQ(std::string{ended.what()}.find("timed out"), std::string::npos) << ended.what();
  }
  serves_again(service);
}

} // namespace
