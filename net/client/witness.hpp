#pragma once
// Who is told of every point before it is sent and of every answer to it. The ledger is one.

#include "net/client/reply.hpp"

#include <vector>

namespace goloca::net::client {

struct item;

class witness {
public:
  virtual ~witness() = default;

  /// These have not been sent before under this id. \return false: they must not be sent, now or later.
  virtual bool about_to_send(const std::vector<const item*>& points) = 0;

  /// An answer, or `again` with the lost_code: the connection was, or there never was one.
  virtual void answered(const item& point, const point_reply& how) = 0;

  /// All answers to one message were told.
  virtual void message_is_over() = 0;
};

} // namespace goloca::net::client
