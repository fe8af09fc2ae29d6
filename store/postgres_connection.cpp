#include "store/postgres_connection.hpp"

#include "store/postgres_conninfo.hpp"
#include "store/sql_text.hpp"
#include "store/sqlstate.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <string_view>
#include <utility>

#ifdef __SANITIZE_ADDRESS__
/// libpqxx 6.4 loses a result's memory when the connection broke under its question: make_result() asks for the
/// encoding before it owns the result, and throws.
extern "C" const char* __lsan_default_suppressions() { // NOLINT(bugprone-reserved-identifier)
  return "leak:libpqxx";
}
#endif

namespace goloca::store {

namespace {

using steady = std::chrono::steady_clock;

#if PQXX_VERSION_MAJOR >= 7

std::shared_ptr<pqxx_session> lend(PGconn* to_libpqxx) {
  auto give_back = [](pqxx::connection* session) {
    std::move(*session).release_raw_connection();
    std::default_delete<pqxx::connection>{}(session);
  };
  return {new pqxx::connection{pqxx::connection::seize_raw_connection(to_libpqxx)}, give_back};
}

#else

/// libpqxx 6 takes connections from a policy. It may ask again, to reconnect behind our back: then there is none. It
/// may also want to close it: that is for its owner to do.
class lent_connection : public pqxx::connectionpolicy {
public:
  explicit lent_connection(PGconn* lent) : connectionpolicy{""}, lent_{lent} {}
  handle do_startconnect(handle had) override { return had != nullptr ? had : std::exchange(lent_, nullptr); }
  handle do_completeconnect(handle had) override { return had; }
  handle do_dropconnect(handle) noexcept override { return nullptr; }
  handle do_disconnect(handle) noexcept override { return nullptr; }
  [[nodiscard]] bool is_ready(handle had) const noexcept override { return had != nullptr; }

private:
  PGconn* lent_;
};

class borrowing_session : public pqxx::connection_base {
public:
  explicit borrowing_session(PGconn* lent) : connection_base{policy_}, policy_{lent} { init(); }
  ~borrowing_session() { close(); }
  borrowing_session(const borrowing_session&) = delete;
  borrowing_session& operator=(const borrowing_session&) = delete;

private:
  lent_connection policy_;
};

std::shared_ptr<pqxx_session> lend(PGconn* to_libpqxx) {
  return std::make_shared<borrowing_session>(to_libpqxx);
}

#endif

/// Whether the socket is ready before the deadline.
bool wait_for(int socket, short events, steady::time_point deadline) {
  for (;;) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady::now()).count();
    if (left <= 0) return false;
    pollfd one{socket, events, 0};
    auto ready = ::poll(&one, 1, static_cast<int>(left));
    if (ready > 0 || (ready < 0 && errno != EINTR)) return true; // libpq finds out what is wrong with it
  }
}

pg_connection start(const conninfo& with) {
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  for (const auto& [keyword, value] : with) {
    keywords.push_back(keyword.c_str());
    values.push_back(value.c_str());
  }
  keywords.push_back(nullptr);
  values.push_back(nullptr);
  pg_connection started{PQconnectStartParams(keywords.data(), values.data(), 0)};
  // Without a receiver libpq prints notices to stderr.
  if (started)
    PQsetNoticeReceiver(
        started.get(), [](void*, const PGresult*) {}, nullptr);
  return started;
}

/// The opened connection, or why not.
std::variant<pg_connection, std::string> try_host(const conninfo& with, steady::time_point deadline) {
  auto connection = start(with);
  if (!connection) return std::string{"out of memory"};
  auto step = PQstatus(connection.get()) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING;
  while (step == PGRES_POLLING_READING || step == PGRES_POLLING_WRITING) {
    short events = step == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    if (!wait_for(PQsocket(connection.get()), events, deadline)) {
      return describe_target(with) + " did not answer in time";
    }
    step = PQconnectPoll(connection.get());
  }
  if (step != PGRES_POLLING_OK) return one_line(PQerrorMessage(connection.get()));
  return connection;
}

