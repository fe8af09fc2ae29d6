// /live as a person sees it: in a browser, while nodes come and go.

#include "tests/support/browser.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/node_cluster.hpp"
#include "tests/support/raw_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using namespace goloca::test;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string page_of(const running_goloca& node) {
  return "http://127.0.0.1:" + std::to_string(node.admin_port()) + "/live";
}

/// Whether the page comes to show this text there, without being loaded again.
testing::AssertionResult comes_to_show(browser& in, const std::string& selector, const std::string& text) {
  std::string seen;
  auto shown = [&] { return (seen = in.text_of(selector)).find(text) != std::string::npos; };
  if (eventually(shown)) return testing::AssertionSuccess();
  return testing::AssertionFailure() << selector << " shows \"" << seen << "\", not \"" << text << '"';
}

testing::AssertionResult becomes_ready(browser& in) {
  if (eventually([&] { return in.text_of("#state") == "ready"; })) return testing::AssertionSuccess();
  return testing::AssertionFailure() << "it is \"" << in.text_of("#state") << '"';
}

/// How many links the picture has in this state.
int lines(browser& in, const std::string& state) {
  return in.run("return document.querySelectorAll('#picture line." + state + "').length");
}

TEST(the_live_page, is_for_operators_and_may_ask_nobody_but_its_node) {
  running_goloca service{goloca_binary()};
  auto page = raw_client{service.admin_port()}.get("/live");
  EXPECT_EQ(page.status, 200U);
  EXPECT_EQ(page.header("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(page.header("content-security-policy"), HasSubstr("default-src 'none'; connect-src 'self';"));
  EXPECT_EQ(raw_client{service.admin_port()}.request("POST", "/live").status, 405U);
  raw_client asks_for_head{service.admin_port()};
  asks_for_head.write("HEAD /live HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(asks_for_head.read_response(true).header("content-length"), std::to_string(page.body.size()));
  EXPECT_EQ(raw_client{service.port()}.get("/live").status, 404U) << "for operators only";
}

TEST(the_live_page, shows_what_one_node_carries) {
  running_goloca service{goloca_binary()};
  browser in;
  in.open(page_of(service));
  EXPECT_TRUE(becomes_ready(in));
  EXPECT_TRUE(comes_to_show(in, "#who", "role all"));
  EXPECT_EQ(in.text_of("#cluster"), "") << "it has no links";
  auto all = nlohmann::json::array();
  for (int i = 0; i < 200; ++i) all.push_back({{"user_id", "u"}, {"vehicle_model_id", 1}});
  EXPECT_EQ(raw_client{service.port()}.post("/datapoints", all.dump()).status, 200U);
  EXPECT_TRUE(comes_to_show(in, "#figures", "Stored\n200\n"));
  EXPECT_TRUE(eventually([&] {
    return in.run("return Number(/at most ([0-9]+)/.exec(document.querySelector('#rate').textContent)[1])") > 20;
  })) << "points a second";
  EXPECT_THAT(in.errors(), IsEmpty());
  in.run("setTimeout(() => { throw new Error('planted') }, 0)");
  EXPECT_TRUE(eventually([&] { return !in.errors().empty(); })) << "an exception of the page would be seen";
  service.kill();
  EXPECT_TRUE(comes_to_show(in, "#state", "no answer"));
  service.start();
  EXPECT_TRUE(becomes_ready(in)) << "without being loaded again";
}

TEST(the_live_page, shows_the_links_of_an_edge_as_they_come_and_go) {
  node_cluster cluster{goloca_binary(), 1, 2};
  browser in;
  in.open(page_of(cluster.edge(0)));
  EXPECT_TRUE(comes_to_show(in, "#node", "edge-1"));
  EXPECT_TRUE(comes_to_show(in, "#who", "role edge"));
  EXPECT_TRUE(comes_to_show(in, "#writers tbody", "writer-1 (127.0.0.1:"));
  EXPECT_TRUE(comes_to_show(in, "#writers tbody", "writer-2 (127.0.0.1:"));
  EXPECT_TRUE(eventually([&] { return lines(in, "connected") == 2; }));
  EXPECT_TRUE(comes_to_show(in, "#writers tbody tr:nth-child(1) td:nth-child(4)", " ms")) << "of a ping's round trip";
  EXPECT_EQ(in.text_of("#writers tbody tr:nth-child(1) td:nth-child(3)"), "0 / 4") << "batches and credit";
  EXPECT_THAT(in.errors(), IsEmpty());

  cluster.writer(1).kill();
  EXPECT_TRUE(comes_to_show(in, "#writers tbody", " ago: ")) << "why it is not linked";
  EXPECT_TRUE(eventually([&] { return lines(in, "connected") == 1; })) << "and the picture shows it";
  cluster.writer(0).kill();
  EXPECT_TRUE(comes_to_show(in, "#state", "not ready: "));
  cluster.writer(0).start();
  cluster.writer(1).start();
  EXPECT_TRUE(eventually([&] { return lines(in, "connected") == 2; })) << in.text_of("#writers");
}

TEST(the_live_page, shows_a_writers_edges_and_takes_no_name_for_markup) {
  node_cluster cluster{goloca_binary(), 1, 1};
  browser in;
  in.open(page_of(cluster.writer(0)));
  EXPECT_TRUE(comes_to_show(in, "#edges tbody tr", "edge-1"));
  auto answer = raw_client{cluster.edge(0).port()}.post("/add_datapoint", R"({"user_id":"u","vehicle_model_id":1})");
  EXPECT_EQ(answer.status, 201U) << answer.body;
  EXPECT_TRUE(comes_to_show(in, "#edges tbody tr td:nth-child(4)", "1")) << "points that it answered";
  EXPECT_TRUE(comes_to_show(in, "#figures", "Committed\n1\n")) << "which came from no client of its own";
  auto shown =
      in.run("showLinks({role: 'writer', node: 'w', writers: [], edges: [{node: '<b>x</b>', from: '<i>', batches: 0, "
             "answered: {points: 0, batches: 0}, for_ms: 0}]}, 0); "
             "return document.querySelector('#edges tbody').innerText");
  EXPECT_THAT(shown.get<std::string>(), HasSubstr("<b>x</b>"));
  EXPECT_THAT(in.errors(), IsEmpty());
}

} // namespace
