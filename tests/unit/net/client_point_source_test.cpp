#include "net/client/byte_reader.hpp"
#include "net/client/point_source.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <fstream>
#include <sstream>

namespace {

using namespace goloca;
using namespace goloca::net::client;
using json = nlohmann::json;

struct reading {
  std::string fault; // of the header
  std::vector<item> items;
};

reading read_stream(std::istream& stream) {
  store::point_id_source ids{1};
  auto opened = open_source(stream, store::rides_schema(), ids);
  if (auto* fault = std::get_if<std::string>(&opened)) return {*fault, {}};
  auto& source = *std::get<std::unique_ptr<point_source>>(opened);
  reading all;
  while (auto next = source.next()) all.items.push_back(std::move(*next));
  EXPECT_FALSE(source.next()) << "the end stays the end";
  return all;
}

reading read_text(const std::string& text) {
  std::istringstream stream{text};
  return read_stream(stream);
}

json point_of(const item& one) {
  EXPECT_EQ(one.fault, "");
  return json::parse(one.text, nullptr, false);
}

TEST(client_point_source, reads_the_real_rides) {
  std::ifstream file{GOLOCA_SOURCE_DIR "/../shared/data/rides.csv", std::ios::binary};
  if (!file) GTEST_SKIP() << "the rides are not here";
  auto all = read_stream(file).items;
  ASSERT_EQ(all.size(), 1000u);
  EXPECT_EQ(all[0].id, "132516");
  EXPECT_EQ(all[0].line, 2u);
  EXPECT_EQ(point_of(all[0]),
            json::parse(R"({"id":"132516","user_id":"22179","vehicle_model_id":"12","travel_type_id":2,
                            "from_area_id":"1096","to_area_id":"393","from_date":1357032600000,"online_booking":false,
                            "mobile_site_booking":false,"booking_created":1357026660000,"from_lat":12.96519,
                            "from_long":77.71932,"to_lat":13.19956,"to_long":77.70688})"));
  for (const auto& one : all) EXPECT_EQ(one.fault, "") << one.line;
}

TEST(client_point_source, skips_a_byte_order_mark_and_blanks_before_the_first_byte) {
  EXPECT_EQ(read_text("\xef\xbb\xbfid,user_id,vehicle_model_id\n1,2,3\n").items.at(0).id, "1");
  EXPECT_EQ(read_text("\xef\xbb\xbf \n [{\"id\":1}]").items.at(0).id, "1");
  EXPECT_EQ(read_text("\n\n{\"id\":1}").items.at(0).line, 3u);
}

TEST(client_point_source, takes_columns_for_members_in_any_order) {
  auto all = read_text("car_cancellation,vehicle_model_id,user_id,id\ntrue,v,u,7\n").items;
  EXPECT_EQ(point_of(all.at(0)),
            json::parse(R"({"Car_Cancellation":true,"vehicle_model_id":"v","user_id":"u","id":"7"})"));
}

TEST(client_point_source, names_every_header_that_the_schema_does_not_have) {
  auto fault = read_text("id,user_id,vehicle_model_id,colour,size\n").fault;
  EXPECT_NE(fault.find("\"colour\", \"size\""), std::string::npos) << fault;
}

TEST(client_point_source, refuses_a_header_that_names_a_member_twice_or_lacks_one_that_is_required) {
  EXPECT_NE(read_text("user_id,vehicle_model_id,user_id\n").fault.find("twice"), std::string::npos);
  EXPECT_NE(read_text("id,user_id\n1,2\n").fault.find("vehicle_model_id"), std::string::npos);
  EXPECT_NE(read_text("user_id,,vehicle_model_id\n").fault.find("column 2"), std::string::npos);
  EXPECT_EQ(read_text("").fault, "the input is empty");
}

TEST(client_point_source, rejects_a_line_with_too_many_or_too_few_fields_and_goes_on) {
  auto all = read_text("id,user_id,vehicle_model_id,,\n1,2\n2,u,v,,\n3,u,v,,,\n4,u,v,x,\n5,u,v\n").items;
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].fault, "the line has 2 fields, the header 5");
  EXPECT_EQ(all[0].line, 2u);
  EXPECT_EQ(all[0].text, "1,2");
  EXPECT_EQ(all[1].fault, "");
  EXPECT_EQ(all[2].fault, "the line has 6 fields, the header 5");
  EXPECT_NE(all[3].fault, "") << "a value in a column without name would be lost";
  EXPECT_EQ(all[4].fault, "") << "columns without name need not be there";
}

TEST(client_point_source, names_the_member_whose_value_is_wrong) {
  auto all = read_text("id,user_id,vehicle_model_id,from_lat\n1,2,3,north\n").items;
  EXPECT_EQ(all.at(0).fault, "from_lat: \"north\" is not a number");
}

