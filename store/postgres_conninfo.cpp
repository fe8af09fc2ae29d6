#include "store/postgres_conninfo.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>
#include <string_view>
#include <utility>

namespace goloca::store {

namespace {

struct free_options {
  void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};
using options_ptr = std::unique_ptr<PQconninfoOption, free_options>;

/// The setting that a keyword came by, for messages.
std::string setting_of(const std::string& keyword) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> names{{{"host", "DATABASE_HOST"},
                                                                                {"port", "DATABASE_PORT"},
                                                                                {"user", "POSTGRES_USER"},
                                                                                {"password", "POSTGRES_PASSWORD"},
                                                                                {"dbname", "POSTGRES_DB"}}};
  const auto* found = std::ranges::find(names, keyword, &std::pair<std::string_view, std::string_view>::first);
  return found == names.end() ? keyword : std::string{found->second};
}

bool known_keyword(const std::string& keyword) {
  options_ptr all{PQconndefaults()};
  for (const auto* each = all.get(); each != nullptr && each->keyword != nullptr; ++each) {
    if (keyword == each->keyword) return true;
  }
  return false;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> parts(1);
  for (char c : list) {
    if (c == ',') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

bool is_port(const std::string& text) {
  unsigned port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return text.empty() || (error == std::errc{} && end == text.data() + text.size() && port >= 1 && port <= 65535);
}

/// libpq's complaint quotes what it could not read, which may be a piece of a password. Its option's name is repeated
/// only where no secret can stand: before the credentials of a key=value string, after those of a URI.
std::string url_fault(const std::string& url, const std::string& complaint) {
  auto quoted = complaint.find('"');
  auto end = complaint.find('"', quoted == std::string::npos ? quoted : quoted + 1);
  std::string option = end == std::string::npos ? "" : complaint.substr(quoted + 1, end - quoted - 1);
  bool unknown_option = complaint.find("invalid connection option") != std::string::npos ||
                        complaint.find("invalid URI query parameter") != std::string::npos;
  auto at = option.empty() ? std::string::npos : url.find(option);
  bool uri = url.find("://") != std::string::npos;
  bool safe = uri ? url.find('@') < url.find('?') && url.rfind('@') == url.find('@') && at > url.find('?')
                  : at < url.find("pass");
  if (unknown_option && safe) return "DATABASE_URL: libpq has no option \"" + option + '"';
  if (unknown_option) return "DATABASE_URL: it names an option that libpq does not have";
  return "DATABASE_URL: not a libpq URI (postgresql://user:password@host:5432/database) nor a key=value string; a "
         "special "
         "character in a URI's password is written %XX";
}

std::variant<conninfo, std::string> read_url(const std::string& url) {
  char* complaint = nullptr;
  options_ptr parsed{PQconninfoParse(url.c_str(), &complaint)};
  std::unique_ptr<char, decltype(&PQfreemem)> owned{complaint, &PQfreemem};
  if (!parsed) return url_fault(url, complaint == nullptr ? "" : complaint);
  conninfo given;
  for (const auto* each = parsed.get(); each->keyword != nullptr; ++each) {
    if (each->val != nullptr) given[each->keyword] = each->val;
  }
  return given;
}

/// What libpq itself would use for a keyword that was not given: PGHOST and its like, a service file.
std::string value_of(const conninfo& given, const std::string& keyword) {
  if (auto found = given.find(keyword); found != given.end()) return found->second;
  if (given.contains("service")) return {}; // only libpq's connect reads that service
  options_ptr defaults{PQconndefaults()};
  for (const auto* each = defaults.get(); each != nullptr && each->keyword != nullptr; ++each) {
    if (keyword == each->keyword && each->val != nullptr) return each->val;
  }
  return {};
}

std::optional<std::string> wrong_value(const conninfo& given, bool by_url) {
  auto name = [by_url](const char* keyword) { return by_url ? std::string{"DATABASE_URL"} : setting_of(keyword); };
  auto port = given.find("port");
  if (port == given.end()) return std::nullopt;
  for (const auto& each : split(port->second)) {
    if (!is_port(each)) return name("port") + ": port is not a number from 1 to 65535";
  }
  auto hosts = split(value_of(given, given.contains("hostaddr") ? "hostaddr" : "host")).size();
  auto ports = split(port->second).size();
  if (ports != 1 && ports != hosts) {
    return name("port") + ": " + std::to_string(ports) + " ports for " + std::to_string(hosts) + " hosts";
  }
  return std::nullopt;
}

std::string nth(const std::string& list, std::size_t index) {
  auto parts = split(list);
  return parts.size() == 1 ? parts[0] : index < parts.size() ? parts[index] : "";
}

/// tcp_user_timeout and keepalives besides our own clock: they also end what waits in the kernel of a server that
/// vanished.
void add_own_options(conninfo& to, const store_settings& settings) {
  auto milliseconds = std::to_string(settings.statement_timeout.count());
  to.emplace("application_name", "goloca");
  to.emplace("tcp_user_timeout", milliseconds);
  to.emplace("keepalives_idle", "10");
  to.emplace("keepalives_interval", "3");
  to.emplace("keepalives_count", "3");
  to["client_encoding"] = "UTF8"; // rows hold UTF-8, whatever the user's other clients speak
}

} // namespace

std::variant<conninfo, std::string> read_conninfo(const store_settings& settings) {
  bool by_url = !settings.database_url.empty();
  conninfo given;
  if (by_url) {
    auto parsed = read_url(settings.database_url);
    if (std::holds_alternative<std::string>(parsed)) return parsed;
    given = std::get<conninfo>(std::move(parsed));
  } else {
    for (const auto& [keyword, value] : settings.postgres) {
      if (!known_keyword(keyword)) return "libpq has no option \"" + keyword + '"';
      given[keyword] = value;
    }
  }
  if (auto wrong = wrong_value(given, by_url)) return *wrong;
  return given;
}

bool names_several_hosts(const conninfo& given) {
  return std::max(split(value_of(given, "host")).size(), split(value_of(given, "hostaddr")).size()) > 1;
}

std::vector<conninfo> attempts(const conninfo& given, const store_settings& settings) {
  auto host = value_of(given, "host");
  auto address = value_of(given, "hostaddr");
  auto port = value_of(given, "port");
  auto count = std::max(split(host).size(), split(address).size());
  std::vector<conninfo> all;
  for (std::size_t i = 0; i < count; ++i) {
    auto one = given;
    if (count > 1) {
      if (!host.empty()) one["host"] = nth(host, i);
      if (!address.empty()) one["hostaddr"] = nth(address, i);
      if (!port.empty()) one["port"] = nth(port, i);
      one.emplace("target_session_attrs", "read-write");
    }
    add_own_options(one, settings);
    all.push_back(std::move(one));
  }
  return all;
}

std::string describe_target(const conninfo& given) {
  auto host = value_of(given, "host");
  if (host.empty()) host = value_of(given, "hostaddr");
  auto port = value_of(given, "port");
  auto database = value_of(given, "dbname");
  std::string target;
  auto hosts = split(host);
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    bool local = hosts[i].empty() || hosts[i].starts_with('/');
    target += (i == 0 ? "" : ",") + (local ? "[local]" : hosts[i]) + ':' + nth(port, i);
  }
  return target + '/' + (database.empty() ? value_of(given, "user") : database);
}

} // namespace goloca::store
