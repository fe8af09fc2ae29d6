#include "net/client/drill/service.hpp"

#include "net/client/drill/local_call.hpp"

#include <nlohmann/json.hpp>

#include <utility>

namespace goloca::net::drill {

namespace {

constexpr milliseconds pause_before_restart{100}; // RestartSec of deploy/goloca.service is of that order

environment all_settings(environment given, std::uint16_t port, std::uint16_t admin_port) {
  environment all{{"PORT", std::to_string(port)},
                  {"LISTEN_ADDRESS", "127.0.0.1"},
                  {"ADMIN_ADDRESS", "127.0.0.1:" + std::to_string(admin_port)},
                  {"REQUEST_TIMEOUT", std::to_string(request_timeout.count()) + "ms"},
                  {"SHUTDOWN_TIMEOUT", std::to_string(shutdown_timeout.count()) + "ms"},
                  {"DB_STATEMENT_TIMEOUT", "500ms"},
                  {"DB_CONNECT_TIMEOUT", "500ms"},
                  {"MAX_DB_CONNECTION_ATTEMPTS", "1000"},
                  {"DB_CONNECTION_RETRY_INTERVAL", "100ms"},
                  {"HEADER_TIMEOUT", "1s"},
                  {"BODY_TIMEOUT", "1s"},
                  {"WRITE_TIMEOUT", "1s"}};
  for (auto& [key, value] : given) all[key] = std::move(value);
  return all;
}

} // namespace

std::string describe_ending(std::optional<int> code) {
  if (!code) return "does not end";
  if (*code > 128) return "was ended by signal " + std::to_string(*code - 128);
  return "ended with exit code " + std::to_string(*code);
}

service::service(std::string program, environment settings, std::filesystem::path folder, std::size_t max_files)
    : program_{std::move(program)}, folder_{std::move(folder)}, log_{folder_ / "goloca.log"},
      max_files_{max_files}, port_{free_port()}, admin_port_{free_port()} {
  settings_ = all_settings(std::move(settings), port_, admin_port_);
}

void service::start() {
  meant_to_run_ = true;
  start_again_at_.reset();
  process_.reset();
  process_ = std::make_unique<child>(
      program_,
      child_options{
          .arguments = {"serve"}, .variables = settings_, .folder = folder_, .log = log_, .max_files = max_files_});
}

void service::kill() {
  meant_to_run_ = false;
  process_->kill();
}

std::optional<int> service::terminate(milliseconds patience) {
  meant_to_run_ = false;
  process_->signal(SIGTERM);
  return process_->wait(patience);
}

void service::signal(int number) {
  process_->signal(number);
}

void service::look_after() {
  if (!meant_to_run_) return;
  auto code = process_->ended();
  if (!code) return;
  if (!start_again_at_) {
    crashes_.push_back(*code);
    start_again_at_ = clock::now() + pause_before_restart;
  } else if (clock::now() >= *start_again_at_) {
    start();
  }
}

std::optional<readiness_told> service::readiness() const {
  auto said = call(admin_port_, "GET", "/readyz");
  if (!said) return std::nullopt;
  readiness_told told{said->status == 200};
  auto body = nlohmann::json::parse(said->body, nullptr, false);
  if (!body.is_object()) return told;
  told.queued = body.value("queued", told.queued);
  told.capacity = body.value("capacity", told.capacity);
  told.faults = body.value("faults", told.faults);
  return told;
}

bool service::ready() const {
  auto told = readiness();
  return told && told->ready;
}

} // namespace goloca::net::drill
