#include "net/client/drill/listening_witness.hpp"

#include "net/client/message.hpp"

#include <string>

namespace goloca::net::drill {

namespace {

using verdict = client::point_reply::verdict;

/// A connection that broke is one thing, one that lives and does not answer, or not as it should, another.
heard meaning_of_loss(const client::point_reply& how) {
  if (how.error.ends_with(client::no_answer_in_time)) return heard::silent;
  if (how.error.ends_with(client::does_not_fit)) return heard::misfit;
  return heard::lost;
}

} // namespace

heard meaning_of(errand what, const client::point_reply& how) {
  switch (how.what) {
  case verdict::stored:
    return what == errand::fresh ? heard::stored : heard::renewed;
  case verdict::duplicate:
    return what == errand::conflict ? heard::renewed : heard::duplicate;
  case verdict::refused:
    return what == errand::conflict && how.code == "conflict" ? heard::conflict : heard::wrong;
  case verdict::again:
    break;
  }
  if (how.code == client::lost_code) return meaning_of_loss(how);
  return how.retry_after > milliseconds{0} ? heard::refused : heard::mute;
}

void listening_witness::answered(const client::item& point, const client::point_reply& how) {
  ledger_->answered(point, how);
  auto what = static_cast<errand>(point.line);
  auto means = meaning_of(what, how);
  if (what == errand::fresh && chronicle::acks(means)) points_->acked(std::stoll(point.id));
  chronicle_->add(clock::now(), means);
}

} // namespace goloca::net::drill
