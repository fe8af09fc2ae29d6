#include "net/client/url.hpp"

#include <algorithm>
#include <charconv>

namespace goloca::net::client {

std::string url::authority() const {
  auto name = host.find(':') == std::string::npos ? host : '[' + host + ']';
  return port == "80" ? name : name + ':' + port;
}

namespace {

bool valid_port(std::string_view text) {
  unsigned number = 0;
  auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  return fault == std::errc{} && end == text.data() + text.size() && number >= 1 && number <= 65'535;
}

bool printable(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
}

/// Takes host and port apart; false when it is neither "host", "host:port" nor "[v6]:port".
bool read_authority(std::string_view text, url& into) {
  auto bracket = text.starts_with('[') ? text.find(']') : 0;
  if (bracket == std::string_view::npos) return false;
  auto colon = text.find(':', bracket);
  into.host = bracket > 0 ? text.substr(1, bracket - 1) : text.substr(0, colon);
  if (bracket > 0 && colon != bracket + 1 && text.size() != bracket + 1) return false;
  into.port = colon == std::string_view::npos ? "80" : text.substr(colon + 1);
  return !into.host.empty() && valid_port(into.port);
}

} // namespace

std::variant<url, std::string> read_url(std::string_view text) {
  auto wrong = [&](const std::string& why) { return '"' + std::string{text} + "\": " + why; };
  auto rest = text;
  if (rest.starts_with("https://") || rest.starts_with("wss://")) {
    return wrong("TLS is not spoken here; send to http://, inside the network or through a proxy");
  }
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("ws://")) {
    rest.remove_prefix(5);
  } else {
    return wrong("a URL like http://localhost:8080 is wanted");
  }
  auto slash = std::min(rest.find('/'), rest.size());
  url made;
  if (!printable(rest) || rest.find_first_of("?#@") != std::string_view::npos) {
    return wrong("no blanks, user, query or fragment may be in the URL");
  }
  if (!read_authority(rest.substr(0, slash), made)) return wrong("a URL like http://localhost:8080 is wanted");
  auto drop_slashes = [&made] {
    while (made.prefix.ends_with('/')) made.prefix.pop_back();
  };
  made.prefix = rest.substr(slash);
  drop_slashes();
  for (std::string_view endpoint : {"/ws", "/datapoints", "/add_datapoint"}) {
    if (!made.prefix.ends_with(endpoint)) continue;
    made.prefix.resize(made.prefix.size() - endpoint.size());
    drop_slashes(); // of http://h//ws
    break;
  }
  return made;
}

} // namespace goloca::net::client
