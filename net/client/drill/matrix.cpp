#include "net/client/drill/matrix.hpp"

#include <utility>

namespace goloca::net::drill {

std::string name_of(const row& one) {
  return one.what->name + '/' + to_string(one.over) + '/' + to_string(one.on);
}

std::vector<row> whole_matrix(const std::vector<fault>& from) {
  std::vector<row> all;
  for (const auto& each : from)
    for (auto on : each.stores)
      for (auto over : each.transports) all.push_back({&each, over, on});
  return all;
}

std::vector<row> quick_matrix(const std::vector<fault>& from) {
  std::vector<row> some;
  for (std::size_t i = 0; i < from.size(); ++i) {
    const auto& each = from[i];
    some.push_back({&each, each.transports[i % each.transports.size()], each.stores[i / 2 % each.stores.size()]});
  }
  return some;
}

std::vector<row> matching(std::vector<row> all, const std::regex& wanted) {
  std::erase_if(all, [&](const row& one) { return !std::regex_search(name_of(one), wanted); });
  return all;
}

} // namespace goloca::net::drill
