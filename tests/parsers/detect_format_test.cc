#include <doctest/doctest.h>

#include "tests/parsers/parse_support.h"

namespace hushlog {

TEST_CASE("the format of a log is recognised, and every line of it can be read") {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"apache_common.log", "common"},
      {"apache_combined.log", "combined"},
      {"apache_combined_D.log", "combined_extra"},  // seconds, milliseconds or microseconds?
      {"apache_vhost_combined.log", "vhost_combined"},
      {"nginx_combined.log", "combined"},
      {"nginx_combined_rt.log", "combined_rt_host"},
      {"nginx_combined_upstream.log", "upstream_host"},
      {"nginx_vhost_combined.log", "vhost_combined"},
      {"nginx_json.log", "json"},
  };
  for (const auto& [file, name] : cases) {
    CAPTURE(file);
    const std::string text = ReadData(file);
    const std::vector<std::string> lines = LinesOf(text);
    REQUIRE(lines.size() >= 15);
    const Detection detection = DetectFormat(Padded(text).text());
    REQUIRE(detection.format != nullptr);
    CHECK(detection.format->name() == name);
    CHECK(detection.lines == lines.size());
    CHECK(detection.fitting == lines.size());
    CHECK(detection.message.find("log format " + std::string(name)) == 0);
  }
}

TEST_CASE("every preset that can be recognised is, from its sample") {
  for (const Preset& preset : Presets()) {
    if (!preset.detectable) continue;
    CAPTURE(preset.name);
    const Detection detection = DetectFormat(Padded(preset.sample).text());
    REQUIRE(detection.format != nullptr);
    CHECK(detection.format->name() == preset.name);
  }
}

TEST_CASE("an unsure guess is refused and says why, without a word of the log") {
  const std::string good = R"(192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] "GET / HTTP/1.1" 200 5 "-" "UA")"
                           "\n";
  const std::string none = R"(192.0.2.10 - - [23/Nov/2026:05:19:28 +0000] "-" 400 5 "-" "-")"
                           "\n";
  std::string mixed;
  for (int i = 0; i < 8; ++i) mixed += good;
  mixed += "secret\nsecret\n\n";
  std::string nearly = mixed;
  for (int i = 0; i < 10; ++i) nearly += good;
  const std::pair<std::string, std::string_view> refused[] = {
      {"", "no log format recognised: there is no line of text to look at"},
      {"\n \r\n", "no log format recognised: there is no line of text to look at"},
      {"secret\n", "none of the known ones fits"},
      {R"({"secret":1})", "none of the known ones fits"},
      {mixed, "the most likely, combined, fits only 8 of the first 10 lines"},
      {none + none, "no line with a readable request"},
  };
  for (const auto& [sample, message] : refused) {
    CAPTURE(sample);
    const Detection detection = DetectFormat(Padded(sample).text());
    CHECK(detection.format == nullptr);
    CHECK(detection.message.find(message) != std::string::npos);
    CHECK(detection.message.find("secret") == std::string::npos);
  }
  const Detection detection = DetectFormat(Padded(nearly).text());
  CHECK(detection.message == "log format combined: 18 of the first 20 lines fit");
  CHECK(detection.format != nullptr);
}

}  // namespace hushlog
