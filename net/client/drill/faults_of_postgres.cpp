// What may happen to a PostgreSQL server, done to it as it happens: by signals, by psql, on a full disk.

#include "net/client/drill/fault.hpp"

#include <fstream>
#include <iterator>

namespace goloca::net::drill {

namespace {

const std::vector only_postgres{store_kind::postgres};

const char* const end_its_sessions =
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = 'goloca'";

std::string contents(const std::filesystem::path& file) {
  std::ifstream text{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{text}, {}};
}

/// A psql that runs this and then stays as it is, with its transaction open. Returns once that is done.
std::shared_ptr<child> stay_in(const scene& on, const std::string& sql, const std::string& user = "drill",
                               int number = 0) {
  auto log = on.folder / ("session-" + std::to_string(number) + ".out");
  std::filesystem::remove(log);
  std::shared_ptr<child> session = on.postgres->session(user, log);
  session->write(sql + "\n\\echo done\n");
  auto done = [&] { return contents(log).find("done\n") != std::string::npos; };
  wait_until(milliseconds{10'000}, [&] { return done() || session->ended(); });
  if (!done()) throw drill_failure{"psql: " + sql + ": " + contents(log)};
  return session;
}

/// A session that does nothing but take a place. There may be none yet: of those that were ended some are still going,
/// and who is turned away has one for a moment.
std::shared_ptr<child> take_place(const scene& on, int number) {
  std::string why;
  std::shared_ptr<child> session;
  auto try_again = [&] {
    try {
      session = stay_in(on, "SELECT 1;", "other", number);
    } catch (const drill_failure& refused) {
      why = refused.what();
    }
    return session != nullptr;
  };
  if (!wait_until(milliseconds{10'000}, try_again)) throw drill_failure{why};
  return session;
}

std::shared_ptr<child> lock_table(const scene& on) {
  return stay_in(on, "BEGIN; LOCK TABLE datapoint IN ACCESS EXCLUSIVE MODE;");
}

fault frozen() {
  return {.name = "postgres.frozen",
          .what = "the server and its sessions stand still (SIGSTOP); their sockets stay open",
          .strike = [](scene& on) -> cure {
            on.postgres->signal_all(SIGSTOP);
            return [&on] { on.postgres->signal_all(SIGCONT); };
          },
          .hold = longer_than_patience,
          .blocks_commits = true};
}

fault crashed() {
  return {.name = "postgres.crashed",
          .what = "shut down in the middle (immediate), and started again: it recovers from its log",
          .strike = [](scene& on) -> cure {
            on.postgres->crash();
            return [&on] { on.postgres->start(); };
          },
          .blocks_commits = true};
}

fault sessions_ended() {
  return {.name = "postgres.sessions-ended",
          .what = "pg_terminate_backend on every session of goloca, again and again",
          .strike = [](scene& on) -> cure {
            for (int i = 0; i < 6; ++i) {
              on.postgres->ask(end_its_sessions);
              on.pause(milliseconds{150});
            }
            return [] {};
          },
          .hold = milliseconds{0},
          .refusals = 0};
}

fault read_only() {
  return {.name = "postgres.read-only",
          .what = "restarted with default_transaction_read_only=on, as after a failover, and then without",
          .strike = [](scene& on) -> cure {
            on.postgres->stop();
            on.postgres->start({"-c", "default_transaction_read_only=on"});
            return [&on] {
              on.postgres->stop();
              on.postgres->start();
            };
          },
          .blocks_commits = true};
}

fault careless() {
  return {.name = "postgres.careless",
          .what = "restarted with fsync=off: it takes commits that a power cut would take back, so none may be acked",
          .strike = [](scene& on) -> cure {
            on.postgres->stop();
            on.postgres->start({"-c", "fsync=off"});
            return [&on] {
              on.postgres->stop();
              on.postgres->start();
            };
          },
          .blocks_commits = true};
}

/// First a limit of the role keeps goloca out, so that others surely get every place; then only they do.
fault full_of_others() {
  return {.name = "postgres.too-many-clients",
          .what = "other clients hold every connection that max_connections allows",
          .strike = [](scene& on) -> cure {
            on.postgres->ask("ALTER ROLE goloca CONNECTION LIMIT 0");
            on.postgres->ask("CREATE ROLE other LOGIN");
            on.postgres->ask(end_its_sessions);
            auto others = std::make_shared<std::vector<std::shared_ptr<child>>>();
            for (int i = 0; i < 5; ++i) others->push_back(take_place(on, i));
            on.postgres->ask("ALTER ROLE goloca CONNECTION LIMIT -1");
            return [others] { others->clear(); };
          },
          .stage = {.postgres = {"max_connections = 8", "superuser_reserved_connections = 3"}},
          .blocks_commits = true};
}

fault disk_full() {
  return {.name = "postgres.disk-full",
          .what = "no byte is free on its file system; it is started again should it end over that",
          .strike = [](scene& on) -> cure {
            on.disk->fill();
            return [&on] {
              on.disk->free();
              // It ends only after a while, and it may be in the middle of that.
              auto serves = [&on] {
                if (!on.postgres->running()) on.postgres->start();
                return on.postgres->accepts();
              };
              if (!wait_until(milliseconds{30'000}, serves)) throw drill_failure{"PostgreSQL does not come back"};
            };
          },
          .stage = {.disk_mebibytes = 96},
          .hold = milliseconds{1'500}};
}

/// goloca may not make itself another table meanwhile: into that a point could come whose row is in the copy.
fault table_dropped() {
  return {.name = "postgres.table-dropped",
          .what = "DROP TABLE, and later a person who puts it back from a copy",
          .strike = [](scene& on) -> cure {
            on.postgres->ask("ALTER SCHEMA public OWNER TO drill");
            on.postgres->ask(
                "BEGIN; LOCK TABLE datapoint IN ACCESS EXCLUSIVE MODE;"
                "CREATE TABLE kept (LIKE datapoint INCLUDING ALL); INSERT INTO kept SELECT * FROM datapoint;"
                "DROP TABLE datapoint; COMMIT");
            return [&on] {
              on.postgres->ask("BEGIN; ALTER TABLE kept OWNER TO goloca; ALTER TABLE kept RENAME TO datapoint;"
                               "ALTER SCHEMA public OWNER TO pg_database_owner; COMMIT");
            };
          },
          .blocks_commits = true};
}

fault table_altered() {
  return {.name = "postgres.table-altered",
          .what = "ALTER TABLE adds a nullable column, and later another one",
          .strike = [](scene& on) -> cure {
            on.postgres->ask("ALTER TABLE datapoint ADD COLUMN remark TEXT");
            return [&on] { on.postgres->ask("ALTER TABLE datapoint ADD COLUMN \"second remark\" BIGINT"); };
          },
          .hold = milliseconds{500}};
}

fault table_locked() {
  return {.name = "postgres.table-locked",
          .what = "LOCK TABLE datapoint IN ACCESS EXCLUSIVE MODE, by a transaction that stays open",
          .strike = [](scene& on) -> cure {
            auto lock = lock_table(on);
            return [lock]() mutable { lock->kill(); };
          },
          .hold = milliseconds{1'500},
          .blocks_commits = true};
}

fault standby_missing() {
  return {.name = "postgres.standby-missing",
          .what =
              "synchronous_standby_names has a standby that is not there: commits wait, and no timeout of the server's "
              "ends that",
          .strike = [](scene& on) -> cure {
            on.postgres->ask("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
            on.postgres->reload();
            return [&on] {
              on.postgres->ask("ALTER SYSTEM RESET synchronous_standby_names");
              on.postgres->reload();
            };
          },
          .hold = milliseconds{2'000},
          .blocks_commits = true};
}

/// While the table is locked nothing can be committed, and what died in that time was never: an ack of it is a lie that
/// is found out afterwards, too.
fault power_cut() {
  return {.name = "postgres.power-cut",
          .what = "the table is locked, then goloca and the server are killed at once, and started again",
          .strike = [](scene& on) -> cure {
            auto lock = lock_table(on);
            on.in_force = clock::now();
            on.pause(milliseconds{700});
            on.goloca.kill();
            on.postgres->crash();
            return [&on] {
              on.postgres->start();
              on.goloca.start();
            };
          },
          .hold = milliseconds{200},
          .blocks_commits = true};
}

} // namespace

std::vector<fault> faults_of_postgres() {
  std::vector<fault> all{frozen(),        crashed(),        sessions_ended(),  read_only(),
                         careless(),      full_of_others(), disk_full(),       table_dropped(),
                         table_altered(), table_locked(),   standby_missing(), power_cut()};
  for (auto& each : all) each.stores = only_postgres;
  return all;
}

} // namespace goloca::net::drill
