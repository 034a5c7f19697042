#include "src/visits/hit_encoder.h"

#include <doctest/doctest.h>

#include <string>

namespace hushlog {
namespace {

std::string Encoded(const Hit& hit) {
  std::string params;
  AppendParams(hit, *UserAgentRules::Shipped(), &params);
  return params;
}

Hit SomeHit() {
  Hit hit;
  hit.time_ms = 1'795'411'169'999;
  hit.visitor = 0xabc;
  hit.language = {{'d', 'e'}, {'a', 't'}};
  hit.title = "CoreHome Index";
  hit.url = "https://demo-anonymous.matomo.org/CoreHome/index/?";
  return hit;
}

TEST_CASE("a page view carries title, URL, time, user agent and language, and nothing of the target") {
  const std::string params = Encoded(SomeHit());
  CHECK(
      params.starts_with("\"rec\":\"1\",\"action_name\":\"CoreHome Index\","
                         "\"url\":\"https://demo-anonymous.matomo.org/CoreHome/index/?\","
                         "\"cdt\":\"1795411169\",\"ua\":\""));
  CHECK(params.ends_with("\"lang\":\"de-at\""));
  for (const char* absent : {"idsite", "token_auth", "cip", "cid", "urlref", "uid"}) {
    CAPTURE(absent);
    CHECK(params.find(absent) == std::string::npos);
  }
}

TEST_CASE("what is known of the access goes into slot 1 of the visit, as text of JSON") {
  Hit hit = SomeHit();
  CHECK(Encoded(hit).find("_cvar") == std::string::npos);
  hit.access = Access::kSuperuser;
  CHECK(Encoded(hit).find(R"("_cvar":"{\"1\":[\"Access\",\"superuser\"]}")") != std::string::npos);
}

TEST_CASE("an event has its three names and says that it is no page view") {
  Hit hit = SomeHit();
  hit.kind = Hit::Kind::kEvent;
  hit.category = "Reports";
  hit.action = "Export CSV";
  hit.name = "Actions.getPageUrls";
  const std::string params = Encoded(hit);
  CHECK(params.find(R"("ca":"1","e_c":"Reports","e_a":"Export CSV","e_n":"Actions.getPageUrls")") != std::string::npos);
  CHECK(params.find("action_name") == std::string::npos);
}

TEST_CASE("a download has its URL") {
  Hit hit = SomeHit();
  hit.kind = Hit::Kind::kDownload;
  hit.download = "https://demo-anonymous.matomo.org/scheduledreports/emailreport2.pdf";
  CHECK(Encoded(hit).find(R"("download":"https://demo-anonymous.matomo.org/scheduledreports/emailreport2.pdf")") !=
        std::string::npos);
}

TEST_CASE("a hit always has a user agent, or Matomo would take the sender's") {
  CHECK(Encoded(SomeHit()).find("\"ua\":\"\"") == std::string::npos);
}

TEST_CASE("client hints are one string, and are there only if the log had some") {
  Hit hit = SomeHit();
  CHECK(Encoded(hit).find("uadata") == std::string::npos);
  Request request;
  request.sec_ch_ua = R"("Chromium";v="129", "Not=A?Brand";v="8")";
  request.sec_ch_ua_mobile = "?0";
  request.sec_ch_ua_platform = "\"Windows\"";
  request.sec_ch_ua_platform_version = "\"15.0.0\"";
  hit.client_hints = UserAgentRules::Shipped()->client_hints().Reduce(request);
  CHECK(Encoded(hit).find(
            R"("uadata":"{\"fullVersionList\":[{\"brand\":\"Chromium\",\"version\":\"129\"}],\"mobile\":false,)"
            R"(\"platform\":\"Windows\",\"platformVersion\":\"15\"}")") != std::string::npos);
}

}  // namespace
}  // namespace hushlog
