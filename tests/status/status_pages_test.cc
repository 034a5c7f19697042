#include "src/status/status_pages.h"

#include <doctest/doctest.h>

namespace hushlog {
namespace {

using Phase = StatusPages::Phase;

struct Fixture {
  Deliveries deliveries;
  StatusPages::Time now{std::chrono::hours(1)};
  StatusPages pages{deliveries, {}, [this] { return now; }};

  int Status(const char* path) { return pages.Answer(path)->status; }
  std::string Text(const char* path) { return *pages.Answer(path)->body; }
  void Follow() {
    pages.Publish({}, false);
    pages.SetPhase(Phase::kFollowing);
  }
};

TEST_CASE("a process that begins or stops lives, but is not ready") {
  Fixture fixture;
  CHECK(fixture.Status("/healthz") == 200);
  CHECK(fixture.Status("/readyz") == 503);
  fixture.Follow();
  CHECK(fixture.Status("/readyz") == 200);
  fixture.pages.SetPhase(Phase::kStopping);
  CHECK(fixture.Status("/readyz") == 503);
  CHECK(fixture.Status("/healthz") == 200);
}

TEST_CASE("a loop that does not turn is not healthy, until it turns again") {
  Fixture fixture;
  fixture.Follow();
  fixture.now += std::chrono::minutes(3);
  CHECK(fixture.Status("/healthz") == 503);
  CHECK(fixture.Status("/readyz") == 503);
  fixture.pages.NoteTurn();
  fixture.pages.Publish({}, false);
  CHECK(fixture.Status("/healthz") == 200);
  CHECK(fixture.Status("/readyz") == 200);
}

TEST_CASE("to read the first logs may take long") {
  Fixture fixture;
  fixture.now += std::chrono::hours(1);
  CHECK(fixture.Status("/healthz") == 200);
}

TEST_CASE("a full disk is not ready") {
  Fixture fixture;
  fixture.Follow();
  fixture.pages.Publish({}, true);
  CHECK(fixture.Status("/readyz") == 503);
  CHECK(fixture.Text("/readyz").find("full") != std::string::npos);
  CHECK(fixture.Text("/metrics").find("hushlog_state_writable 0\n") != std::string::npos);
}

TEST_CASE("there are no metrics before there are numbers") {
  Fixture fixture;
  CHECK(fixture.Status("/metrics") == 503);
  fixture.Follow();
  CHECK(fixture.Status("/metrics") == 200);
}

TEST_CASE("who asks is noticed until the next numbers are there") {
  Fixture fixture;
  CHECK_FALSE(fixture.pages.IsAsked());
  (void)fixture.Status("/metrics");
  CHECK(fixture.pages.IsAsked());
  fixture.Follow();
  CHECK_FALSE(fixture.pages.IsAsked());
}

TEST_CASE("the usage page waits for its numbers, and is made anew when they are old") {
  Fixture fixture;
  CHECK_FALSE(fixture.pages.WantsUsage());
  CHECK_FALSE(fixture.pages.Answer("/").has_value());
  CHECK(fixture.pages.WantsUsage());
  fixture.pages.PublishUsage({}, std::chrono::seconds(1));
  CHECK_FALSE(fixture.pages.WantsUsage());
  CHECK(fixture.Status("/") == 200);
  fixture.now += std::chrono::seconds(19);  // numbers that took a second last twenty
  CHECK(fixture.Status("/") == 200);
  fixture.now += std::chrono::seconds(2);
  CHECK_FALSE(fixture.pages.Answer("/").has_value());
}

TEST_CASE("other pages are not there") {
  Fixture fixture;
  for (const char* path : {"", "/..", "/metrics/", "/Metrics", "/favicon.ico"}) CHECK(fixture.Status(path) == 404);
}

}  // namespace
}  // namespace hushlog
