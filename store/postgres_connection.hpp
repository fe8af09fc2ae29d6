#pragma once
// One connection to PostgreSQL, opened by libpq under a clock of ours and shared with libpqxx. The only file that knows
// which libpqxx this is: 6.4 (Debian 12) or 7.10 (Debian 13).

#include "store/call_clock.hpp"
#include "store/data_point_store.hpp"
#include "store/open_store.hpp"
#include "store/postgres_encoding.hpp"

#include <libpq-fe.h>
#include <pqxx/pqxx>

#include <memory>
#include <string>
#include <string_view>

namespace goloca::store {

#if PQXX_VERSION_MAJOR >= 7
using pqxx_session = pqxx::connection;
#else
using pqxx_session = pqxx::connection_base;
#endif

struct finish_connection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using pg_connection = std::unique_ptr<PGconn, finish_connection>;

/// Used by one thread. After an error it is good for nothing but its end.
class postgres_connection {
public:
  /// Tries each host in turn, all together within settings.connect_timeout (but for the resolver, which libpq calls
  /// blocking), and sets up the session.
  /// \error unavailable  none could be reached, or none let us in
  static result<std::unique_ptr<postgres_connection>> open(const store_settings& settings);

  ~postgres_connection();
  postgres_connection(const postgres_connection&) = delete;
  postgres_connection& operator=(const postgres_connection&) = delete;

  /// How long a call may take.
  [[nodiscard]] std::chrono::milliseconds patience() const { return patience_; }

  /// The same connection for libpqxx: settings, catalogue, DDL.
  [[nodiscard]] pqxx_session& session() { return *session_; }

  /// Runs `what`, which returns a result<T>, under the clock of a call. Every exception becomes a store_error here.
  /// \param doing  for the message: "reading the table's columns"
  template <class Call>
  auto timed(const char* doing, Call what) -> decltype(what()) {
    doing_ = doing;
    clock_.arm(watched_, call_clock::time_point::clock::now() + patience_);
    struct disarm_at_the_end {
      call_clock& clock;
      ~disarm_at_the_end() { clock.disarm(); }
    } end{clock_};
    try {
      return what();
    } catch (...) { // not swallowed: it becomes a value
      return error_of_current_exception();
    }
  }

  // For the batch and for what is asked again and again, within timed(). libpqxx 6.4 loses a result's memory whenever a
  // connection breaks under a question of its, so it only gets those of the start.

  /// Asks without parameters, binary results: cast to text what shall be read as text.
  [[nodiscard]] pg_result ask(const std::string& sql);

  [[nodiscard]] pg_result prepare(const char* statement, const std::string& sql);

  /// Runs a prepared statement with binary parameters and results.
  [[nodiscard]] pg_result execute(const char* statement, const binary_parameters& parameters);

  /// Runs a prepared COPY … FROM STDIN, which reads `file`.
  [[nodiscard]] pg_result copy(const char* statement, std::string_view file);

  /// Why the last prepare, execute or copy may not count as done, or nothing when it certainly is: the server said so,
  /// its transaction is over, and it warned of nothing (a cancelled wait for a standby ends in a WARNING and success).
  [[nodiscard]] std::optional<store_error> doubt(const PGresult* answer);

private:
  postgres_connection(pg_connection opened, std::chrono::milliseconds patience);
  bool send_ahead(std::string_view file);
  bool send_all(std::string_view bytes, int flags);
  static void take_notice(void* self, const PGresult* notice);
  result<bool> set_up();
  store_error error_of_current_exception();
  [[nodiscard]] store_error error(std::string sqlstate, const std::string& why);

  std::chrono::milliseconds patience_;
  pg_connection raw_;
  std::shared_ptr<pqxx_session>
      session_; // borrows raw_; shared_ptr, for it deletes what libpqxx gave no virtual destructor
  int watched_; // a duplicate of raw_'s socket: libpq may close its own at any time, and the number be used again
  const char* doing_ = "";
  std::string warning_; // the first since the last question
  call_clock clock_;    // last: its thread ends before the socket does
};

} // namespace goloca::store
