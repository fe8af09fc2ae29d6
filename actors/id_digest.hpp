#pragma once
// What a link's result must repeat of its batch, so that it cannot be taken for the answer to another.

#include "store/row.hpp"

#include <cstdint>
#include <vector>

namespace goloca::actors {

/// A digest of the ids, in order, however they are cut into ranges. Part of wire version 1: it never changes. Each id
/// is mixed in by the finaliser of splitmix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators",
/// 2014).
[[nodiscard]] inline std::uint64_t digest_of_ids(const std::vector<store::row_range>& rows) {
  std::uint64_t digest = 0x9e3779b97f4a7c15U;
  for (const auto& range : rows) {
    for (std::uint32_t i = 0; i < range.count; ++i) {
      digest += 0x9e3779b97f4a7c15U;
      digest ^= static_cast<std::uint64_t>(range[i].id());
      digest = (digest ^ (digest >> 30)) * 0xbf58476d1ce4e5b9U;
      digest = (digest ^ (digest >> 27)) * 0x94d049bb133111ebU;
      digest ^= digest >> 31;
    }
  }
  return digest;
}

} // namespace goloca::actors