std::variant<pg_connection, std::string> try_hosts(const std::vector<conninfo>& hosts,
                                                   std::chrono::milliseconds patience) {
  auto end = steady::now() + patience;
  std::string failures;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    auto now = steady::now();
    auto share = (end - now) / static_cast<int>(hosts.size() - i); // what one host leaves is the next one's
    auto opened = try_host(hosts[i], now + share);
    if (std::holds_alternative<pg_connection>(opened)) return opened;
    failures += (failures.empty() ? "" : "; ") + std::get<std::string>(opened);
  }
  return failures;
}

} // namespace

result<std::unique_ptr<postgres_connection>> postgres_connection::open(const store_settings& settings) {
  auto given = read_conninfo(settings);
  if (const auto* wrong = std::get_if<std::string>(&given)) return store_error{error_kind::unfit, "", *wrong};
  auto opened = try_hosts(attempts(std::get<conninfo>(given), settings), settings.connect_timeout);
  if (const auto* failures = std::get_if<std::string>(&opened)) {
    return store_error{error_kind::unavailable, "", "PostgreSQL: " + *failures};
  }
  auto raw = std::get<pg_connection>(std::move(opened));
  std::unique_ptr<postgres_connection> made{new postgres_connection{std::move(raw), settings.statement_timeout}};
  auto set_up = made->set_up();
  if (auto* failed = std::get_if<store_error>(&set_up)) return std::move(*failed);
  return made;
}

postgres_connection::postgres_connection(pg_connection opened, std::chrono::milliseconds patience)
    : patience_{patience}, raw_{std::move(opened)}, watched_{::fcntl(PQsocket(raw_.get()), F_DUPFD_CLOEXEC, 0)} {
  PQsetNoticeReceiver(raw_.get(), &postgres_connection::take_notice, this);
}

postgres_connection::~postgres_connection() {
  // What is not at rest would not take the farewell that PQfinish sends, and might block it.
  if (PQtransactionStatus(raw_.get()) != PQTRANS_IDLE) ::shutdown(watched_, SHUT_RDWR);
  ::close(watched_);
}

void postgres_connection::take_notice(void* self, const PGresult* notice) {
  auto& warning = static_cast<postgres_connection*>(self)->warning_;
  const auto* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  if (!warning.empty() || severity == nullptr || std::string_view{severity} != "WARNING") return;
  warning = one_line(PQresultErrorMessage(notice));
}

result<bool> postgres_connection::set_up() {
  // The server gives up a little before we do, so that no statement goes on behind a closed connection. Plans are kept,
  // and one made while the table was small would scan it for ever (measured: 20 times slower at 100,000 rows): all we
  // ask goes by the key.
  auto limit = std::max<std::int64_t>(1, patience_.count() * 9 / 10);
  return timed("opening a session", [&]() -> result<bool> {
    if (watched_ < 0) return error("", "no file descriptor is left");
    session_ = lend(raw_.get());
    auto answer = ask("SELECT set_config('statement_timeout', '" + std::to_string(limit) +
                      "', false), set_config('default_transaction_isolation', 'read committed', false), "
                      "set_config('enable_seqscan', 'off', false)");
    if (auto failed = doubt(answer.get())) return *failed;
    return true;
  });
}

pg_result postgres_connection::ask(const std::string& sql) {
  warning_.clear();
  return pg_result{PQexecParams(raw_.get(), sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 1)};
}

pg_result postgres_connection::prepare(const char* statement, const std::string& sql) {
  warning_.clear();
  return pg_result{PQprepare(raw_.get(), statement, sql.c_str(), 0, nullptr)};
}

pg_result postgres_connection::execute(const char* statement, const binary_parameters& parameters) {
  warning_.clear();
  return pg_result{PQexecPrepared(raw_.get(), statement, parameters.count(), parameters.values(), parameters.lengths(),
                                  parameters.formats(), 1)};
}

