#pragma once
// The layers that settings come from (config.env, the environment over it, flags over both) laid over each other: one
// text and its source per key. What the texts mean is make_config's.

#include <map>
#include <string>
#include <vector>

namespace goloca {

/// One thing that is wrong, for the person who can mend it.
struct config_fault {
  std::string where;                         // "config.env:3", "environment", "--port"
  std::string key;                           // "PORT"; empty when it is the line or the file as such
  std::string value;                         // as it may be shown: a secret is masked; empty when there is none
  std::string expected;                      // "must be 0 to 65535"
  [[nodiscard]] std::string message() const; // "config.env:3: PORT=x: must be 0 to 65535"
};
using config_faults = std::vector<config_fault>;

/// A setting's text, and where it is from: "config.env:3", "environment", "--port"; through a KEY_FILE: "environment
/// (/run/secrets/pw)".
struct written {
  std::string text;
  std::string where;
};
using settings = std::map<std::string, written, std::less<>>;
using key_values = std::map<std::string, std::string, std::less<>>;

struct setting_layers {
  std::string file = "config.env";
  bool file_must_exist = false; // --config names it
  key_values environment;       // all of it; only declared keys are looked at
  key_values flags;             // by key: PORT, PORT_FILE
};

/// Lays the layers over each other and reads the files that KEY_FILEs name. An empty value is no value, but for a
/// flag's. \param faults  Gets what is wrong with the file, its lines and keys, and with KEY_FILEs; the settings at
/// fault are left out.
settings read_settings(const setting_layers& layers, config_faults& faults);

/// This process's environment.
key_values process_environment();

} // namespace goloca
