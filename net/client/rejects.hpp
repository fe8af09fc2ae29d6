#pragma once
// The points that were refused, each with its reason: a file of one JSON object a line, and the first few for the eye.

#include "net/client/point_source.hpp"
#include "net/client/reply.hpp"

#include <fstream>
#include <string>

namespace goloca::net::client {

/// {"line":12,"id":"7","code":"invalid","error":"…","point":{…}} without line end; `point` is the raw text, as a
/// string, of a record that could not be read.
std::string reject_line(const item& refused, const point_reply& how);

class rejects {
public:
  /// \param path  truncated; empty: nothing is kept.
  explicit rejects(const std::string& path);

  void add(const item& refused, const point_reply& how);

  /// Writes out what is buffered. \return false when the file does not hold all (or could not be opened).
  bool flush();

private:
  bool wanted_;
  std::ofstream file_;
};

} // namespace goloca::net::client