pg_result postgres_connection::copy(const char* statement, std::string_view file) {
  warning_.clear();
  if (PQsendQueryPrepared(raw_.get(), statement, 0, nullptr, nullptr, nullptr, 0) != 1) return nullptr;
  auto ahead = PQflush(raw_.get()) == 0 && PQsslInUse(raw_.get()) == 0 && PQgssEncInUse(raw_.get()) == 0;
  if (ahead && !send_ahead(file)) return nullptr;
  pg_result answer{PQgetResult(raw_.get())};
  if (PQresultStatus(answer.get()) != PGRES_COPY_IN) {
    while (pg_result more{PQgetResult(raw_.get())}) continue;
    return answer;
  }
  auto sent = (ahead || PQputCopyData(raw_.get(), file.data(), static_cast<int>(file.size())) == 1) &&
              PQputCopyEnd(raw_.get(), nullptr) == 1;
  answer.reset(sent ? PQgetResult(raw_.get()) : nullptr);
  for (pg_result more{sent ? PQgetResult(raw_.get()) : nullptr}; more; more.reset(PQgetResult(raw_.get()))) {
    if (PQresultStatus(more.get()) != PGRES_COMMAND_OK) answer = std::move(more);
  }
  return answer;
}

/// libpq takes a COPY's data only once the server has asked for it: a round trip in which nothing is done. Here it is
/// on the wire before, as one CopyData message behind the statement: that the protocol allows, and a server that
/// refuses the statement passes over it. False: the connection is lost.
bool postgres_connection::send_ahead(std::string_view file) {
  auto length = static_cast<std::uint32_t>(file.size() + sizeof(std::uint32_t));
  std::array<char, 5> head{'d'};
  for (std::size_t i = 0; i < 4; ++i) head[i + 1] = static_cast<char>(length >> (24 - 8 * i) & 0xff);
  return send_all({head.data(), head.size()}, MSG_MORE) && send_all(file, 0);
}

bool postgres_connection::send_all(std::string_view bytes, int flags) {
  while (!bytes.empty()) {
    auto sent = ::send(PQsocket(raw_.get()), bytes.data(), bytes.size(), flags | MSG_NOSIGNAL);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (sent < 0 && errno == EAGAIN) { // libpq keeps its socket non-blocking
      if (!wait_for(PQsocket(raw_.get()), POLLOUT, steady::now() + patience_)) return false;
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::optional<store_error> postgres_connection::doubt(const PGresult* answer) {
  auto status = PQresultStatus(answer);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    const auto* sqlstate = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const auto* words = answer == nullptr ? PQerrorMessage(raw_.get()) : PQresultErrorMessage(answer);
    return error(sqlstate == nullptr ? "" : sqlstate, words);
  }
  if (PQtransactionStatus(raw_.get()) != PQTRANS_IDLE) return error("", "the server did not say that it was over");
  if (!warning_.empty()) return error("", "outcome unknown, the server warned: " + warning_);
  return std::nullopt;
}

store_error postgres_connection::error(std::string sqlstate, const std::string& why) {
  auto kind = kind_of_sqlstate(sqlstate);
  if (clock_.struck()) {
    return {error_kind::unavailable, "",
            std::string{"PostgreSQL: "} + doing_ + ": no answer within " + std::to_string(patience_.count()) +
                " ms, the connection was shut down"};
  }
  auto words = one_line(why);
  if (words.empty()) words = "the connection broke";
  return {kind, std::move(sqlstate), std::string{"PostgreSQL: "} + doing_ + ": " + words};
}

store_error postgres_connection::error_of_current_exception() {
  try {
    throw;
  } catch (const pqxx::broken_connection& lost) {
    return error("", lost.what());
  } catch (const pqxx::insufficient_privilege& refused) {
    return error("42501", refused.what()); // libpqxx 6.4 forgets the code of this one
  } catch (const pqxx::sql_error& refused) {
    return error(refused.sqlstate(), refused.what());
  } catch (const std::exception& other) {
    auto made = error("", other.what());
    if (PQstatus(raw_.get()) == CONNECTION_OK) made.kind = error_kind::unknown; // libpqxx's or ours, not the server's
    return made;
  }
}

} // namespace goloca::store
