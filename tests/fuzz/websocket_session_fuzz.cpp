// A WebSocket session under any bytes in any pieces: its frames are well-formed, each message is answered at most once,
// the same however the bytes came.

#include "tests/fuzz/law.hpp"
#include "tests/fuzz/session_laws.hpp"

namespace {

using namespace goloca;
using fuzz::require;

constexpr std::string_view subprotocols[] = {"", "Sec-WebSocket-Protocol: goloca.cbor\r\n",
                                             "Sec-WebSocket-Protocol: goloca.msgpack\r\n"};

std::string handshake(unsigned choice) {
  return "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
         "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
         std::string{subprotocols[choice % std::size(subprotocols)]} + "\r\n";
}

/// Ends of messages in a client's frames: no more replies than that.
std::size_t messages_in(std::string_view bytes) {
  std::size_t count = 0;
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  while (bytes.size() >= 2) {
    std::size_t short_length = byte(1) & 0x7fU;
    std::size_t head = short_length < 126 ? 2 : short_length == 126 ? 4 : 10;
    if (bytes.size() < head) break;
    std::size_t length = head == 2 ? short_length : 0;
    for (std::size_t i = 2; i < head; ++i) length = length << 8 | byte(i);
    if ((byte(1) & 0x80) != 0) head += 4;
    if (bytes.size() < head || bytes.size() - head < length) break;
    if ((byte(0) & 0x80) != 0 && (byte(0) & 0xf) <= 2) ++count;
    bytes.remove_prefix(head + length);
  }
  return count;
}

nlohmann::json parse(const test::seen_frame& frame, unsigned choice) {
  using nlohmann::json;
  if (frame.opcode == 1) return json::parse(frame.payload, nullptr, false);
  return choice % 3 == 1 ? json::from_cbor(frame.payload, true, false) : json::from_msgpack(frame.payload, true, false);
}

/// The replies and the Close, without the clock's part. Pongs are left out: they overtake replies.
std::string run(test::session_world& world, std::string_view bytes, unsigned choice, unsigned seed) {
  test::lone_session session{world};
  session.send(handshake(choice));
  fuzz::send_in_pieces(session, bytes, seed);
  session.release();
  session.send_no_more(); // without a Close this is a connection that broke
  auto opening = test::read_responses(session.received());
  require(opening.fault.empty() && opening.all.size() == 1 && opening.all[0].code == 101, "the upgrade is taken");
  auto frames = test::read_frames(opening.rest);
  require(frames.fault.empty() && !frames.cut, "frames are well-formed", frames.fault);

  std::string said;
  std::vector<std::int64_t> stored;
  std::size_t replies = 0;
  for (const auto& each : frames.all) {
    if (each.opcode == 9 || each.opcode == 10) continue;
    said += std::to_string(each.opcode) + ' ' + fuzz::timeless(each.payload) + '\n';
    if (each.opcode == 8) {
      require(each.payload.size() == 2, "a Close has a code");
      continue;
    }
    require(each.opcode == 1 || choice % 3 != 0, "nothing binary without a subprotocol");
    auto reply = parse(each, choice);
    require(reply.is_array() || (reply.is_object() && reply.contains("status")), "a reply is one", each.payload);
    auto ids = test::stored_ids_in(reply);
    stored.insert(stored.end(), ids.begin(), ids.end());
    ++replies;
  }
  require(replies <= messages_in(bytes), "a message is answered at most once");
  fuzz::check_account(session, stored);
  session.hang_up();
  require(session.open_sessions() == 0, "no session outlives its client");
  return said;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  static auto& world = *new test::session_world{fuzz::small_bounds()}; // outlives CAF's own statics
  fuzz::choices from{data, size};
  auto choice = from.byte();
  auto seed = from.byte();
  auto bytes = from.rest();
  auto whole = run(world, bytes, choice, 0);
  auto pieces = run(world, bytes, choice, 1 + seed);
  require(whole == pieces, "the same bytes are answered the same, however they come", whole + "---\n" + pieces);
  return 0;
}
