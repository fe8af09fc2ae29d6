#pragma once
// A headless Chromium, driven through its ChromeDriver by the WebDriver protocol (https://www.w3.org/TR/webdriver2/).

#include "tests/support/child_process.hpp"
#include "tests/support/scratch_folder.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace goloca::test {

/// One window. Every function throws std::runtime_error when the browser cannot do it, or does not answer in time.
class browser {
public:
  browser(); // ready when it returns
  ~browser();
  browser(const browser&) = delete;
  browser& operator=(const browser&) = delete;

  void open(const std::string& url);

  /// What the function body `script` returns in the page, as JSON.
  nlohmann::json run(const std::string& script);

  /// The text of the first element that this CSS selector finds; empty when there is none, or it is not shown.
  std::string text_of(const std::string& selector);

  /// What the page logged as an error, its own exceptions among that; nothing: all is well.
  nlohmann::json errors();

private:
  nlohmann::json ask(const std::string& method, const std::string& path, const nlohmann::json& body = {});

  scratch_folder profile_;
  std::uint16_t port_;
  child_process driver_;
  std::string session_;
};

} // namespace goloca::test
