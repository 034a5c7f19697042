#include "src/cli/format_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <vector>

#include "src/base/nearest.h"

namespace hushlog {
namespace {

// Formats of import_logs.py and GoAccess for which there is none here: of servers that are seldom or never in front of
// a Matomo.
constexpr std::string_view kForeign[] = {"amazon_cloudfront",
                                         "caddy_json",
                                         "elb",
                                         "gandi",
                                         "haproxy",
                                         "icecast2",
                                         "iis",
                                         "incapsula_w3c",
                                         "ovh",
                                         "s3",
                                         "shoutcast",
                                         "traefik_json",
                                         "w3c_extended",
                                         "awsalb",
                                         "awselb",
                                         "awss3",
                                         "caddy",
                                         "cloudfront",
                                         "cloudstorage",
                                         "squid",
                                         "traefikclf",
                                         "w3c"};

bool IsName(std::string_view spec) {
  return !spec.empty() &&
         std::ranges::all_of(spec, [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-'; });
}

std::vector<std::string_view> KnownNames() {
  std::vector<std::string_view> names{"auto"};
  for (const Preset& preset : Presets()) {
    names.push_back(preset.name);
    names.insert(names.end(), preset.aliases.begin(), preset.aliases.end());
  }
  return names;
}

}  // namespace

LogFormat CompileFormat(std::string_view spec, std::span<const std::string> extra_fields) {
  try {
    return LogFormat::Compile(spec, extra_fields);
  } catch (const FormatError&) {
    if (!IsName(spec)) throw;
    std::string name(spec);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (std::ranges::find(kForeign, name) != std::end(kForeign)) {
      throw FormatError(
          fmt::format("the log format '{}' of other programs is not known here: give the log_format or LogFormat "
                      "string of the server",
                      spec));
    }
    const std::string hint = DidYouMean(spec, KnownNames());
    if (hint.empty()) throw;
    throw FormatError(fmt::format("no log format has the name '{}'{}", spec, hint));
  }
}

}  // namespace hushlog
