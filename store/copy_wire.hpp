#pragma once
// What client and server say to each other for COPY … FROM STDIN: PostgreSQL's protocol, version 3.0 (its manual,
// "Message Formats"). libpq takes a COPY's data only once the server has asked for it, and its end only behind that:
// two round trips in which a thread has to wake up. The protocol lets a client say all at once, and several COPYs in
// one transaction. Pure: no socket.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace goloca::store {

/// Asks for any number of COPYs that happen together or not at all.
class copy_request {
public:
  /// \param statement  a prepared COPY … FROM STDIN.
  explicit copy_request(std::string_view statement);

  void clear(); // it asks for nothing again, and keeps its memory

  /// One more, which reads this file. A server that refuses one passes over all that follow.
  void add(std::string_view file);

  /// All that is to be sent. Good until the next call, which may not be add().
  [[nodiscard]] std::string_view whole();

  [[nodiscard]] std::size_t copies() const { return copies_; }

private:
  std::string opening_; // of each: Bind and Execute
  std::string text_;
  std::size_t copies_ = 0;
  bool ended_ = false;
};

/// Reads what the server answers, in whatever pieces it comes.
class copy_reply {
public:
  /// \param copies  how many were asked for.
  explicit copy_reply(std::size_t copies) : asked_{copies} {}

  /// \return false: these are not the words of a server that was asked for a COPY. Nothing can be trusted any more.
  [[nodiscard]] bool take(std::string_view bytes);

  /// ReadyForQuery has come: the exchange is over.
  [[nodiscard]] bool complete() const { return complete_; }

  /// A message that belongs to nothing we asked has begun behind it: its rest would be taken for an answer to what is
  /// asked next.
  [[nodiscard]] bool torn() const { return complete_ && !left_.empty(); }

  /// Then: all rows were copied, and their transaction is over.
  [[nodiscard]] bool copied() const { return complete_ && copied_ == asked_ && idle_ && sqlstate_.empty(); }

  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; } // of the first error; empty: there was none
  [[nodiscard]] const std::string& message() const { return message_; }   // the server's words
  [[nodiscard]] const std::string& warning() const { return warning_; }   // the first; empty: none

private:
  [[nodiscard]] bool hear(char type, std::string_view body);
  void take_error(std::string_view fields);
  void take_notice(std::string_view fields);

  std::string left_; // the beginning of a message whose end is missing
  std::size_t asked_;
  std::size_t copied_ = 0; // of them
  bool complete_ = false;
  bool idle_ = false;
  std::string sqlstate_;
  std::string message_;
  std::string warning_;
};

} // namespace goloca::store
