#pragma once
// One connection to PostgreSQL, opened by libpq under a clock of ours and shared with libpqxx. The only file that knows
// which libpqxx this is: 6.4 (Debian 12) or 7.10 (Debian 13).

#include "store/call_clock.hpp"
#include "store/copy_wire.hpp"
#include "store/data_point_store.hpp"
#include "store/open_store.hpp"
#include "store/postgres_encoding.hpp"
#include "store/stepwise_insert.hpp"

#include <libpq-fe.h>
#include <pqxx/pqxx>

#include <memory>
#include <optional>
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

/// Used by one thread at a time. After an error it is good for nothing but its end.
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
    start_clock(doing);
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

  /// Asks for COPYs, if it speaks plainly. Why they may not count as done, as doubt() has it.
  [[nodiscard]] std::optional<store_error> copy(copy_request& request);

  /// The same for one COPY of a prepared statement, whatever is on the wire.
  [[nodiscard]] std::optional<store_error> copy(const char* statement, std::string_view file);

  /// Why the last prepare or execute may not count as done, or nothing when it certainly is: the server said so, its
  /// transaction is over, and it warned of nothing (a cancelled wait for a standby ends in a WARNING and success).
  [[nodiscard]] std::optional<store_error> doubt(const PGresult* answer);

  // The same without waiting, and without timed(): begin one, call proceed() whenever the socket is ready for what it
  // says until it says nothing, then ask what became of it. Parameters and request must stay until then.

  /// May a COPY be done so? Not where more than the protocol is on the wire: TLS, GSSAPI.
  [[nodiscard]] bool speaks_plainly() const;
  [[nodiscard]] int socket() const { return watched_; }
  void begin_execute(const char* doing, const char* statement, const binary_parameters& parameters);
  void begin_copy(const char* doing, copy_request& request); // if it speaks plainly
  [[nodiscard]] std::optional<socket_event> proceed();
  [[nodiscard]] pg_result take_answer() { return std::move(answer_); } // to an execute
  [[nodiscard]] std::optional<store_error> doubt_of_copy();

private:
  /// COPYs under way.
  struct copy_under_way {
    std::string_view unsent;
    copy_reply reply;
    bool broken = false;
  };

  postgres_connection(pg_connection opened, std::chrono::milliseconds patience);
  void start_clock(const char* doing);
  void start_copy(copy_request& request);
  [[nodiscard]] std::optional<socket_event> go_on_executing();
  [[nodiscard]] std::optional<socket_event> go_on_copying();
  [[nodiscard]] bool send_some_of_copy(); // false: the socket takes no more now
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
  std::optional<copy_under_way> copy_; // or the last
  bool executing_ = false;             // a begun execute
  pg_result answer_;                   // its last result
  std::string warning_;                // the first since the last question
  call_clock clock_;                   // last: its thread ends before the socket does
};

} // namespace goloca::store
