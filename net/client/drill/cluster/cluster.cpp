#include "net/client/drill/cluster/cluster.hpp"

#include "net/client/drill/child.hpp"
#include "net/client/drill/local_call.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

namespace goloca::net::drill {

namespace {

constexpr milliseconds script_patience{60'000};
constexpr milliseconds leader_patience{40'000};
constexpr milliseconds start_patience{30'000};

std::string contents(const std::filesystem::path& file) {
  std::ifstream text{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{text}, {}};
}

} // namespace

cluster::cluster(std::string script) : script_{std::filesystem::absolute(script).string()} {
  std::istringstream lines{tell({"layout"})};
  for (std::string name, value; lines >> name >> value;) {
    if (name == "folder")
      folder_ = value;
    else if (name == "host")
      host_ = value;
    else if (name == "older")
      has_older_ = true;
    else if (name == "database")
      database_ = value;
    else
      addresses_[name] = value;
  }
  if (nodes("edge").empty()) throw drill_failure{script_ + ": no cluster is up"};
}

std::string cluster::tell(const words& what) const {
  workplace own;
  auto said = own.path() / "said";
  auto code = run_to_end(script_, {.arguments = what, .folder = own.path(), .log = said}, script_patience);
  if (code == 0) return contents(said);
  std::string asked;
  for (const auto& word : what) asked += ' ' + word;
  throw drill_failure{script_ + asked + ": " + contents(said)};
}

std::vector<std::string> cluster::nodes(const std::string& kind) const {
  std::vector<std::string> some;
  for (const auto& [node, address] : addresses_)
    if (node.starts_with(kind + '-')) some.push_back(node);
  return some;
}

std::vector<std::string> cluster::nodes() const {
  auto all = nodes("writer");
  std::ranges::copy(nodes("edge"), std::back_inserter(all));
  return all;
}

const std::string& cluster::address_of(const std::string& node) const {
  auto found = addresses_.find(node);
  if (found == addresses_.end()) throw not_possible{"the cluster has no " + node};
  return found->second;
}

client::url cluster::door(const std::string& edge) const {
  return {address_of(edge), "8080", {}};
}

client::url cluster::admin(const std::string& node) const {
  return {address_of(node), "9180", {}};
}

std::string cluster::leader() const {
  std::string found;
  auto there_is_one = [&] {
    try {
      found = tell({"leader"});
      return true;
    } catch (const drill_failure&) { // none, at the moment
      return false;
    }
  };
  if (!wait_until(leader_patience, there_is_one)) throw drill_failure{"no database takes writes"};
  return found.substr(0, found.find('\n'));
}

bool cluster::ready(const std::string& node) const {
  auto said = call(admin(node), "GET", "/readyz");
  return said && said->status == 200;
}

bool cluster::linked(const std::string& edge) const {
  auto said = call(admin(edge), "GET", "/cluster");
  if (!said) return false;
  auto page = nlohmann::json::parse(said->body, nullptr, false);
  if (!page.is_object() || !page.contains("writers")) return false;
  return std::ranges::all_of(page["writers"], [](const auto& each) { return each.value("state", "") == "connected"; });
}

bool cluster::databases_are_whole() const {
  try {
    tell({"whole"});
    return true;
  } catch (const drill_failure&) { // not at the moment
    return false;
  }
}

bool cluster::well() const {
  auto edges = nodes("edge");
  auto all = nodes();
  return std::ranges::all_of(all, [this](const auto& each) { return ready(each); }) &&
         std::ranges::all_of(edges, [this](const auto& each) { return linked(each); }) && databases_are_whole();
}

void cluster::restart(const std::string& node) const {
  tell({"stop", node});
  tell({"start", node}); // waits for its end
  if (!wait_until(start_patience, [&] { return ready(node); })) throw drill_failure{node + " does not come back"};
}

} // namespace goloca::net::drill
