#include "net/client/load/server_frame.hpp"

namespace goloca::net::load {

namespace {

constexpr std::uint64_t longest_payload = std::uint64_t{1} << 30; // what is longer is no reply, but a lost stream

std::uint64_t number_in(std::string_view bytes) {
  std::uint64_t made = 0;
  for (auto byte : bytes) made = made << 8 | static_cast<std::uint8_t>(byte);
  return made;
}

bool is_known(opcode code) {
  return code == opcode::text || code == opcode::binary || code == opcode::close || code == opcode::ping ||
         code == opcode::pong;
}

} // namespace

server_frame read_server_frame(std::string_view bytes) {
  server_frame read;
  if (bytes.size() < 2) return read;
  auto first = static_cast<std::uint8_t>(bytes[0]);
  auto second = static_cast<std::uint8_t>(bytes[1]);
  read.code = static_cast<opcode>(first & 0x0f);
  auto control = (first & 0x08) != 0;
  auto final_without_extension = (first & 0xf0) == 0x80;
  if (!final_without_extension || !is_known(read.code) || second > (control ? 125 : 127)) { // 128: masked
    read.is = server_frame::state::wrong;
    return read;
  }
  std::size_t more = second == 126 ? 2 : second == 127 ? 8 : 0;
  auto head = 2 + more;
  if (bytes.size() < head) return read;
  auto length = more == 0 ? second : number_in(bytes.substr(2, more));
  if (length > longest_payload) {
    read.is = server_frame::state::wrong;
  } else if (bytes.size() - head >= length) {
    read.is = server_frame::state::whole;
    read.payload = bytes.substr(head, length);
    read.size = head + length;
  }
  return read;
}

unsigned close_code_of(std::string_view payload) {
  return payload.size() < 2 ? 1005 : static_cast<unsigned>(number_in(payload.substr(0, 2)));
}

} // namespace goloca::net::load
