#pragma once
// The load of one run: `goloca send` itself with a ledger, fed on a schedule, and a lone sender beside it.

#include "net/client/drill/errands.hpp"
#include "net/client/drill/listening_witness.hpp"
#include "net/client/drill/lone_sender.hpp"
#include "net/client/drill/service.hpp"
#include "net/client/ledger/ledger_file.hpp"
#include "net/client/rejects.hpp"
#include "net/client/sending.hpp"

#include <exception>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <thread>

namespace goloca::net::drill {

struct load_options {
  client::url to;
  bool websocket = false;
  double rate = 500; // points/s, without the lone ones
  std::int64_t first_id = 1;
  std::filesystem::path ledger;
  std::string name;
  milliseconds patience = answer_patience; // who does not answer for longer breaks its promise
};

class load_of_a_run {
public:
  /// Starts at once. \throw drill_failure  the ledger cannot be written
  load_of_a_run(const load_options& options, chronicle& to);

  /// Ends in a moment, whatever is still unanswered.
  ~load_of_a_run();

  void dry_up();                                    // no more points come
  [[nodiscard]] bool over() const { return over_; } // each point has its end

  /// Ends it. \return why some points have no end, nothing when all have. \throw drill_failure  the ledger failed
  std::string end();

  [[nodiscard]] const lone_sender& lone() const { return lone_; }

private:
  void join();

  std::shared_ptr<errands> errands_;
  std::unique_ptr<client::ledger_file> ledger_;
  std::unique_ptr<listening_witness> witness_;
  client::rejects refused_{""};
  std::ostringstream said_;
  std::unique_ptr<client::sending> sending_;
  std::exception_ptr broken_;
  std::atomic<bool> over_{false};
  lone_sender lone_;
  std::thread thread_; // last: it uses all of these
};

} // namespace goloca::net::drill
