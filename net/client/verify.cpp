#include "net/client/verify.hpp"

#include "net/client/url.hpp"
#include "net/client/verify/service_rows.hpp"
#include "net/client/verify/store_rows.hpp"
#include "net/client/verify/verdict.hpp"

#include <ostream>
#include <variant>
#include <vector>

namespace goloca::net {

namespace {

/// Each once, and only those that can be asked for.
std::vector<std::int64_t> ids_of(const client::ledger_book& book) {
  std::vector<std::int64_t> ids;
  for (const auto& [point, entry] : book.points()) {
    if (point.id != 0 && (ids.empty() || ids.back() != point.id)) ids.push_back(point.id);
  }
  return ids;
}

std::variant<client::found_rows, std::string> look(const verify_options& options, const client::url& service,
                                                   const client::ledger_book& book) {
  if (options.all) return client::all_rows_of_store(options.store, options.schema);
  if (options.from.empty()) return client::rows_of_store(options.store, ids_of(book), options.schema);
  return client::rows_of_service(service, ids_of(book), options.schema, options.patience);
}

} // namespace

int run_verify(const verify_options& options, std::ostream& out, std::ostream& err) {
  auto complain = [&err](const std::string& what, int code) {
    err << "goloca verify: " << what << std::endl;
    return code;
  };
  client::url service;
  if (!options.from.empty()) {
    if (options.all) return complain("--all reads the store itself: it goes without --from", verify_usage);
    auto read = client::read_url(options.from);
    if (auto* fault = std::get_if<std::string>(&read)) return complain(*fault, verify_usage);
    service = std::get<client::url>(std::move(read));
  }
  auto ledger = client::read_ledger(options.ledger, *options.schema);
  if (auto* fault = std::get_if<std::string>(&ledger)) return complain(*fault, verify_usage);
  const auto& book = std::get<client::ledger_contents>(ledger).book;
  auto found = look(options, service, book);
  if (auto* fault = std::get_if<std::string>(&found)) return complain(*fault, verify_no_answer);
  auto verdict = client::judge(book, std::get<client::found_rows>(found), options.all);
  out << (options.json ? to_json(verdict) : to_text(verdict)) << std::flush;
  return verdict.kept_promise() ? verify_kept : verify_broken;
}

} // namespace goloca::net
