// The command line, nothing else.

#include "config.hpp"
#include "log.hpp"
#include "net/client/bench.hpp"
#include "net/client/drill.hpp"
#include "net/client/send.hpp"
#include "net/client/verify.hpp"
#include "node.hpp"
#include "setting.hpp"
#include "setting_values.hpp"
#include "store/schema.hpp"
#include "version.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iostream>
#include <string>
#include <variant>
#include <vector>

#include <malloc.h>
#include <unistd.h>

namespace {

using namespace goloca;

// sysexits.h; node::run() adds 69: the store never came.
enum exit_code : int { done = 0, usage = 64, software = 70, output_lost = 74, configuration = 78 };

/// What the command line said.
struct command_line {
  setting_layers layers;
  bool markdown = false; // check-config
  bool sample = false;
  net::send_options send;
  bool send_plain = false;
  std::string send_via = "http";
  std::string send_schema;
  std::string send_give_up;
  net::verify_options verify;
  net::drill_options drill;
  net::bench_options bench;
  std::string bench_via = "websocket";
};

// -- the commands ----------------------------------------------------------------------------------

int print(const std::string& text) {
  std::cout << text << (text.ends_with('\n') ? "" : "\n") << std::flush;
  return std::cout ? done : output_lost;
}

int refuse(const std::string& text, int code) {
  std::cerr << "goloca: " << text << '\n';
  return code;
}

/// Reads the settings and goes on with the config, or prints every fault.
int with_config(command_line& line, const std::function<int(const config&)>& go_on) {
  line.layers.environment = process_environment();
  auto made = load_config(line.layers);
  if (auto* good = std::get_if<config>(&made)) return go_on(*good);
  for (const auto& fault : std::get<config_faults>(made)) refuse(fault.message(), configuration);
  return configuration;
}

int serve(command_line& line) {
  return with_config(line, [](const config& made) {
    set_up_log(made.log);
    return node{made}.run();
  });
}

int check_config(command_line& line) {
  if (line.markdown) return print(show_markdown());
  if (line.sample) return print(show_sample());
  return with_config(line, [](const config& made) { return print(show_effective(made)); });
}

int schema(command_line& line) {
  return with_config(line, [](const config& made) { return print(made.schema->document()); });
}

int version_line() {
  return print(std::string{"goloca "} + version);
}

int send(command_line& line) {
  auto& options = line.send;
  options.websocket = line.send_via == "websocket";
  options.progress = !line.send_plain && isatty(STDERR_FILENO) != 0;
  if (!line.send_give_up.empty())
    options.give_up_after = *parse_duration(line.send_give_up); // checked when it was parsed
  if (!line.send_schema.empty()) {
    auto read = store::read_schema_file(line.send_schema);
    if (auto* fault = std::get_if<store::schema_fault>(&read)) return refuse(fault->message(), usage);
    options.schema = std::get<std::shared_ptr<const store::schema>>(read);
  }
  return net::run_send(options, std::cin, std::cout, std::cerr);
}

int verify(command_line& line) {
  return with_config(line, [&line](const config& made) {
    line.verify.schema = made.schema;
    line.verify.store = made.store;
    return net::run_verify(line.verify, std::cout, std::cerr);
  });
}

int bench(command_line& line) {
  line.bench.websocket = line.bench_via == "websocket";
  return net::run_bench(line.bench, std::cout, std::cerr);
}

// -- the command line ------------------------------------------------------------------------------

/// --config, and for each setting --its-name and --its-name-file.
/// \param listed  Whether --help is to list them: for goloca alone it says where the list is.
void add_setting_flags(CLI::App& command, setting_layers& layers, bool listed) {
  auto name_file = [&layers](const std::string& path) { layers.file = path, layers.file_must_exist = true; };
  command
      .add_option_function<std::string>("--config", name_file, "The file of settings (config.env, when it is there)")
      ->type_name("FILE");
  for (const auto& one : declared_settings()) {
    auto keep = [&layers](const std::string& key) {
      return [&layers, key](const std::string& value) { layers.flags[key] = value; };
    };
    auto help = one.help + (one.initial.empty() ? "" : " [" + one.initial + "]");
    command.add_option_function<std::string>(one.flag(), keep(one.key), help)
        ->type_name("VALUE")
        ->group(listed ? one.group : "");
    command.add_option_function<std::string>(one.flag() + "-file", keep(one.key + "_FILE"))
        ->type_name("FILE")
        ->group(""); // works, is not listed
  }
}

void add_send_flags(CLI::App& command, command_line& line) {
  auto& options = line.send;
  options.url = "http://127.0.0.1:8080";
  auto duration = [](const std::string& text) {
    auto value = parse_duration(text);
    return value && value->count() > 0 ? std::string{} : "must be a duration such as 30s or 5m";
  };
  command.add_option("FILE", options.file, "CSV, NDJSON or a JSON array; - is standard input")->required();
  command.add_option("--to", options.url, "The service")->type_name("URL")->capture_default_str();
  command.add_option("--via", line.send_via, "http or websocket")
      ->check(CLI::IsMember({"http", "websocket"}))
      ->type_name("WAY")
      ->capture_default_str();
  command.add_option("--window", options.window, "Points on their way at once")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("POINTS");
  command.add_option("--batch", options.batch, "Points in one request or message")
      ->check(CLI::Range(1, 100'000))
      ->type_name("POINTS");
  command.add_option("--rejects", options.rejects, "Where refused points go, with their reason")->type_name("FILE");
  command.add_option("--ledger", options.ledger, "Where every point is noted before it is sent, and every answer")
      ->type_name("FILE");
  command.add_flag("--ledger-sync", options.ledger_sync, "The ledger survives a power cut, too");
  command.add_option("--schema", line.send_schema, "What a data point is, if not a ride")->type_name("FILE");
  command.add_option("--give-up-after", line.send_give_up, "End after so long without an answer")
      ->check(duration)
      ->type_name("DURATION");
  command.add_flag("--no-progress", line.send_plain, "Plain lines, also on a terminal");
}

void add_verify_flags(CLI::App& command, command_line& line) {
  auto& options = line.verify;
  command.add_option("--ledger", options.ledger, "The ledger that goloca send wrote")->required()->type_name("FILE");
  command
      .add_option("--from", options.from, "The running service to ask; else the store is read itself, by the settings")
      ->type_name("URL");
  command.add_flag("--all", options.all, "Read every row of the store, to find those that were never sent");
  command.add_flag("--json", options.json, "Report one JSON object");
}

void add_bench_flags(CLI::App& command, command_line& line) {
  auto& options = line.bench;
  auto duration = [&command](const char* flag, std::chrono::milliseconds& into, std::chrono::milliseconds least,
                             const char* help) {
    auto check = [least](const std::string& text) {
      auto value = parse_duration(text);
      return value && *value >= least && *value <= std::chrono::hours{24}
                 ? std::string{}
                 : "must be a duration such as 5s, a day at most";
    };
    auto keep = [&into](const std::string& text) { into = *parse_duration(text); }; // it was checked
    command.add_option_function<std::string>(flag, keep, help)
        ->check(check)
        ->type_name("DURATION")
        ->default_str(show_duration(into));
  };
  auto number = [&command](const char* flag, auto& into, auto least, auto most, const char* help) {
    return command.add_option(flag, into, help)->check(CLI::Range(least, most))->type_name("N");
  };
  command.add_option("URL", options.url, "The service, as http://127.0.0.1:8080")->required();
  command.add_option("--via", line.bench_via, "websocket or http")
      ->check(CLI::IsMember({"websocket", "http"}))
      ->type_name("WAY")
      ->capture_default_str();
  number("--connections", options.connections, 1, 100'000, "Connections")->capture_default_str();
  number("--window", options.window, 1, 1'000'000,
         "Messages in flight on each connection [64; 1024 with --rate; 1 over http]");
  number("--array", options.array, 1, 100'000, "Points in a message; over 1 they come as an array")
      ->capture_default_str();
  number("--rate", options.rate, 0.0, 1e9,
         "Points/s in all, on a fixed schedule that latency counts from; 0: as fast as the windows allow")
      ->capture_default_str();
  duration("--duration", options.duration, std::chrono::milliseconds{1}, "How long to send");
  duration("--warmup", options.warmup, std::chrono::milliseconds{0}, "How long to send before that, not counted");
  number("--points", options.points, std::uint64_t{1}, std::uint64_t{1} << 62, "Stop after so many points");
  number("--replays", options.replays, 0.0, 1.0, "The share of messages that send acked points again")
      ->capture_default_str();
  number("--first-id", options.first_id, std::uint64_t{1}, std::uint64_t{1} << 62,
         "The first connection's first id [from the clock]");
  command.add_option("--acked", options.acked, "Where every acked id goes, one a line")->type_name("FILE");
  command.add_flag("--json", options.json, "Report one JSON object");
}

void add_drill_flags(CLI::App& command, net::drill_options& options) {
  command
      .add_option("--cluster", options.cluster,
                  "deploy/cluster.sh, as root: break the nodes that it has up, not one of our own")
      ->type_name("SCRIPT");
  command.add_flag("--quick", options.quick, "Each fault once, not over each transport on each store");
  command.add_option("--only", options.only, "The runs in whose names this is found: 'killed|frozen/http'")
      ->type_name("REGEX");
  command.add_flag("--list", options.list, "Print the runs, and do nothing");
  command.add_option("--into", options.into, "A folder for drill.html, drill.json and the logs of runs that failed")
      ->type_name("DIR");
  command.add_option("--at-once", options.at_once, "Runs at a time")
      ->check(CLI::Range(1, 64))
      ->type_name("N")
      ->capture_default_str();
  command.add_flag("--json", options.json, "Report one JSON object");
}

/// CLI11's own message would print what follows a misspelt flag, and that may be a password.
std::string unexpected(const CLI::App& app) {
  auto commands = app.get_subcommands(); // that were asked for
  const auto& asked = commands.empty() ? app : *commands.front();
  std::vector<std::string> flags;
  for (const auto* option : asked.get_options())
    for (const auto& name : option->get_lnames()) flags.push_back("--" + name);
  for (const auto& word : app.remaining(true)) {
    if (word.rfind("--", 0) != 0) continue;
    auto name = word.substr(0, word.find('='));
    auto meant = nearest(name, flags);
    return asked.get_name() + " has no flag " + printable(name) +
           (meant.empty() ? "" : "; did you mean " + meant + "?");
  }
  return "there is a word too many; commands are serve, send, verify, bench, drill, check-config, schema and version";
}

/// Declares the commands; the one that is asked for ends up in `chosen`.
void add_commands(CLI::App& app, command_line& line, std::function<int()>& chosen) {
  auto add = [&](const char* name, const char* help, std::function<int()> go) {
    auto* command = app.add_subcommand(name, help);
    command->callback([&chosen, go = std::move(go)] { chosen = go; });
    return command;
  };
  auto* serve_command =
      add("serve", "Serve until SIGTERM or SIGINT (also without a command)", [&line] { return serve(line); });
  auto* send_command = add("send", "Send a file of points to a service", [&line] { return send(line); });
  auto* verify_command =
      add("verify", "Look for every point that a sending's ledger has", [&line] { return verify(line); });
  auto* bench_command = add("bench", "Load a service and measure it", [&line] { return bench(line); });
  auto* drill_command = add("drill", "Break a service of its own in every way, and check each promise",
                            [&line] { return net::run_drill(line.drill, std::cout, std::cerr); });
  auto* check =
      add("check-config", "Print the settings in force and where each is from", [&line] { return check_config(line); });
  auto* schema_command = add("schema", "Print the JSON Schema of a data point", [&line] { return schema(line); });
  add("version", "Print the version", version_line);
  for (auto* with_settings : {&app, serve_command, verify_command, check, schema_command})
    add_setting_flags(*with_settings, line.layers, with_settings != &app);
  app.footer("Every setting is a flag as well: goloca serve --help");
  add_send_flags(*send_command, line);
  add_verify_flags(*verify_command, line);
  add_bench_flags(*bench_command, line);
  add_drill_flags(*drill_command, line.drill);
  check->add_flag("--markdown", line.markdown, "Print the README's table of settings");
  check->add_flag("--sample", line.sample, "Print a config.env with every setting");
}

int run(int argc, char** argv) {
  command_line line;
  std::function<int()> chosen = [&line] { return serve(line); };
  CLI::App app{"Takes data points over HTTP and WebSocket; answers success once a point is safe on disk.", "goloca"};
  app.set_version_flag("--version", std::string{"goloca "} + version);
  app.require_subcommand(0, 1);
  add_commands(app, line, chosen);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError&) {
    return refuse(unexpected(app) + " (see goloca --help)", usage);
  } catch (const CLI::ParseError& answer) { // also --help and --version
    return app.exit(answer) == 0 ? done : usage;
  }
  for (const auto* client : {"send", "bench", "drill"})
    if (app.got_subcommand(client) && !line.layers.flags.empty())
      return refuse(std::string{client} + " takes no settings, only its own flags", usage);
  return chosen();
}

/// An exception that nobody caught, on any thread.
[[noreturn]] void say_and_end() {
  try {
    if (auto thrown = std::current_exception()) std::rethrow_exception(thrown);
    std::abort(); // no exception: a core tells more
  } catch (const std::exception& thrown) {
    std::cerr << "goloca: a bug, please report it: " << thrown.what() << std::endl;
  } catch (...) { // only to say it; the process ends
    std::cerr << "goloca: a bug, please report it: an exception of unknown type" << std::endl;
  }
  std::_Exit(software);
}

/// What a burst of large bodies took goes back to the system when it is freed. Left to itself, glibc raises its bounds
/// to the largest block that it has seen, and keeps the memory (measured: 475 MB after a flood that MAX_BUFFERED_BYTES
/// kept to 484; 98 with these). Lower ones keep some 15 MB less, but make a body of seven megabytes take 1.3 times as
/// long: each time, all of it is new to the process.
void give_memory_back() {
  ::mallopt(M_MMAP_THRESHOLD, 4 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 32 << 20);
}

} // namespace

int main(int argc, char** argv) {
  give_memory_back();
  std::set_terminate(say_and_end);
  return run(argc, argv);
}
