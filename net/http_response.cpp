#include "net/http_response.hpp"

#include <array>
#include <charconv>
#include <ctime>

namespace goloca::net {

namespace {

struct phrase {
  unsigned code;
  std::string_view reason;
};

constexpr std::array phrases{
    phrase{200, "OK"},
    phrase{201, "Created"},
    phrase{202, "Accepted"},
    phrase{207, "Multi-Status"},
    phrase{400, "Bad Request"},
    phrase{404, "Not Found"},
    phrase{405, "Method Not Allowed"},
    phrase{408, "Request Timeout"},
    phrase{409, "Conflict"},
    phrase{413, "Content Too Large"},
    phrase{415, "Unsupported Media Type"},
    phrase{426, "Upgrade Required"},
    phrase{431, "Request Header Fields Too Large"},
    phrase{501, "Not Implemented"},
    phrase{503, "Service Unavailable"},
    phrase{504, "Gateway Timeout"},
};

void append_number(std::size_t number, std::string& out) {
  char digits[20];
  out.append(std::begin(digits), std::to_chars(std::begin(digits), std::end(digits), number).ptr);
}

/// "Date: Sun, 06 Nov 1994 08:49:37 GMT", made once a second and thread.
std::string_view date_line() {
  thread_local std::time_t made_for = 0;
  thread_local std::array<char, 64> line{};
  thread_local std::size_t length = 0;
  if (auto now = std::time(nullptr); now != made_for) {
    std::tm parts{};
    gmtime_r(&now, &parts);
    length = std::strftime(line.data(), line.size(), "Date: %a, %d %b %Y %H:%M:%S GMT\r\n", &parts);
    made_for = now;
  }
  return {line.data(), length};
}

} // namespace

std::string_view reason_phrase(unsigned code) {
  for (const auto& each : phrases) {
    if (each.code == code) return each.reason;
  }
  return "Unknown";
}

void append(const http_response& response, std::string& out) {
  out += "HTTP/1.1 ";
  append_number(response.code, out);
  out += ' ';
  out += reason_phrase(response.code);
  out += "\r\nServer: goloca\r\n";
  out += date_line();
  if (!response.body.empty()) {
    out += "Content-Type: ";
    out += response.content_type;
    out += "\r\n";
  }
  out += "Content-Length: ";
  append_number(response.body.size(), out);
  out += "\r\n";
  if (!response.keep_alive)
    out += "Connection: close\r\n";
  else if (response.http_1_0)
    out += "Connection: keep-alive\r\n";
  out += response.fields;
  out += "\r\n";
  if (!response.head_only) out += response.body;
}

} // namespace goloca::net
