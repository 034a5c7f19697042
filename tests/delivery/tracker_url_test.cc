#include <doctest/doctest.h>

#include <stdexcept>
#include <string>

#include "src/delivery/deliverer.h"

namespace hushlog {
namespace {

TEST_CASE("a tracker URL is completed to matomo.php") {
  const struct {
    std::string given;
    std::string wanted;
  } rows[] = {
      {"https://example.org", "https://example.org/matomo.php"},
      {"https://example.org/", "https://example.org/matomo.php"},
      {"https://example.org/matomo", "https://example.org/matomo/matomo.php"},
      {"https://example.org/matomo/", "https://example.org/matomo/matomo.php"},
      {"http://example.org:8080/a/b", "http://example.org:8080/a/b/matomo.php"},
      {"https://example.org/piwik.php", "https://example.org/piwik.php"},
      {"https://example.org/matomo/index.php", "https://example.org/matomo/matomo.php"},
      {"http://[2001:db8::1]/m", "http://[2001:db8::1]/m/matomo.php"},
      {"example.org", "https://example.org/matomo.php"},
      {"example.org:8443/a", "https://example.org:8443/a/matomo.php"},
      {"localhost/matomo.php", "https://localhost/matomo.php"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.given);
    CHECK(NormalizeTrackerUrl(row.given) == row.wanted);
    CHECK(NormalizeTrackerUrl(row.wanted) == row.wanted);
  }
}

TEST_CASE("the URL of the user interface is completed to index.php") {
  for (const std::string given : {"https://example.org/matomo", "https://example.org/matomo/",
                                  "https://example.org/matomo/index.php", "https://example.org/matomo/matomo.php"}) {
    CAPTURE(given);
    CHECK(NormalizeInterfaceUrl(given) == "https://example.org/matomo/index.php");
  }
}

TEST_CASE("a bad tracker URL is refused without being repeated") {
  const struct {
    std::string given;
    std::string says;
  } rows[] = {
      {"example.org/?token_auth=s3cret", "'?'"},
      {"user:s3cret@example.org/", "user name"},
      {"s3cret", "https://"},
      {"s3cret/matomo.php", "https://"},
      {"ftp://example.org/s3cret", "https://"},
      {"file:///s3cret", "https://"},
      {"https://user:s3cret@example.org/", "user name"},
      {"https://s3cret@example.org/", "user name"},
      {"https://example.org/matomo.php?token_auth=s3cret", "'?'"},
      {"https://example.org/#s3cret", "'?'"},
      {"https://s3cret example.org/", "not valid"},
      {"https://example.org:s3cret/", "not valid"},
      {"", "not valid"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.given);
    std::string message;
    try {
      NormalizeTrackerUrl(row.given);
    } catch (const std::invalid_argument& error) {
      message = error.what();
    }
    CHECK(message.find(row.says) != std::string::npos);
    CHECK(message.find("s3cret") == std::string::npos);
  }
}

}  // namespace
}  // namespace hushlog
