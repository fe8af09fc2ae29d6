#include "net/framed_stream.hpp"

#include <algorithm>
#include <limits>

namespace goloca::net {

framed_stream::incoming framed_stream::next() {
  auto bytes = waiting();
  auto frame = read_frame_head({bytes.data(), bytes.size()});
  if (!frame) return incoming::unknown;
  auto in_one = frame->is_whole_message() && frame->is_well_formed() && frame->length <= longest_message_;
  return in_one && frame->length <= bytes.size() - frame->head ? incoming::message : incoming::other;
}

framed_stream::message framed_stream::take_message() {
  auto bytes = waiting();
  auto frame = *read_frame_head({bytes.data(), bytes.size()});
  auto payload = bytes.subspan(frame.head, static_cast<std::size_t>(frame.length));
  unmask(payload, frame.key);
  take(frame.head + payload.size());
  return {{payload.data(), payload.size()}, frame.is_binary()};
}

void framed_stream::begin_frame() {
  auto bytes = waiting();
  auto frame = read_frame_head({bytes.data(), bytes.size()});
  if (frame) left_ = frame->head + std::min(frame->length, std::numeric_limits<std::uint64_t>::max() - frame->head);
}

} // namespace goloca::net
