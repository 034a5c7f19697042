#include "rules/client_hints.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <string_view>

#include "rules/user_agent.h"

namespace hushlog {
namespace {

const ClientHintRules& Rules() { return UserAgentRules::Shipped()->client_hints(); }

std::string Reduced(const Request& request) { return Rules().ToJson(Rules().Reduce(request)); }

std::string ReducedBrands(std::string_view list) {
  Request request;
  request.sec_ch_ua = list;
  return Reduced(request);
}

std::string ReducedPlatform(std::string_view platform, std::string_view version) {
  Request request;
  request.sec_ch_ua_platform = platform;
  request.sec_ch_ua_platform_version = version;
  return Reduced(request);
}

TEST_CASE("client hints become what Matomo's tracker takes, with major versions") {
  Request request;
  request.sec_ch_ua = R"("Google Chrome";v="128")";
  request.sec_ch_ua_full_version_list =
      R"("Google Chrome";v="129.0.6668.58", "Not=A?Brand";v="8.0.0.0", "Chromium";v="129.0.6668.58")";
  request.sec_ch_ua_mobile = "?0";
  request.sec_ch_ua_platform = R"("Windows")";
  request.sec_ch_ua_platform_version = R"("15.0.0")";
  CHECK(Reduced(request) ==
        R"({"fullVersionList":[{"brand":"Google Chrome","version":"129"},{"brand":"Chromium","version":"129"}],)"
        R"("mobile":false,"platform":"Windows","platformVersion":"15"})");
}

TEST_CASE("without client hints there is nothing to send") { CHECK(Reduced(Request{}).empty()); }

TEST_CASE("each hint counts without the others") {
  CHECK(ReducedBrands(R"("Microsoft Edge";v="130")") ==
        R"({"fullVersionList":[{"brand":"Microsoft Edge","version":"130"}]})");
  CHECK(ReducedPlatform("\"Chrome OS\"", "\"14541.0.0\"") == R"({"platform":"Chrome OS","platformVersion":"14541"})");
  CHECK(ReducedPlatform("Android", "14") == R"({"platform":"Android","platformVersion":"14"})");
  CHECK(ReducedPlatform("\"Linux\"", "") == R"({"platform":"Linux"})");
  Request request;
  request.sec_ch_ua_mobile = "?1";
  CHECK(Reduced(request) == R"({"mobile":true})");
}

TEST_CASE("brands that are not known, and what is no list of brands, are dropped") {
  const std::string_view chromium = R"({"fullVersionList":[{"brand":"Chromium","version":"129"}]})";
  CHECK(ReducedBrands(R"(" Not A;Brand";v="99", "Chromium";v="129")") == chromium);
  CHECK(ReducedBrands(R"("Acme";v="1","Chromium";v="129")") == chromium);
  CHECK(ReducedBrands(R"("Chromium"; v="129", "Opera)") == chromium);
  for (const std::string_view list :
       {R"("Chromium")", R"("Chromium";v=129)", R"("Chromium";v="")", R"("Chromium";v="12a")", R"("Chromium";v="1000")",
        R"(Chromium;v="129")", R"("chromium\";v=\"129")", R"(x "Chromium";v="129")", "?0"}) {
    CAPTURE(list);
    CHECK(ReducedBrands(list).empty());
  }
}

TEST_CASE("a platform that is not known has no version either") {
  CHECK(ReducedPlatform("\"AcmeOS\"", "\"15.0.0\"").empty());
  CHECK(ReducedPlatform("", "\"15.0.0\"").empty());
  CHECK(ReducedPlatform("\"Windows\"", "\"1234567.0\"") == R"({"platform":"Windows"})");
}

TEST_CASE("no planted text survives") {
  std::mt19937 random(20261124);  // NOLINT: the same tokens in every run
  const auto plant = [&](std::string text, const std::string& token) {
    return text.insert(random() % (text.size() + 1), token);
  };
  for (int i = 0; i < 500; ++i) {
    std::string token;
    for (int k = 0; k < 8; ++k) token += static_cast<char>('a' + random() % 26);
    const std::string number = std::to_string(100000 + random() % 900000);
    std::array<std::string, 5> texts = {R"("Google Chrome";v="129", "Chromium";v="129")",
                                        R"("Chromium";v="129.0.6668.58", "Brave";v="129.0.0.0")", "?0", "\"Windows\"",
                                        "\"15.0.0\""};
    for (std::string& text : texts) text = plant(plant(plant(text, token), number), "\xe2\x82\xac");
    Request request;
    request.sec_ch_ua = texts[0];
    if (i % 2 == 0) request.sec_ch_ua_full_version_list = texts[1];
    request.sec_ch_ua_mobile = texts[2];
    request.sec_ch_ua_platform = texts[3];
    request.sec_ch_ua_platform_version = texts[4];
    const std::string json = Reduced(request);
    CAPTURE(texts[0]);
    CAPTURE(json);
    CHECK(json.find(token) == std::string::npos);
    CHECK(json.find(number) == std::string::npos);
    CHECK(std::all_of(json.begin(), json.end(), [](char c) { return c >= ' ' && c <= '~'; }));
  }
}

}  // namespace
}  // namespace hushlog