TEST(client_point_source, gives_each_point_without_id_one_of_its_own) {
  for (const auto* text :
       {"user_id,vehicle_model_id\nu,v\nu,v\n", "id,user_id,vehicle_model_id\nNULL,u,v\n,u,v\n",
        R"([{"user_id":"u","vehicle_model_id":"v"}, {"id" : null,"user_id":"u","vehicle_model_id":"v"}])",
        "{\"user_id\":\"u\",\"vehicle_model_id\":\"v\"}\n{ \"id\":null ,\"x\":{\"id\":5}}\n"}) {
    auto all = read_text(text).items;
    ASSERT_EQ(all.size(), 2u);
    EXPECT_NE(all[0].id, all[1].id);
    for (const auto& one : all) {
      EXPECT_EQ(point_of(one)["id"], one.id) << one.text;
      EXPECT_EQ(one.text.substr(one.own_id_at, one.id.size()), one.id);
    }
  }
  auto empty = read_text("[{}]").items;
  EXPECT_EQ(point_of(empty.at(0)), (json{{"id", empty[0].id}}));
}

TEST(client_point_source, finds_the_id_of_json_however_it_is_written) {
  auto all =
      read_text(R"([{"x":"\"}],{","y":[{"id":1}],"id":"5"},{"id":6,"x":1},{"\u0069d":"7"},{"x":{},"id": 8 }])").items;
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[0].id, "5");
  EXPECT_EQ(all[1].id, "6");
  EXPECT_EQ(all[2].id, "7");
  EXPECT_EQ(all[3].id, "8");
  for (const auto& one : all) EXPECT_EQ(one.own_id_at, std::string::npos);
}

TEST(client_point_source, reads_a_json_array_element_by_element) {
  auto all = read_text("[\n {\"id\":1},\n {\"id\":\n2} , {\"id\":3}\n]\n").items;
  ASSERT_EQ(all.size(), 3u);
  EXPECT_EQ(all[1].line, 3u);
  EXPECT_EQ(all[1].id, "2");
  EXPECT_TRUE(read_text("[]").items.empty());
  EXPECT_TRUE(read_text(" [ ] \n").items.empty());
}

TEST(client_point_source, does_not_read_an_array_ahead_of_what_is_asked) {
  std::istringstream stream{R"([{"id":1},{"id":2},{"id":3}])"};
  store::point_id_source ids{1};
  auto opened = open_source(stream, store::rides_schema(), ids);
  auto& source = *std::get<std::unique_ptr<point_source>>(opened);
  source.next();
  EXPECT_EQ(source.consumed(), 10u);
}

TEST(client_point_source, rejects_what_is_no_object_and_goes_on) {
  auto all = read_text(R"([1,"x",null,[],{"id":1},{"a":tru},{"a":1e400},])").items;
  ASSERT_EQ(all.size(), 8u);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].fault.empty(), i == 4) << i << all[i].fault;
}

TEST(client_point_source, reports_an_array_that_is_cut_off_or_followed_by_text) {
  for (const auto* text : {"[", "[{\"id\":1},", "[{\"id\":1},{\"id", "[{\"id\":1}"}) {
    auto all = read_text(text).items;
    ASSERT_FALSE(all.empty()) << text;
    EXPECT_EQ(all.back().fault, "the input ends within the array") << text;
  }
  EXPECT_EQ(read_text("[{\"id\":1}] {\"id\":2}").items.at(1).fault, "text follows the end of the array");
}

TEST(client_point_source, reads_ndjson_line_by_line_and_rejects_only_the_broken_line) {
  auto all = read_text("{\"id\":1}\r\n\n{\"id\":2\n{\"id\":3}{\"id\":4}\n{\"id\":\"\xff\"}\n{\"id\":5}").items;
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[0].id, "1");
  EXPECT_NE(all[1].fault, "");
  EXPECT_EQ(all[1].line, 3u);
  EXPECT_NE(all[2].fault, "") << "two objects in a line";
  EXPECT_NE(all[3].fault, "") << "not UTF-8";
  EXPECT_EQ(all[4].id, "5");
}

TEST(client_point_source, survives_deep_nesting_and_endless_items) {
  auto deep =
      read_text("[{\"id\":1,\"x\":" + std::string(10'000, '[') + std::string(10'000, ']') + "},{\"id\":2}]").items;
  ASSERT_EQ(deep.size(), 2u);
  EXPECT_EQ(deep[0].id, "1");
  auto large = read_text("[{\"id\":1,\"x\":\"" + std::string(longest_record, 'x') + "\"},{\"id\":2}]").items;
  ASSERT_EQ(large.size(), 2u);
  EXPECT_NE(large[0].fault, "");
  EXPECT_EQ(large[1].id, "2");
}

} // namespace
