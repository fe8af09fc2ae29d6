#include "net/link/credentials.hpp"
#include "tests/support/link_ends.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include <openssl/evp.h>
#include <openssl/pem.h>

namespace {

using namespace goloca;
using namespace goloca::actors;
using namespace std::chrono_literals;
using net::link::credential_files;
using net::link::credentials;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

struct link_credentials : testing::Test {
  test::scratch_folder folder;
  test::certificate_authority authority;
  std::vector<std::string> warnings;

  credentials read(const credential_files& files) {
    return credentials{files, [this](const std::string& line) { warnings.push_back(line); }};
  }
  std::string fault_of(const credential_files& files) {
    try {
      read(files);
    } catch (const std::runtime_error& why) {
      return why.what();
    }
    return "none";
  }
  static void copy(const std::filesystem::path& from, const std::filesystem::path& to) {
    std::filesystem::copy_file(from, to, std::filesystem::copy_options::overwrite_existing);
  }
};

TEST_F(link_credentials, are_read_without_a_word_when_they_are_right) {
  auto made = read(authority.issue(folder.path(), "w1"));
  EXPECT_NE(made.current(), nullptr);
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(link_credentials, say_which_file_is_missing_or_unreadable) {
  auto files = authority.issue(folder.path(), "w1");
  for (auto part : {&credential_files::certificate, &credential_files::key, &credential_files::authority}) {
    auto wrong = files;
    wrong.*part = folder.path() / "nowhere.pem";
    EXPECT_THAT(fault_of(wrong), AllOf(HasSubstr("nowhere.pem"), HasSubstr("cannot be read: No such file")));
    wrong.*part = folder.path(); // a folder
    EXPECT_THAT(fault_of(wrong), HasSubstr("cannot be read: Is a directory"));
    wrong.*part = folder.write("empty.pem", "");
    EXPECT_THAT(fault_of(wrong), HasSubstr("empty.pem is empty"));
    wrong.*part = folder.write("text.pem", "hello");
    EXPECT_THAT(fault_of(wrong), AllOf(HasSubstr("text.pem is no "), HasSubstr("in PEM")));
  }
}

TEST_F(link_credentials, say_that_the_key_does_not_fit) {
  auto files = authority.issue(folder.path(), "w1");
  files.key = authority.issue(folder.path(), "w2").key;
  EXPECT_THAT(fault_of(files), AllOf(HasSubstr("w2.key does not fit the certificate"), HasSubstr("w1.crt")));
}

/// And do not ask the terminal for it.
TEST_F(link_credentials, say_that_the_key_has_a_passphrase) {
  auto files = authority.issue(folder.path(), "w1");
  auto* file = std::fopen(files.key.c_str(), "w");
  auto* key = EVP_EC_gen("P-256");
  char secret[] = "secret";
  PEM_write_PrivateKey(file, key, EVP_aes_128_cbc(), reinterpret_cast<unsigned char*>(secret), 6, nullptr, nullptr);
  EVP_PKEY_free(key);
  std::fclose(file);
  EXPECT_THAT(fault_of(files), HasSubstr("or has a passphrase"));
}

TEST_F(link_credentials, warn_of_an_expired_certificate_and_use_it) {
  auto made = read(authority.issue(folder.path(), "old", {-2h, -1h}));
  EXPECT_NE(made.current(), nullptr);
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_THAT(warnings[0], AllOf(HasSubstr("old.crt"), HasSubstr("certificate has expired")));
}

TEST_F(link_credentials, warn_of_a_certificate_that_is_not_of_the_authority) {
  auto files = authority.issue(folder.path(), "w1");
  files.authority = test::certificate_authority{"another"}.issue(folder.path(), "other").authority;
  auto made = read(files);
  ASSERT_THAT(warnings, SizeIs(1));
  EXPECT_THAT(warnings[0], HasSubstr("unable to get local issuer certificate"));
}

TEST_F(link_credentials, stay_the_same_while_the_files_do) {
  auto made = read(authority.issue(folder.path(), "w1"));
  EXPECT_EQ(made.current(), made.current());
}

TEST_F(link_credentials, are_read_again_when_the_files_change) {
  auto made = read(authority.issue(folder.path(), "w1"));
  auto before = made.current();
  authority.issue(folder.path(), "w1");
  EXPECT_NE(made.current(), before);
  EXPECT_THAT(warnings, IsEmpty());
}

TEST_F(link_credentials, stay_the_last_good_ones_while_a_new_set_is_not_whole) {
  auto files = authority.issue(folder.path(), "w1");
  auto made = read(files);
  auto before = made.current();
  auto fresh = authority.issue(folder.path(), "w2");
  copy(fresh.certificate, files.certificate); // its key comes later
  for (int i = 0; i < 3; ++i) EXPECT_EQ(made.current(), before);
  ASSERT_THAT(warnings, SizeIs(1)); // not one a handshake
  EXPECT_THAT(warnings[0], AllOf(HasSubstr("w1.key does not fit"), HasSubstr("stays in use")));
  std::filesystem::remove(files.key);
  EXPECT_EQ(made.current(), before);
  EXPECT_THAT(warnings, SizeIs(2));
  copy(fresh.key, files.key);
  EXPECT_NE(made.current(), before);
  EXPECT_THAT(warnings, SizeIs(2));
}

struct links_with_new_certificates : testing::Test {
  test::link_ends ends;
  links_with_new_certificates() { ends.listen(); }
};

/// Both ends get certificates of a new authority, one after the other: in between their trust is of both.
TEST_F(links_with_new_certificates, run_on_and_new_ones_use_the_new) {
  auto running = ends.linked();
  test::certificate_authority next{"the next authority"};
  test::scratch_folder made;
  auto add = [&](const std::string& name) { // trust first
    std::ofstream{ends.folder() / (name + ".ca"), std::ios::app}
        << std::ifstream{next.issue(made.path(), "any").authority}.rdbuf();
  };
  add("edge");
  add("writer");
  EXPECT_NO_THROW((void)ends.linked());
  next.issue(ends.folder(), "edge");
  add("edge");
  std::ofstream{ends.folder() / "edge.ca", std::ios::app}
      << std::ifstream{ends.authority().issue(made.path(), "any").authority}.rdbuf();
  EXPECT_NO_THROW((void)ends.linked()); // new edge, old writer
  next.issue(ends.folder(), "writer");
  next.issue(ends.folder(), "edge");
  EXPECT_NO_THROW((void)ends.linked());
  auto old = ends.dial("127.0.0.1:" + std::to_string(ends.port()), ends.identity("left behind"));
  EXPECT_THAT(old.ear->end(), HasSubstr("is not accepted"));
  running.send(test::batch_of(1, 1, 10));
  EXPECT_TRUE(running.ear->heard<link_result>()) << running.ear->end();
}

} // namespace
