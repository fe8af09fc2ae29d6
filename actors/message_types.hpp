#pragma once
// What CAF needs to know of the messages: a number for each, and how to print it and, where no memory is shared, to
// serialise it. The end of messages.hpp, which is what to include.

#include "actors/messages.hpp"

namespace goloca::actors {

template <class F>
typename F::result_type inspect(F& f, find_query& x) {
  return f(caf::meta::type_name("find_query"), x.number, x.id);
}
template <class F>
typename F::result_type inspect(F& f, readiness_query& x) {
  return f(caf::meta::type_name("readiness_query"), x.number);
}
template <class F>
typename F::result_type inspect(F& f, client_gone&) {
  return f(caf::meta::type_name("client_gone"));
}
template <class F>
typename F::result_type inspect(F& f, became_websocket&) {
  return f(caf::meta::type_name("became_websocket"));
}
template <class F>
typename F::result_type inspect(F& f, status_query& x) {
  return f(caf::meta::type_name("status_query"), x.number);
}
template <class F>
typename F::result_type inspect(F& f, report_account&) {
  return f(caf::meta::type_name("report_account"));
}
template <class F>
typename F::result_type inspect(F& f, account_reported&) {
  return f(caf::meta::type_name("account_reported"));
}
template <class F>
typename F::result_type inspect(F& f, pool_query&) {
  return f(caf::meta::type_name("pool_query"));
}
template <class F>
typename F::result_type inspect(F& f, writers_query&) {
  return f(caf::meta::type_name("writers_query"));
}
template <class F>
typename F::result_type inspect(F& f, connections_query&) {
  return f(caf::meta::type_name("connections_query"));
}
template <class F>
typename F::result_type inspect(F& f, links_query&) {
  return f(caf::meta::type_name("links_query"));
}
template <class F>
typename F::result_type inspect(F& f, hosts_query&) {
  return f(caf::meta::type_name("hosts_query"));
}
template <class F>
typename F::result_type inspect(F& f, members_changed& x) {
  return f(caf::meta::type_name("members_changed"), x.addresses);
}
template <class F>
typename F::result_type inspect(F& f, start_link& x) {
  return f(caf::meta::type_name("start_link"), x.address);
}
template <class F>
typename F::result_type inspect(F& f, link_named& x) {
  return f(caf::meta::type_name("link_named"), x.node, x.boot);
}
template <class F>
typename F::result_type inspect(F& f, link_find& x) {
  return f(caf::meta::type_name("link_find"), x.number, x.id);
}
template <class F>
typename F::result_type inspect(F& f, host_report& x) {
  return f(caf::meta::type_name("host_report"), x.in_flight, x.batches, x.points);
}
template <class F>
typename F::result_type inspect(F& f, link_gone&) {
  return f(caf::meta::type_name("link_gone"));
}
template <class F>
typename F::result_type inspect(F& f, verdict_run& x) {
  return f(caf::meta::type_name("verdict_run"), x.first, x.count, x.what, x.detail, x.new_id);
}
template <class F>
typename F::result_type inspect(F& f, insert_reply& x) {
  return f(caf::meta::type_name("insert_reply"), x.runs);
}
template <class F>
typename F::result_type inspect(F& f, find_request& x) {
  return f(caf::meta::type_name("find_request"), x.id);
}
template <class F>
typename F::result_type inspect(F& f, readiness& x) {
  return f(caf::meta::type_name("readiness"), x.number, x.writers, x.queued, x.capacity, x.full_durability,
           x.durability, x.reason);
}
template <class F>
typename F::result_type inspect(F& f, connect_store&) {
  return f(caf::meta::type_name("connect_store"));
}
template <class F>
typename F::result_type inspect(F& f, probe_store&) {
  return f(caf::meta::type_name("probe_store"));
}
template <class F>
typename F::result_type inspect(F& f, socket_ready&) {
  return f(caf::meta::type_name("socket_ready"));
}
template <class F>
typename F::result_type inspect(F& f, start_writer& x) {
  return f(caf::meta::type_name("start_writer"), x.slot);
}
template <class F>
typename F::result_type inspect(F& f, tick&) {
  return f(caf::meta::type_name("tick"));
}
template <class F>
typename F::result_type inspect(F& f, dispatch_queued&) {
  return f(caf::meta::type_name("dispatch_queued"));
}
template <class F>
typename F::result_type inspect(F& f, gather_ended&) {
  return f(caf::meta::type_name("gather_ended"));
}
template <class F>
typename F::result_type inspect(F& f, writers_missing& x) {
  return f(caf::meta::type_name("writers_missing"), x.reason);
}
template <class F>
typename F::result_type inspect(F& f, pool_changed& x) {
  return f(caf::meta::type_name("pool_changed"), x.pool);
}
template <class F>
typename F::result_type inspect(F& f, give_up&) {
  return f(caf::meta::type_name("give_up"));
}
template <class F>
typename F::result_type inspect(F& f, drain_more&) {
  return f(caf::meta::type_name("drain_more"));
}
template <class F>
typename F::result_type inspect(F& f, drain&) {
  return f(caf::meta::type_name("drain"));
}
template <class F>
typename F::result_type inspect(F& f, account_query&) {
  return f(caf::meta::type_name("account_query"));
}
template <class F>
typename F::result_type inspect(F& f, all_left&) {
  return f(caf::meta::type_name("all_left"));
}
template <class F>
typename F::result_type inspect(F& f, drained& x) {
  return f(caf::meta::type_name("drained"), x.total);
}

} // namespace goloca::actors

CAF_BEGIN_TYPE_ID_BLOCK(goloca, first_custom_type_id)
CAF_ADD_TYPE_ID(goloca, (goloca::actors::account))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::burst))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::find_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::readiness_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::client_gone))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::insert_request))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::insert_reply))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::find_request))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::find_result))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::readiness))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::insert_batch))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::batch_result))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::connect_store))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::probe_store))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::finish_insert))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::socket_ready))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::start_writer))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::tick))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::dispatch_queued))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::gather_ended))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::writer_ready))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::writers_missing))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::pool_changed))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::give_up))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::drain))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::drain_more))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::wake_at))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::account_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::all_left))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::drained))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::open_connection))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::became_websocket))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::status_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::status_told))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::account_report))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::report_account))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::account_reported))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::pool_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::pool_status))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::writers_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::writers_status))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::connections_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::connections_status))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::pool_ended))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::writers_ended))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::links_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::hosts_query))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::members_changed))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::start_link))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::link_named))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::link_find))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::link_gone))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::writer_leaving))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::link_news))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::link_report))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::link_batch))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::open_link))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::links_status))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::hosts_status))
CAF_ADD_TYPE_ID(goloca, (goloca::actors::host_report))
CAF_END_TYPE_ID_BLOCK(goloca)

CAF_ERROR_CODE_ENUM(goloca::actors::failure, "goloca")

// They share rows, hold typed handles, a port or times of this machine: local to the node.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::burst)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::insert_request)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::find_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::insert_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::batch_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::finish_insert)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::writer_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::wake_at)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::account_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::status_told)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::pool_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::writers_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::connections_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::pool_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::writers_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::open_connection)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::writer_leaving)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::link_news)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::link_report)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::link_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::open_link)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::links_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(goloca::actors::hosts_status)
