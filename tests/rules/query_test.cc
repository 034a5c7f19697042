#include "rules/query.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <vector>

#include "rules/percent.h"

using hushlog::Catalogue;
using hushlog::Query;
using hushlog::QueryParameter;

namespace {

// "name=value&name[]=value": what was understood.
std::string Understood(std::string_view text) {
  const auto catalogue = Catalogue::Shipped();
  Query query(*catalogue);
  if (!query.Parse(text)) return "too many";
  std::string result;
  for (const QueryParameter& parameter : query.parameters()) {
    if (!result.empty()) result += '&';
    result += catalogue->Text(parameter.name);
    result += parameter.is_array ? "[]=" : "=";
    result += parameter.value;
  }
  return result;
}

// "name value[ escaped]", a line each.
std::string PairsOf(std::string_view text) {
  std::string pairs;
  while (!text.empty()) {
    const std::string_view pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(pair.size() + 1, text.size()));
    const std::size_t equals = std::min(pair.find('='), pair.size());
    const std::string_view value = pair.substr(std::min(equals + 1, pair.size()));
    const bool escaped = value.find_first_of("%+") != std::string_view::npos;
    pairs.append(pair.substr(0, equals)).append(" ").append(value).append(escaped ? " escaped\n" : "\n");
  }
  return pairs;
}

struct Case {
  std::string_view what;
  std::string_view query;
  std::string_view understood;
};

}  // namespace

TEST_CASE("pairs are those that a look at every byte finds") {
  std::mt19937 random(20261128);
  for (std::size_t size = 0; size < 300; ++size) {
    for (const std::string_view bytes : {"abcdefghijklmnopqrstuvwxyz=&%+", "ab=&", "abcdefghijklmnop&", "a%=", "a&"}) {
      std::vector<char> text(size);  // with nothing that may be read behind it
      for (char& c : text) c = bytes[random() % bytes.size()];
      std::string found;
      hushlog::ForEachPair({text.data(), text.size()}, [&](const hushlog::QueryPair& pair) {
        found.append(pair.name).append(" ").append(pair.value).append(pair.escaped ? " escaped\n" : "\n");
        return true;
      });
      CAPTURE(std::string(text.data(), text.size()));
      CHECK(found == PairsOf({text.data(), text.size()}));
    }
  }
}

TEST_CASE("a query is split as PHP splits it") {
  static const Case kCases[] = {
      {"pairs keep their order", "idSite=2&period=day&date=today", "idSite=2&period=day&date=today"},
      {"the last duplicate wins in the place of the first", "idSite=1&period=day&idSite=3", "idSite=3&period=day"},
      {"an empty value is there", "segment=&idSite=1", "segment=&idSite=1"},
      {"a name without '='", "segment&idSite=1", "segment=&idSite=1"},
      {"only the first '=' separates", "segment=a==b", "segment=a==b"},
      {"empty pairs", "&&idSite=1&", "idSite=1"},
      {"list", "columns[]=nb_visits", "columns[]=nb_visits"},
      {"encoded list", "columns%5B%5D=nb_visits", "columns[]=nb_visits"},
      {"list with a key", "urls[0]=a&urls[1]=b", "urls[]=b"},
      {"a list and a scalar are one name", "idSite[]=1&idSite=2", "idSite=2"},
      {"an unclosed bracket", "idSite[=1", "idSite[]=1"},
      {"'.' becomes '_'", "token.auth=abc", "token_auth=abc"},
      {"an encoded '.' too", "token%2Eauth=abc", "token_auth=abc"},
      {"' ' becomes '_'", "token auth=abc", "token_auth=abc"},
      {"'+' becomes '_'", "token+auth=abc", "token_auth=abc"},
      {"leading spaces are dropped", "%20+idSite=1", "idSite=1"},
      {"entity left over in a copied link", "idSite=1&amp;period=day", "idSite=1&period=day"},
      {"entity left over twice", "amp;amp;idSite=1", "idSite=1"},
      {"name encoded once", "%69dSite=1", "idSite=1"},
      {"name encoded twice", "%2569dSite=1", "idSite=1"},
      {"name encoded three times", "%252569dSite=1", "idSite=1"},
      {"what follows a zero byte is no name", "idSite%00x=1", "idSite=1"},
      {"values stay encoded", "segment=a%253Db+c", "segment=a%253Db+c"},
      {"raw bytes in a value", "segment=\xff\x01\xc3", "segment=\xff\x01\xc3"},
      {"nothing", "", ""},
  };
  for (const Case& c : kCases) {
    CAPTURE(c.what);
    CHECK(Understood(c.query) == c.understood);
  }
}

TEST_CASE("names that are not in the catalogue are dropped") {
  static const std::string_view kUnknown[] = {
      "jane@example.org=1", "idsiteX=1", "IDSITE=1", "[idSite]=1", "[]=1", "=1", "%=1", "%zz=1", "\xff=1",
      "idSite%252525=1",    "%00=x",
  };
  for (const std::string_view query : kUnknown) {
    CAPTURE(query);
    CHECK(Understood(query) == "");
  }
}

TEST_CASE("a query has at most 512 parameters, known or not") {
  std::string text = "idSite=1";
  for (int i = 0; i < 511; ++i) text += "&x=1";
  CHECK(Understood(text) == "idSite=1");
  CHECK(Understood(text + "&x=1") == "too many");
}

TEST_CASE("a query object forgets the request before") {
  const auto catalogue = Catalogue::Shipped();
  Query query(*catalogue);
  REQUIRE(query.Parse("idSite=1&period=day"));
  REQUIRE(query.Parse("date=today"));
  CHECK(query.Find(catalogue->Parameter("idSite")) == nullptr);
  REQUIRE(query.Find(catalogue->Parameter("date")) != nullptr);
  CHECK(query.parameters().size() == 1);
}

TEST_CASE("values are decoded until nothing changes, at most three times") {
  struct {
    std::string_view text, decoded;
  } static const kCases[] = {
      {"plain", "plain"},     {"a+b%20c", "a b c"},     {"%2B", "+"},           {"%41%2541%252541", "AAA"},
      {"%25252541", "%41"},   {"100%", "100%"},         {"%4", "%4"},           {"%zz%41", "%zzA"},
      {"%C3%BC", "\xc3\xbc"}, {"%2525252525", "%2525"}, {"a%00b", {"a\0b", 3}},
  };
  for (const auto& c : kCases) {
    CAPTURE(c.text);
    std::array<char, 64> scratch;
    CHECK(hushlog::DecodeFully(c.text, scratch) == c.decoded);
  }
}

TEST_CASE("what does not fit the scratch memory is cut off") {
  std::array<char, 4> scratch;
  CHECK(hushlog::DecodeFully("%41%42%43%44%45%46", scratch) == "ABCD");
}
