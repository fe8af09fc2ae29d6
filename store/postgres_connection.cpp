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

#ifdef GOLOCA_ASAN
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
  auto copying = copy_ && !copy_->reply.complete();
  if (copying || PQtransactionStatus(raw_.get()) != PQTRANS_IDLE) ::shutdown(watched_, SHUT_RDWR);
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

std::optional<store_error> postgres_connection::copy(copy_request& request) {
  auto deadline = steady::now() + patience_;
  start_copy(request);
  while (auto event = go_on_copying()) {
    if (!wait_for(watched_, *event == socket_event::readable ? POLLIN : POLLOUT, deadline)) break;
  }
  return doubt_of_copy();
}

std::optional<store_error> postgres_connection::copy(const char* statement, std::string_view file) {
  warning_.clear();
  if (PQsendQueryPrepared(raw_.get(), statement, 0, nullptr, nullptr, nullptr, 0) != 1) return doubt(nullptr);
  pg_result answer{PQgetResult(raw_.get())};
  if (PQresultStatus(answer.get()) != PGRES_COPY_IN) {
    while (pg_result more{PQgetResult(raw_.get())}) continue;
    return doubt(answer.get());
  }
  auto sent = PQputCopyData(raw_.get(), file.data(), static_cast<int>(file.size())) == 1 &&
              PQputCopyEnd(raw_.get(), nullptr) == 1;
  answer.reset(sent ? PQgetResult(raw_.get()) : nullptr);
  for (pg_result more{sent ? PQgetResult(raw_.get()) : nullptr}; more; more.reset(PQgetResult(raw_.get()))) {
    if (PQresultStatus(more.get()) != PGRES_COMMAND_OK) answer = std::move(more);
  }
  return doubt(answer.get());
}

// -- step by step ---------------------------------------------------------------------------------

bool postgres_connection::speaks_plainly() const {
  return PQsslInUse(raw_.get()) == 0 && PQgssEncInUse(raw_.get()) == 0;
}

void postgres_connection::start_clock(const char* doing) {
  doing_ = doing;
  clock_.arm(watched_, steady::now() + patience_);
}

void postgres_connection::begin_execute(const char* doing, const char* statement, const binary_parameters& parameters) {
  start_clock(doing);
  warning_.clear();
  answer_.reset();
  executing_ = true;
  PQsetnonblocking(raw_.get(), 1); // what fails here and below shows in the end: there will be no answer
  PQsendQueryPrepared(raw_.get(), statement, parameters.count(), parameters.values(), parameters.lengths(),
                      parameters.formats(), 1);
}

void postgres_connection::begin_copy(const char* doing, copy_request& request) {
  start_clock(doing);
  start_copy(request);
}

std::optional<socket_event> postgres_connection::proceed() {
  auto event = executing_ ? go_on_executing() : go_on_copying();
  if (!event) clock_.disarm();
  return event;
}

std::optional<socket_event> postgres_connection::go_on_executing() {
  auto unsent = PQflush(raw_.get()) == 1;
  auto alive = PQconsumeInput(raw_.get()) == 1; // also while we send: the server may wait for us to read
  if (alive && unsent) return socket_event::writable;
  while (!alive || PQisBusy(raw_.get()) == 0) {
    pg_result next{PQgetResult(raw_.get())};
    if (!next) {
      executing_ = false;
      PQsetnonblocking(raw_.get(), 0);
      return std::nullopt;
    }
    answer_ = std::move(next);
  }
  return socket_event::readable;
}

void postgres_connection::start_copy(copy_request& request) {
  warning_.clear();
  copy_.emplace(copy_under_way{request.whole(), copy_reply{request.copies()}});
}

std::optional<socket_event> postgres_connection::go_on_copying() {
  auto& copying = *copy_;
  while (!copying.unsent.empty()) {
    if (!send_some_of_copy()) return socket_event::writable;
  }
  std::array<char, 4096> bytes;
  while (!copying.reply.complete() && !copying.broken) {
    auto came = ::recv(watched_, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (came < 0 && errno == EINTR) continue;
    if (came < 0 && errno == EAGAIN) return socket_event::readable;
    copying.broken = came <= 0 || !copying.reply.take({bytes.data(), static_cast<std::size_t>(came)});
  }
  if (copying.reply.torn()) ::shutdown(watched_, SHUT_RDWR); // this answer holds, and is the last
  return std::nullopt;
}

/// When the connection is lost nothing more is sent: what the server said before it went is still to be read.
bool postgres_connection::send_some_of_copy() {
  auto& unsent = copy_->unsent;
  auto sent = ::send(watched_, unsent.data(), unsent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && errno == EAGAIN) return false;
  if (sent < 0 && errno != EINTR) unsent = {};
  if (sent > 0) unsent.remove_prefix(static_cast<std::size_t>(sent));
  return true;
}

std::optional<store_error> postgres_connection::doubt_of_copy() {
  const auto& reply = copy_->reply;
  auto blames_data = classify_sqlstate(reply.sqlstate()) == sqlstate_class::data;
  if (!reply.complete())
    return error(blames_data ? "" : reply.sqlstate(), reply.message()); // it broke behind its words
  if (!reply.sqlstate().empty()) return error(reply.sqlstate(), reply.message());
  if (!reply.copied()) return error("", "the server did not say that it was over");
  if (!reply.warning().empty()) return error("", "outcome unknown, the server warned: " + reply.warning());
  return std::nullopt;
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
