#include "net/client/message.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/http/error.hpp>

namespace goloca::net::client {

std::string to_array(const batch& points) {
  std::size_t bytes = 2;
  for (const auto& one : points) bytes += one.point.text.size() + 1;
  std::string array;
  array.reserve(bytes);
  for (const auto& one : points) {
    array += array.empty() ? '[' : ',';
    array += one.point.text;
  }
  return array += ']';
}

std::vector<std::string_view> ids_of(const batch& points) {
  std::vector<std::string_view> ids;
  ids.reserve(points.size());
  for (const auto& one : points) ids.emplace_back(one.point.id);
  return ids;
}

std::string trouble_of(boost::system::error_code what, const url& with) {
  auto where = with.host + ':' + with.port;
  if (what == boost::asio::error::connection_refused) return "nothing listens at " + where;
  if (what == boost::beast::error::timeout) return where + std::string{no_answer_in_time};
  if (what == boost::asio::error::eof || what == boost::asio::error::connection_reset ||
      what == boost::beast::http::error::end_of_stream || what == boost::beast::http::error::partial_message) {
    return where + " closed the connection";
  }
  return where + ": " + what.message();
}

} // namespace goloca::net::client
