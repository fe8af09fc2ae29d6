#include "net/client/drill/local_call.hpp"

#include "net/client/load/dial.hpp"
#include "net/client/load/server_response.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <random>
#include <variant>

namespace goloca::net::drill {

std::optional<local_reply> call(std::uint16_t port, const std::string& method, const std::string& path,
                                const std::string& body, milliseconds patience) {
  return call(client::url{"127.0.0.1", std::to_string(port), {}}, method, path, body, patience);
}

std::optional<local_reply> call(const client::url& to, const std::string& method, const std::string& path,
                                const std::string& body, milliseconds patience) {
  auto until = clock::now() + patience;
  auto dialed = load::dialer{to, patience}.dial(*load::speak_http(to, false));
  auto* line = std::get_if<load::line>(&dialed);
  if (line == nullptr) return std::nullopt;
  auto request =
      method + ' ' + path + " HTTP/1.1\r\nHost: " + to.authority() +
      "\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
      "\r\n\r\n" + body;
  auto socket = line->socket.get(); // a new connection's send buffer takes a short request whole
  if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    return std::nullopt;
  std::string heard;
  std::array<char, 4096> bytes;
  while (clock::now() < until) {
    pollfd watched{socket, POLLIN, 0};
    if (::poll(&watched, 1, 10) <= 0) continue;
    auto got = ::recv(socket, bytes.data(), bytes.size(), 0);
    if (got <= 0) return std::nullopt;
    heard.append(bytes.data(), static_cast<std::size_t>(got));
    auto response = load::read_server_response(heard);
    if (response.is == load::server_response::state::whole)
      return local_reply{response.status, std::string{response.body}};
    if (response.is == load::server_response::state::wrong) return std::nullopt;
  }
  return std::nullopt;
}

std::uint16_t free_port() {
  thread_local std::mt19937 chance{std::random_device{}()};
  for (int attempt = 0; attempt < 100; ++attempt) {
    auto port =
        static_cast<std::uint16_t>(std::uniform_int_distribution{18'000, 32'000}(chance)); // Linux gives 32768 on
    load::descriptor socket{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(socket.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return port;
  }
  throw drill_failure{"no free port"};
}

} // namespace goloca::net::drill
