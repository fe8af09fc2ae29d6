// A client's frames: their heads, and their masks.

#include "net/websocket_frame.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using namespace goloca;
using namespace std::string_view_literals;

TEST(websocket_frame, a_head_is_read_when_it_is_all_there) {
  struct {
    std::string_view bytes;
    std::uint8_t first;
    bool masked;
    std::uint64_t length;
  } cases[] = {
      {"\x81\x00"sv, 0x81, false, 0},
      {"\x81\x85\x01\x02\x03\x04"sv, 0x81, true, 5},
      {"\x02\xfd\x01\x02\x03\x04"sv, 0x02, true, 125},
      {"\xf9\x7e\x01\x02"sv, 0xf9, false, 0x102},
      {"\x82\xfe\xff\xfe\x01\x02\x03\x04"sv, 0x82, true, 0xfffe},
      {"\x81\x7f\x01\x02\x03\x04\x05\x06\x07\x08"sv, 0x81, false, 0x102030405060708},
      {"\x81\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04"sv, 0x81, true, ~std::uint64_t{0}},
  };
  for (const auto& each : cases) {
    SCOPED_TRACE(each.length);
    auto got = net::read_frame_head(std::string{each.bytes} + "what follows");
    ASSERT_TRUE(got);
    EXPECT_EQ(got->first, each.first);
    EXPECT_EQ(got->masked, each.masked);
    EXPECT_EQ(got->length, each.length);
    EXPECT_EQ(got->head, each.bytes.size());
    for (std::size_t size = 0; size < each.bytes.size(); ++size) {
      EXPECT_FALSE(net::read_frame_head(each.bytes.substr(0, size))) << size;
    }
  }
}

TEST(websocket_frame, a_whole_message_is_text_or_binary_without_extension) {
  for (unsigned first = 0; first < 256; ++first) {
    net::client_frame frame{.first = static_cast<std::uint8_t>(first)};
    EXPECT_EQ(frame.is_whole_message(), first == 0x81 || first == 0x82) << first;
  }
  EXPECT_TRUE(net::client_frame{.first = 0x82}.is_binary());
  EXPECT_FALSE(net::client_frame{.first = 0x81}.is_binary());
}

TEST(websocket_frame, is_well_formed_when_it_is_masked_and_its_length_in_the_shortest_form) {
  struct {
    std::string_view head;
    bool good;
  } cases[] = {
      {"\x81\x80"sv, true},
      {"\x81\xfd"sv, true},
      {"\x81\xfe\0\x7e"sv, true},
      {"\x81\xfe\0\x7d"sv, false},
      {"\x81\xfe\xff\xff"sv, true},
      {"\x81\xff\0\0\0\0\0\1\0\0"sv, true},
      {"\x81\xff\0\0\0\0\0\0\xff\xff"sv, false},
      {"\x81\xff\0\0\0\0\0\0\0\1"sv, false},
  };
  for (const auto& each : cases) {
    auto frame = net::read_frame_head(std::string{each.head} + "mask");
    ASSERT_TRUE(frame);
    EXPECT_EQ(frame->is_well_formed(), each.good) << testing::PrintToString(each.head);
  }
  EXPECT_FALSE(net::read_frame_head("\x81\x01")->is_well_formed()) << "not masked";
}

TEST(websocket_frame, a_mask_is_taken_off_byte_by_byte_whatever_the_length_and_place) {
  constexpr std::string_view key = "\x37\xfa\x21\x3d"; // with "Hello", RFC 6455's own example (5.7)
  auto head = net::read_frame_head("\x81\x85" + std::string{key});
  ASSERT_TRUE(head);
  std::string hello = "\x7f\x9f\x4d\x51\x58";
  net::unmask(hello, head->key);
  EXPECT_EQ(hello, "Hello");
  for (std::size_t place = 0; place < 8; ++place) {
    for (std::size_t length = 0; length < 40; ++length) {
      std::string bytes(place + length + 8, 'x'), expected = bytes;
      for (std::size_t i = 0; i < length; ++i) expected[place + i] = static_cast<char>('x' ^ key[i % key.size()]);
      net::unmask(std::span{bytes}.subspan(place, length), head->key);
      EXPECT_EQ(bytes, expected) << place << ' ' << length;
    }
  }
}

} // namespace
