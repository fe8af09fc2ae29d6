#include "store/postgres_store.hpp"

#include "store/postgres_catalogue.hpp"
#include "store/sql_text.hpp"
#include "store/sqlstate.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <string_view>
#include <utility>

namespace goloca::store {

namespace {

constexpr auto insert_one = "goloca_insert_one";
constexpr auto insert_many = "goloca_insert_many";
constexpr auto select_many = "goloca_select_many";

/// "$1::int8, $2::text": typed, so that a wider column takes them by assignment.
std::string typed_parameters(const schema& of, std::string_view suffix) {
  std::string list;
  for (std::size_t i = 0; i < of.size(); ++i) {
    list += (i == 0 ? "$" : ", $") + std::to_string(i + 1) + "::";
    list += postgres_type(of.fields()[i].type);
    list += suffix;
  }
  return list;
}

std::string key_of(const schema& of) {
  return quote_name(of.fields()[of.key()].column);
}

std::string insert_into(const schema& of) {
  return "INSERT INTO " + quote_name(of.table()) + " (" + column_list(of) + ") ";
}

std::string insert_one_sql(const schema& of) {
  return insert_into(of) + "VALUES (" + typed_parameters(of, "") + ") ON CONFLICT (" + key_of(of) + ") DO NOTHING";
}

std::string insert_many_sql(const schema& of) {
  return insert_into(of) + "SELECT * FROM unnest(" + typed_parameters(of, "[]") + ") ON CONFLICT (" + key_of(of) +
         ") DO NOTHING RETURNING " + key_of(of);
}

std::string copy_many_sql(const schema& of) {
  return "COPY " + quote_name(of.table()) + " (" + column_list(of) + ") FROM STDIN (FORMAT binary)";
}

/// Where standbys are named, a row that is seen may not be on them yet: its writer's wait may have been cut off. So
/// whoever tells of it waits for a commit of his own, which is later in the log.
std::string select_many_sql(const schema& of) {
  return "SELECT " + result_column_list(of) +
         ", (SELECT CASE WHEN current_setting('synchronous_standby_names') <> '' THEN pg_logical_emit_message(true, "
         "'goloca', "
         "'') END) FROM " +
         quote_name(of.table()) + " WHERE " + key_of(of) + " = ANY ($1::int8[])";
}

store_error unfit(std::string message) {
  return {error_kind::unfit, "", "PostgreSQL: " + std::move(message)};
}

/// Why that table will not do.
std::optional<store_error> table_fault(const catalogue_entry& found, const schema& of) {
  if (!found.unusable.empty()) return unfit(of.table() + ' ' + found.unusable);
  if (!found.lacks_grant.empty()) {
    return unfit("no privilege on table " + of.table() + "; this would mend it: GRANT " + found.lacks_grant + " ON " +
                 quote_name(of.table()) + " TO <this user>;");
  }
  if (auto why = misfit(of, found.table, postgres_dialect())) return unfit(*why);
  return std::nullopt;
}

void weaken_if_unlogged(durability& promise, const catalogue_entry& found, const schema& of) {
  if (!found.unlogged) return;
  promise.full = false;
  promise.statement += "; table " + of.table() + " is UNLOGGED, a crash empties it (ALTER TABLE " +
                       quote_name(of.table()) + " SET LOGGED;)";
}

} // namespace

postgres_store::postgres_store(std::unique_ptr<postgres_connection> connection, std::shared_ptr<const schema> of,
                               bool allow_weak_durability, bool of_a_cluster)
    : connection_{std::move(connection)}, schema_{std::move(of)}, allow_weak_durability_{allow_weak_durability},
      of_a_cluster_{of_a_cluster} {}

result<durability> postgres_store::prepare() {
  return connection_->timed("preparing the table", [this] { return prepare_table(); });
}

result<durability> postgres_store::prepare_table() {
  auto asked = read_server_settings(*connection_);
  if (auto* failed = std::get_if<store_error>(&asked)) return std::move(*failed);
  const auto& settings = std::get<server_settings>(asked);
  auto promise = durability_of(settings, of_a_cluster_);
  if (auto failed = fault_of(settings, promise)) return *failed;
  auto found = read_table(connection_->session(), *schema_);
  if (!found) {
    create_table();
    found = read_table(connection_->session(), *schema_);
    if (!found)
      return store_error{error_kind::unknown, "", "PostgreSQL: the table that was just made is not to be found"};
  }
  if (auto failed = table_fault(*found, *schema_)) return *failed;
  weaken_if_unlogged(promise, *found, *schema_);
  if (auto failed = fault_of(settings, promise)) return *failed;
  if (auto failed = prepare_statements(found->takes_copy)) return *failed;
  return promise;
}

/// Several nodes may start at once, and CREATE TABLE IF NOT EXISTS is not safe against itself: a lock makes them queue.
void postgres_store::create_table() {
  pqxx::work transaction{connection_->session()};
  transaction.exec("SELECT pg_advisory_xact_lock(hashtext('goloca'), hashtext(" + transaction.quote(schema_->table()) +
                   "))");
  transaction.exec(store::create_table(*schema_, "BIGINT PRIMARY KEY"));
  transaction.commit();
}

postgres_store::fault postgres_store::fault_of(const server_settings& settings, const durability& promise) const {
  if (settings.read_only) {
    return store_error{error_kind::unavailable, "25006",
                       "PostgreSQL: the server takes no writes (a standby, or read-only)"};
  }
  if (settings.standby_missing) {
    return store_error{error_kind::unavailable, "",
                       "PostgreSQL: commits wait for a synchronous standby that does not answer "
                       "(synchronous_standby_names=" +
                           settings.synchronous_standby_names + ")"};
  }
  if (!promise.full && !allow_weak_durability_) {
    return unfit("durability is weaker than promised: " + promise.statement +
                 ". Mend the server's settings, or accept it by ALLOW_WEAK_DURABILITY=true");
  }
  return std::nullopt;
}

postgres_store::fault postgres_store::prepare_statements(bool takes_copy) {
  const std::pair<const char*, std::string> statements[] = {{insert_one, insert_one_sql(*schema_)},
                                                            {insert_many, insert_many_sql(*schema_)},
                                                            {select_many, select_many_sql(*schema_)}};
  for (const auto& [name, sql] : statements) {
    auto answer = connection_->prepare(name, sql);
    if (auto failed = connection_->doubt(answer.get())) return failed;
  }
  if (!takes_copy) return std::nullopt;
  auto answer = connection_->prepare(copy_many, copy_many_sql(*schema_));
  takes_copy_ = !connection_->doubt(answer.get());
  return std::nullopt;
}

result<insert_result> postgres_store::insert(std::span<const row_view> points) {
  left_.emplace(points);
  return connection_->timed(storing, [this] { return settle(); });
}

/// All rounds from here on.
result<insert_result> postgres_store::settle() {
  do {
    if (auto failed = settle_leaders()) return *failed;
  } while (left_->next_round());
  return conclude();
}

result<insert_result> postgres_store::conclude() {
  if (auto failed = still_durable()) return *failed;
  return left_->take();
}

/// Whoever manages a cluster may take the synchronous standby away while we are connected (Patroni does, when it is
/// lost and the mode is not strict). Between two looks a commit may be on one machine only, so they are often, also
/// when busy.
postgres_store::fault postgres_store::still_durable() {
  if (!has_to_look_at_durability()) return std::nullopt;
  settings_read_ = std::chrono::steady_clock::now();
  auto asked = read_server_settings(*connection_);
  if (auto* failed = std::get_if<store_error>(&asked)) return std::move(*failed);
  const auto& settings = std::get<server_settings>(asked);
  return fault_of(settings, durability_of(settings, of_a_cluster_));
}

bool postgres_store::has_to_look_at_durability() const {
  constexpr auto interval = std::chrono::seconds{1};
  return of_a_cluster_ && std::chrono::steady_clock::now() - settings_read_ >= interval;
}

postgres_store::fault postgres_store::settle_leaders() {
  taken_.clear();
  if (auto failed = store_all()) return failed;
  return settle_taken();
}

/// By COPY where that is worth it, else, and where it fails, by INSERT.
postgres_store::fault postgres_store::store_all() {
  if (copies(left_->leaders().size())) {
    auto copied = note_copy(copy_all());
    if (auto* failed = std::get_if<store_error>(&copied)) return std::move(*failed);
    if (std::get<bool>(copied)) return std::nullopt;
  }
  return insert_all();
}

/// A COPY of many rows is dearer than several of few: see copy_rule.
copy_request& postgres_store::ask_for_copies() {
  copies_.clear();
  for (auto rows = left_->leaders(); !rows.empty();) {
    auto count = std::min(rows.size(), copy_rule::most_rows);
    encode_copy(rows.first(count), copy_file_);
    copies_.add(copy_file_);
    rows = rows.subspan(count);
  }
  return copies_;
}

/// libpq cannot ask for several at once: where it has to, it is one, and the time that others would save is lost.
postgres_store::fault postgres_store::copy_all() {
  if (connection_->speaks_plainly()) return connection_->copy(ask_for_copies());
  encode_copy(left_->leaders(), copy_file_);
  return connection_->copy(copy_many, copy_file_);
}

/// \return whether it took them all: otherwise none, because of one that only the INSERT can name.
std::variant<bool, store_error> postgres_store::note_copy(fault doubt) {
  auto count = left_->leaders().size();
  if (doubt) {
    auto kind = classify_sqlstate(doubt->sqlstate);
    if (kind == sqlstate_class::unavailable) return *doubt;
    takes_copy_ = kind == sqlstate_class::data; // what else it says, the INSERT shall confirm
    return false;
  }
  for (std::size_t leader = 0; leader < count; ++leader) left_->stored(leader);
  copy_rule_.learn(count, 0);
  return true;
}

postgres_store::fault postgres_store::insert_all() {
  auto count = left_->leaders().size();
  refused_ = 0;
  if (auto failed = insert_run(0, count)) return failed;
  copy_rule_.learn(count, taken_.size() + refused_);
  return std::nullopt;
}

/// Parameters for leaders [first, first + count). \return the statement that takes them.
const char* postgres_store::fill_insert(std::size_t first, std::size_t count) {
  auto rows = left_->leaders().subspan(first, count);
  if (count == 1) {
    parameters_.fill_row(rows[0]);
    return insert_one;
  }
  parameters_.fill_arrays(rows);
  return insert_many;
}

/// Stores leaders [first, first + count) in one statement, in halves where one of them is refused.
postgres_store::fault postgres_store::insert_run(std::size_t first, std::size_t count) {
  const auto* statement = fill_insert(first, count);
  auto answer = connection_->execute(statement, parameters_);
  return note_insert(first, count, answer.get());
}

postgres_store::fault postgres_store::note_insert(std::size_t first, std::size_t count, PGresult* answer) {
  auto failed = connection_->doubt(answer);
  if (!failed) {
    note_new_rows(first, count, answer);
    return std::nullopt;
  }
  if (classify_sqlstate(failed->sqlstate) != sqlstate_class::data) return failed;
  if (count == 1) {
    const auto* words = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
    ++refused_;
    left_->refused(first, failed->sqlstate, words == nullptr ? failed->message : one_line(words));
    return std::nullopt;
  }
  if (auto worse = insert_run(first, count / 2)) return worse;
  return insert_run(first + count / 2, count - count / 2);
}

void postgres_store::note_new_rows(std::size_t first, std::size_t count, PGresult* answer) {
  if (count == 1) {
    bool is_new = std::string_view{PQcmdTuples(answer)} == "1";
    if (is_new) {
      left_->stored(first);
    } else {
      taken_.push_back(first);
    }
    return;
  }
  new_ids_.clear();
  for (int row = 0; row < PQntuples(answer); ++row) new_ids_.push_back(read_int8(answer, row, 0));
  std::ranges::sort(new_ids_); // they come in our order, but nobody promised it
  auto next = new_ids_.begin();
  for (auto leader = first; leader < first + count; ++leader) {
    if (next != new_ids_.end() && *next == left_->leaders()[leader].id()) {
      left_->stored(leader);
      ++next;
    } else {
      taken_.push_back(leader);
    }
  }
  assert(next == new_ids_.end() && "only what was sent comes back");
}

/// The leaders whose id some row has: by what that row is.
postgres_store::fault postgres_store::settle_taken() {
  if (auto failed = compare_taken()) return failed;
  // What is left was deleted between the two statements: it gets one more try.
  for (auto leader : std::exchange(taken_, {})) {
    if (auto failed = insert_run(leader, 1)) return failed;
  }
  if (auto failed = compare_taken()) return failed;
  if (taken_.empty()) return std::nullopt;
  return store_error{error_kind::unavailable, "",
                     "PostgreSQL: storing points: a row was neither stored nor found (is a "
                     "trigger or another client deleting rows?)"};
}

/// Settles the taken leaders whose row is found, by its content. The others stay taken.
postgres_store::fault postgres_store::compare_taken() {
  if (taken_.empty()) return std::nullopt;
  std::vector<std::int64_t> ids;
  for (auto leader : taken_) ids.push_back(left_->leaders()[leader].id());
  auto answer = select(ids);
  if (auto failed = connection_->doubt(answer.get())) return failed;
  row_block stored{schema_};
  for (int row = 0; row < PQntuples(answer.get()); ++row) append_result_row(stored, answer.get(), row);
  std::vector<std::size_t> found;
  for (std::size_t row = 0; row < stored.size(); ++row) {
    found.push_back(left_->leader_of(stored[row].id()));
    left_->taken(found.back(), stored[row]);
  }
  std::ranges::sort(found);
  std::vector<std::size_t> missing;
  std::ranges::set_difference(taken_, found, std::back_inserter(missing));
  taken_ = std::move(missing);
  return std::nullopt;
}

pg_result postgres_store::select(std::span<const std::int64_t> ids) {
  parameters_.fill_ids(ids);
  return connection_->execute(select_many, parameters_);
}

result<std::shared_ptr<const row_block>> postgres_store::find(std::int64_t id) {
  return connection_->timed("looking for a point", [&]() -> result<std::shared_ptr<const row_block>> {
    auto answer = select(std::span{&id, 1});
    if (auto failed = connection_->doubt(answer.get())) return *failed;
    if (PQntuples(answer.get()) == 0) return nullptr;
    auto found = std::make_shared<row_block>(schema_);
    append_result_row(*found, answer.get(), 0);
    return found;
  });
}

std::optional<store_error> postgres_store::probe() {
  // Settings are read again: durability can be weakened while we are connected.
  auto asked = connection_->timed("probing", [this] { return read_server_settings(*connection_); });
  if (auto* failed = std::get_if<store_error>(&asked)) return std::move(*failed);
  const auto& settings = std::get<server_settings>(asked);
  return fault_of(settings, durability_of(settings, of_a_cluster_));
}

} // namespace goloca::store
