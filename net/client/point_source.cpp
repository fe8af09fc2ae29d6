#include "net/client/point_source.hpp"

#include "net/client/byte_reader.hpp"
#include "net/client/csv_source.hpp"
#include "net/client/json_source.hpp"

namespace goloca::net::client {

std::variant<std::unique_ptr<point_source>, std::string>
open_source(std::istream& from, std::shared_ptr<const store::schema> of, store::point_id_source& ids) {
  byte_reader bytes{from};
  bytes.skip_byte_order_mark();
  bytes.skip_blank();
  switch (bytes.peek()) {
  case byte_reader::end:
    return "the input is empty";
  case '[':
    return std::make_unique<json_source>(bytes, json_source::layout::array, *of, ids);
  case '{':
    return std::make_unique<json_source>(bytes, json_source::layout::lines, *of, ids);
  default:
    return open_csv(bytes, std::move(of), ids);
  }
}

} // namespace goloca::net::client
