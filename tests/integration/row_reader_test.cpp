// Reading the stored rows beside whoever writes them: the same from both databases.

#include "store/row_reader.hpp"
#include "tests/support/postgres_sessions.hpp"
#include "tests/support/scratch_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using namespace goloca;
using test::error;
using test::prepared_store;
using test::rides;
using test::value;

/// \param settings  of a store whose table is not there yet.
void expect_to_read_what_was_stored(const store::store_settings& settings) {
  auto store = prepared_store(settings);
  auto points = rides(1, 1'200);
  value(store->insert(points.views()));
  auto reader = value(store::open_reader(settings, store::rides_schema()));

  auto found = value(reader->find(std::vector<std::int64_t>{7, 1'199, 5'000}));
  ASSERT_EQ(found->size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    auto row = (*found)[i];
    EXPECT_TRUE(same_content(row, points[static_cast<std::size_t>(row.id() - 1)])) << row.id();
  }

  std::int64_t last = 0;
  std::size_t walked = 0;
  for (;;) {
    auto next = value(reader->after(last));
    if (next->empty()) break;
    for (std::size_t i = 0; i < next->size(); ++i, ++walked) {
      ASSERT_EQ((*next)[i].id(), static_cast<std::int64_t>(walked) + 1);
      EXPECT_TRUE(same_content((*next)[i], points[walked]));
    }
    last = (*next)[next->size() - 1].id();
  }
  EXPECT_EQ(walked, 1'200U);

  value(store->insert(rides(2'000, 1).views()));
  EXPECT_EQ(value(reader->after(1'200))->size(), 1U) << "what is stored meanwhile is seen";
}

TEST(a_row_reader, reads_what_stands_in_postgres) {
  test::temporary_postgres server;
  auto settings = test::settings_for(server);
  EXPECT_EQ(error(store::open_reader(settings, store::rides_schema())).kind, store::error_kind::unfit) << "no table";
  expect_to_read_what_was_stored(settings);
}

TEST(a_row_reader, reads_what_stands_in_sqlite) {
  test::scratch_folder folder;
  store::store_settings settings;
  settings.sqlite_path = (folder.path() / "points.db").string();
  EXPECT_EQ(error(store::open_reader(settings, store::rides_schema())).kind, store::error_kind::unavailable)
      << "no file";
  expect_to_read_what_was_stored(settings);
}

} // namespace
