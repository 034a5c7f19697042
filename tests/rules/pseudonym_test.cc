#include "rules/pseudonym.h"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <thread>
#include <vector>

namespace hushlog {
namespace {

DayKey CountingKey() {
  DayKey key{};
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  return key;
}

TEST_CASE("the hash is SipHash-2-4 with the published test vector") {
  // Input 00 01 .. 0e, key 00 01 .. 0f, of the SipHash paper (appendix A). The separator is the zero byte, so the
  // address is empty and the user agent is the rest.
  std::string rest;
  for (char c = 1; c <= 0x0e; ++c) rest += c;
  CHECK(Pseudonym(CountingKey(), "", rest) == 0xa129ca6149be45e5U);
}

TEST_CASE("address, user agent and key all count, and the border between them") {
  const DayKey key = CountingKey();
  DayKey other = key;
  other[15] ^= 1;
  const std::set<std::uint64_t> pseudonyms = {
      Pseudonym(key, "192.0.2.1", "Firefox"), Pseudonym(key, "192.0.2.2", "Firefox"),
      Pseudonym(key, "192.0.2.1", "Chrome"),  Pseudonym(key, "192.0.2.1F", "irefox"),
      Pseudonym(key, "", "192.0.2.1Firefox"), Pseudonym(other, "192.0.2.1", "Firefox"),
  };
  CHECK(pseudonyms.size() == 6);
  CHECK(Pseudonym(key, "192.0.2.1", "Firefox") == Pseudonym(key, "192.0.2.1", "Firefox"));
}

TEST_CASE("text beyond the limit does not count") {
  const std::string agent(kPseudonymInputLimit, 'x');
  CHECK(Pseudonym(CountingKey(), "a", agent) == Pseudonym(CountingKey(), "a", agent + "y"));
  CHECK(Pseudonym(CountingKey(), std::string(1 << 20, 'a'), agent) ==
        Pseudonym(CountingKey(), std::string(1 << 20, 'a'), "z"));
}

TEST_CASE("a day keeps its key, other days and other objects have other keys") {
  EphemeralDayKeys keys;
  EphemeralDayKeys others;
  const DayKey first = keys.KeyFor(20000);
  CHECK(keys.KeyFor(20000) == first);
  CHECK(keys.KeyFor(20001) != first);
  CHECK(keys.KeyFor(-1) != first);
  CHECK(others.KeyFor(20000) != first);
  CHECK(first != DayKey{});
}

TEST_CASE("threads that ask at the same time get the same key") {
  EphemeralDayKeys keys;
  std::vector<DayKey> seen(4);
  std::vector<std::thread> threads;
  for (DayKey& key : seen) threads.emplace_back([&keys, &key] { key = keys.KeyFor(1); });
  for (std::thread& thread : threads) thread.join();
  for (const DayKey& key : seen) CHECK(key == seen[0]);
}

}  // namespace
}  // namespace hushlog
