#include "net/client/drill/load.hpp"

#include "net/client/ledger/ledger_source.hpp"

#include <functional>
#include <utility>
#include <variant>

namespace goloca::net::drill {

namespace {

std::unique_ptr<client::ledger_file> open_ledger(const std::filesystem::path& path) {
  auto opened = client::ledger_file::open(path, *store::rides_schema(), false);
  if (auto* fault = std::get_if<std::string>(&opened)) throw drill_failure{*fault};
  return std::move(std::get<client::ledger_file::opened>(opened).file);
}

send_options options_of_sending(const load_options& from) {
  send_options made;
  made.websocket = from.websocket;
  made.window = 8'000; // never full: the schedule goes on while nothing is answered
  made.batch = 20;
  made.schema = store::rides_schema();
  made.give_up_after = std::chrono::minutes{5}; // the drill is who gives up
  made.connect_timeout = milliseconds{1'000};
  made.reply_timeout = from.patience;
  return made;
}

} // namespace

load_of_a_run::load_of_a_run(const load_options& options, chronicle& to)
    : errands_{std::make_shared<errands>(options.first_id, options.rate,
                                         static_cast<unsigned>(std::hash<std::string>{}(options.name)))},
      ledger_{open_ledger(options.ledger)}, witness_{std::make_unique<listening_witness>(*ledger_, *errands_, to)},
      lone_{options.to, options.websocket, options.name, options.patience, to} {
  auto source = std::make_unique<client::ledger_source>(std::make_unique<errand_source>(errands_),
                                                        store::rides_schema(), std::make_shared<client::ledger_book>(),
                                                        std::make_shared<std::atomic<std::uint64_t>>(0));
  sending_ = std::make_unique<client::sending>(
      options_of_sending(options),
      client::sending::parts{options.to, std::move(source), 0, refused_, ledger_.get(), said_, witness_.get()});
  thread_ = std::thread{[this] {
    try {
      sending_->run();
    } catch (...) { // thrown on by end()
      broken_ = std::current_exception();
    }
    over_ = true;
  }};
}

load_of_a_run::~load_of_a_run() {
  errands_->stop();
  sending_->end("the run is over");
  join();
}

void load_of_a_run::dry_up() {
  errands_->stop();
  lone_.stop();
}

std::string load_of_a_run::end() {
  if (!over_) sending_->end("the run is over");
  join();
  if (broken_) std::rethrow_exception(broken_);
  if (!ledger_->fault().empty()) throw drill_failure{ledger_->fault()};
  if (sending_->gave_up().empty()) return {};
  auto end = sending_->now();
  return std::to_string(end.counts.read - end.counts.final()) + " points have no final answer" +
         (end.trouble.empty() ? "" : ": " + end.trouble);
}

void load_of_a_run::join() {
  if (thread_.joinable()) thread_.join();
}

} // namespace goloca::net::drill
