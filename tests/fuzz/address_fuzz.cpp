// Addresses as people write them: the service's URL, the database's.

#include "net/client/url.hpp"
#include "store/postgres_conninfo.hpp"
#include "tests/fuzz/law.hpp"

#include <algorithm>
#include <chrono>

namespace {

using namespace goloca;
using fuzz::require;

constexpr std::string_view secret = "Xk9qZw7v"; // hidden in the address; no message may hold it

void check_service_url(std::string_view text) {
  auto read = net::client::read_url(text);
  if (auto* why = std::get_if<std::string>(&read)) return require(!why->empty(), "a refusal says why");
  const auto& made = std::get<net::client::url>(read);
  require(!made.host.empty() && !made.port.empty(), "an address has a host and a port", text);
  require(made.prefix.empty() || (made.prefix.front() == '/' && made.prefix.back() != '/'),
          "a prefix begins with a slash and ends without", made.prefix);
  auto again = net::client::read_url("http://" + made.authority() + made.prefix + "/ws");
  auto* same = std::get_if<net::client::url>(&again);
  require(same != nullptr && same->host == made.host && same->port == made.port && same->prefix == made.prefix,
          "an address that is written out is read as it was", made.authority() + made.prefix);
}

/// However many zeros it begins with: so does libpq read it.
bool is_port(const std::string& text) {
  return text.find_first_not_of("0123456789") == std::string::npos;
}

void check_database(const store::store_settings& settings, bool has_secret) {
  auto read = store::read_conninfo(settings);
  if (auto* why = std::get_if<std::string>(&read)) {
    require(!why->empty(), "a refusal says why");
    require(!has_secret || why->find(secret) == std::string::npos, "a refusal tells no password", *why);
    return;
  }
  const auto& given = std::get<store::conninfo>(read);
  auto target = store::describe_target(given);
  auto hidden = given.find("password");
  if (has_secret && hidden != given.end() && hidden->second.find(secret) != std::string::npos) {
    bool elsewhere = std::ranges::any_of(given, [](const auto& option) {
      return option.first != "password" && option.second.find(secret) != std::string::npos;
    });
    require(elsewhere || target.find(secret) == std::string::npos, "a target's description tells no password", target);
  }
  auto all = store::attempts(given, settings);
  require(!all.empty(), "there is a host to try");
  for (const auto& one : all) {
    require(one.at("client_encoding") == "UTF8", "rows are UTF-8");
    auto port = one.find("port");
    require(port == one.end() || is_port(port->second), "an attempt has one port", target);
    auto host = one.find("host");
    require(all.size() == 1 || host == one.end() || host->second.find(',') == std::string::npos,
            "an attempt has one host", target);
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  fuzz::choices from{data, size};
  auto choice = from.byte() % 4;
  std::string text{from.rest()};
  if (choice == 0) {
    check_service_url(text);
    return 0;
  }
  if (text.find('\0') != std::string::npos || text.empty()) return 0; // neither the environment nor argv can hold one
  store::store_settings settings;
  if (choice == 1) settings.database_url = text;
  if (choice == 2) settings.database_url = "postgresql://goloca:" + std::string{secret} + text;
  if (choice == 3) settings.database_url = "password=" + std::string{secret} + text;
  check_database(settings, choice != 1);
  return 0;
}
