#include "store/point_id.hpp"

#include <algorithm>

namespace goloca::store {

namespace {

constexpr std::chrono::sys_days epoch{std::chrono::year{2020} / 1 / 1};

} // namespace

std::int64_t point_id_source::next(std::chrono::system_clock::time_point now) {
  auto since = std::chrono::duration_cast<std::chrono::milliseconds>(now - epoch).count();
  auto earliest = static_cast<std::uint64_t>(std::max<std::int64_t>(since, 1)) << 10;
  auto last = last_.load(std::memory_order_relaxed);
  std::uint64_t mine = 0;
  do {
    mine = std::max(earliest, last + 1);
  } while (!last_.compare_exchange_weak(last, mine, std::memory_order_relaxed));
  return static_cast<std::int64_t>((mine >> 10 & 0x1ffffffffff) << 22 | boot_ << 10 | (mine & 0x3ff));
}

} // namespace goloca::store
