// hushlog tail with the real logrotate.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

#include "tests/cli/tail_site.h"

namespace hushlog {
namespace {

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";

void Rotate(const Site& site, const std::string& options, std::size_t number) {
  const std::string config = site.directory / "logrotate.conf";
  WriteFile(config, fmt::format("\"{}\" {{\n  rotate 20\n  missingok\n  dateformat -%Y%m%d{}\n  {}\n}}\n", site.log,
                                number, options));
  std::filesystem::permissions(config, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
  const std::string command =
      fmt::format("{} --force --state {} {}", HUSHLOG_LOGROTATE, site.directory / "logrotate.state", config);
  REQUIRE(std::system(command.c_str()) == 0);
}

TEST_CASE("19, 23, 27, 30: logrotate, however it is told to rotate, takes no line and gives none twice") {
  const std::string text = ReadFile(kSample);
  constexpr std::size_t kParts = 5;
  for (const char* options : {"create", "create\n  compress", "create\n  compress\n  delaycompress", "copytruncate",
                              "copytruncate\n  compress", "create\n  dateext\n  compress"}) {
    for (const bool all_the_time : {true, false}) {
      CAPTURE(std::string(options));
      CAPTURE(all_the_time);
      Site site;
      CHECK(site.Once().status == 0);
      std::optional<Service> service;
      for (std::size_t part = 0; part < kParts; ++part) {
        if (all_the_time && !service) {
          service.emplace(site.Command());
          CHECK(service->WaitFor("READY=1"));
        }
        const std::size_t begin = text.size() * part / kParts, end = text.size() * (part + 1) / kParts;
        const std::size_t whole = text.find('\n', end - 1) + 1, from = begin == 0 ? 0 : text.find('\n', begin - 1) + 1;
        Append(site.log, text.substr(from, whole - from));
        if (!all_the_time && part == 2) CHECK(site.Once().status == 0);
        Rotate(site, options, part);
      }
      if (service) CHECK(service->Stop(SIGTERM).status == 0);
      CHECK(site.Once().status == 0);
      CHECK(site.Ledger()["lines_read"] == 2459);
      CHECK(site.Ledger()["dropped.format_mismatch"] == 0);
    }
  }
}

}  // namespace
}  // namespace hushlog
