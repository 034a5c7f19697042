// The search for secrets itself: a search that finds nothing proves nothing.
#include "tests/canary/secret.h"

#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "src/spool/store.h"
#include "tests/cli/program.h"

namespace hushlog::test {
namespace {

std::vector<Disguise> AllDisguises() {
  std::vector<Disguise> all;
  for (std::size_t i = 0; i < kDisguises; ++i) all.push_back(static_cast<Disguise>(i));
  return all;
}

std::string Lower(std::string text) {
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return text;
}

TEST_CASE("a secret is found in each disguise, in any case, wherever it stands") {
  const SecretFinder finder;
  for (const Disguise disguise : AllDisguises()) {
    for (const std::uint64_t number : {0L, 1L, 2L, 35L, 36L, 123'456L, 78'364'164'095L}) {
      const std::string text = Disguised(Secret(number), disguise);
      CAPTURE(text);
      CHECK(finder.Find(text));
      CHECK(finder.Find(Lower(text)));
      CHECK(finder.Find("action_name=XYZ " + text + "XYZ"));
      CHECK(finder.Find(std::string("\0\xff", 2) + text + std::string("\0", 1)));
    }
  }
}

TEST_CASE("any eight bytes of a secret are found, and no fewer are taken for one") {
  const SecretFinder finder;
  const std::string secret = Secret(123'456'789);
  for (std::size_t at = 0; at + 8 <= secret.size(); ++at) {
    for (const Disguise disguise : AllDisguises()) {
      if (disguise == Disguise::kBase64 || disguise == Disguise::kBase64Url) continue;  // below
      const std::string piece = Disguised(secret.substr(at, 8), disguise);
      CAPTURE(piece);
      CHECK(finder.Find("XYZ." + piece + ".XYZ"));
    }
    CHECK_FALSE(finder.Find("XYZ." + secret.substr(at, 7) + ".XYZ"));
  }
}

TEST_CASE("any eleven digits of a secret in base64 are found") {
  const SecretFinder finder;
  for (const std::uint64_t number : {10, 123'456'789}) {
    const std::string text = Disguised(Secret(number), Disguise::kBase64);
    for (std::size_t at = 0; at + 11 <= text.size(); ++at) {
      CAPTURE(text.substr(at, 11));
      CHECK(finder.Find("/" + text.substr(at, 11) + "="));
    }
  }
}

TEST_CASE("a secret is found in escapes of escapes") {
  const SecretFinder finder;
  for (const std::string text : {R"(\\x5A\\x71\\x37\\x4A\\x61\\x62\\x5A\\x71)", "$255A$2571$2537$254Aab$255A$2571",
                                 "%25245Aq%252437J%61b%5aq", "%25C1%259Aq7Jab%c1%9aq", "5A71374A61625a71"}) {
    CAPTURE(text);
    CHECK(finder.Find(text));
  }
}

TEST_CASE("an address is found by what must not be left of it") {
  const SecretFinder finder;
  for (std::uint64_t number = 0; number < 8; ++number) CHECK(finder.Find(SecretAddress(number)));
  CHECK_FALSE(finder.Find("203.0.0.0"));
  CHECK_FALSE(finder.Find("2001:d00::"));
}

TEST_CASE("a secret in the state database is found in its files, also while it is open") {
  const SecretFinder finder;
  const TempDir directory;
  const auto store = Store::Open(directory / "state");
  const std::int64_t target = store->AddTarget("own");
  CHECK_FALSE(finder.Find(ReadTree(directory / "state")));
  store->SetTrouble(target, "refused: " + Secret(7).substr(5, 8));
  CHECK(finder.Find(ReadTree(directory / "state")));
}

}  // namespace
}  // namespace hushlog::test
