#include "net/client/drill/fault.hpp"

#include <iterator>

namespace goloca::net::drill {

std::vector<fault> all_faults() {
  std::vector<fault> all;
  for (auto* some : {faults_of_postgres, faults_of_the_way, faults_of_sqlite, faults_of_the_process, faults_of_clients,
                     named_faults}) {
    auto more = some();
    all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
  }
  return all;
}

std::string to_string(store_kind one) {
  return one == store_kind::sqlite ? "sqlite" : "postgres";
}

std::string to_string(transport one) {
  return one == transport::http ? "http" : "websocket";
}

} // namespace goloca::net::drill
