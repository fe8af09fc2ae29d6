#include "net/link/membership.hpp"

#include "net/link/link_address.hpp"

#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <utility>

namespace goloca::net::link {

namespace {

using resolver = asio::ip::basic_resolver<asio::ip::tcp, executor>;

} // namespace

name_lookup look_up_on(const executor& on) {
  return [asks = std::make_shared<resolver>(on)](const std::string& host, std::function<void(name_found)> then) {
    asks->async_resolve(host, "", [asks, then](const error_code& ec, const resolver::results_type& results) {
      name_found found;
      for (const auto& each : results) found.addresses.push_back(each.endpoint().address());
      if (found.addresses.empty()) found.fault = ec ? ec.message() : "it has no address";
      then(std::move(found));
    });
  };
}

membership::membership(const executor& on, membership_settings with) : on_{on}, with_{std::move(with)}, next_{on} {
  if (!with_.look_up) with_.look_up = look_up_on(on);
  for (const auto& each : with_.names) members_.push_back({each});
}

void membership::start() {
  asio::post(on_, [self = shared_from_this()] { self->look(); });
}

void membership::stop() {
  asio::post(on_, [self = shared_from_this()] {
    self->stopped_ = true;
    self->next_.cancel();
  });
}

void membership::look() {
  if (stopped_) return;
  for (auto& each : members_) {
    if (std::exchange(each.asking, true)) continue; // the last answer has not come yet
    error_code is_name;
    auto numeric = asio::ip::make_address(each.name.host, is_name);
    if (!is_name)
      learn(each, {{numeric}, {}});
    else
      with_.look_up(each.name.host,
                    [self = shared_from_this(), &each](name_found found) { self->learn(each, std::move(found)); });
  }
  next_.expires_after(with_.period);
  next_.async_wait([self = shared_from_this()](const error_code&) { self->look(); });
}

void membership::learn(member& of, name_found found) {
  of.asking = false;
  if (stopped_) return;
  auto before = std::exchange(of.fault, found.fault);
  if (!of.fault.empty()) {
    if (before != of.fault) {
      with_.log_warning("cannot resolve " + of.name.host + ": " + of.fault +
                        (of.addresses.empty() ? "" : "; its last addresses stay") + "; trying again");
    }
    return;
  }
  of.addresses.clear();
  for (const auto& each : found.addresses) of.addresses.push_back(text_of({each, of.name.port}));
  tell();
}

void membership::tell() {
  std::vector<std::string> all;
  for (const auto& each : members_) all.insert(all.end(), each.addresses.begin(), each.addresses.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  if (all == told_) return;
  told_ = all;
  with_.changed(std::move(all));
}

} // namespace goloca::net::link
