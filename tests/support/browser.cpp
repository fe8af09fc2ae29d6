#include "tests/support/browser.hpp"

#include "tests/support/eventually.hpp"
#include "tests/support/free_port.hpp"
#include "tests/support/raw_client.hpp"

#include <exception>
#include <stdexcept>

namespace goloca::test {

namespace {

using nlohmann::json;

constexpr std::chrono::seconds patience{60}; // a first start beside a whole test run is slow

bool listens(std::uint16_t port) {
  try {
    raw_client{port};
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

} // namespace

browser::browser()
    : port_{free_port()}, driver_{"/usr/bin/chromedriver", {.arguments = {"--port=" + std::to_string(port_)}}} {
  if (!eventually([&] { return listens(port_); }, patience))
    throw std::runtime_error{"no ChromeDriver: " + driver_.err()};
  json arguments{"--headless",
                 "--no-sandbox",
                 "--disable-gpu",
                 "--disable-quic",
                 "--no-first-run",
                 "--disable-sync",
                 "--disable-background-networking",
                 "--disable-component-update",
                 "--disable-dev-shm-usage",
                 "--window-size=1100,900",
                 "--user-data-dir=" + profile_.path().string()};
  json wanted{{"browserName", "chrome"},
              {"goog:chromeOptions", {{"binary", "/usr/bin/chromium"}, {"args", arguments}}},
              {"goog:loggingPrefs", {{"browser", "SEVERE"}}}};
  session_ = ask("POST", "", {{"capabilities", {{"alwaysMatch", wanted}}}}).at("sessionId");
}

browser::~browser() {
  try {
    ask("DELETE", "/" + session_);
  } catch (const std::exception&) { // it is gone already
  }
}

void browser::open(const std::string& url) {
  ask("POST", "/" + session_ + "/url", {{"url", url}});
}

json browser::run(const std::string& script) {
  return ask("POST", "/" + session_ + "/execute/sync", {{"script", script}, {"args", json::array()}});
}

std::string browser::text_of(const std::string& selector) {
  return run("const found = document.querySelector(" + json(selector).dump() +
             "); return found && found.getClientRects().length > 0 ? found.innerText : ''");
}

json browser::errors() {
  return ask("POST", "/" + session_ + "/se/log", {{"type", "browser"}});
}

json browser::ask(const std::string& method, const std::string& path, const json& body) {
  raw_client driver{port_, patience};
  auto text = body.is_null() ? std::string{} : body.dump();
  auto answer = driver.request(method, "/session" + path, text, {{"Content-Type", "application/json"}});
  if (answer.status != 200) throw std::runtime_error{"the browser: " + answer.body};
  return answer.json().at("value");
}

} // namespace goloca::test
