#include "src/visits/hit_encoder.h"

#include <fmt/format.h>

#include <string_view>

#include "src/base/json_writer.h"

namespace hushlog {
namespace {

void AppendParam(std::string_view name, std::string_view value, std::string* out) {
  out->append(",\"").append(name).append("\":");
  AppendJsonString(out, value);
}

}  // namespace

std::string VisitorId(std::uint64_t visitor) { return fmt::format("{:016x}", visitor); }

void AppendParams(const Hit& hit, const UserAgentRules& user_agents, std::string* out) {
  out->append("\"rec\":\"1\"");
  switch (hit.kind) {
    case Hit::Kind::kPageView:
      AppendParam("action_name", hit.title, out);
      break;
    case Hit::Kind::kEvent:
    case Hit::Kind::kReportUse:
      // ca=1 keeps Matomo from counting an event as one more page view.
      AppendParam("ca", "1", out);
      AppendParam("e_c", hit.category, out);
      AppendParam("e_a", hit.action, out);
      AppendParam("e_n", hit.name, out);
      if (!hit.value.empty()) AppendParam("e_v", hit.value, out);
      break;
    case Hit::Kind::kDownload:
      AppendParam("download", hit.download, out);
      break;
  }
  AppendParam("url", hit.url, out);
  // Visit scope, slot 1, as the plugin sends it. Matomo takes custom variables only as text of JSON.
  if (!hit.variables.empty()) {
    AppendParam("_cvar", hit.variables, out);
  } else if (const std::string_view access = ToText(hit.access); !access.empty()) {
    AppendParam("_cvar", fmt::format(R"({{"1":["Access","{}"]}})", access), out);
  }
  AppendParam("cdt", fmt::format("{}", hit.time_ms / 1000), out);
  // Without `ua` Matomo would take the sender's own header.
  AppendParam("ua", user_agents.ToString(hit.user_agent), out);
  if (const std::string hints = user_agents.client_hints().ToJson(hit.client_hints); !hints.empty()) {
    AppendParam("uadata", hints, out);
  }
  if (const std::string language = hit.language.ToString(); !language.empty()) AppendParam("lang", language, out);
}

void AppendIdentifiedParams(const Hit& hit, const UserAgentRules& user_agents, std::string* out) {
  Hit identified = hit;
  if (!hit.identified_title.empty()) identified.title = hit.identified_title;
  if (!hit.identified_url.empty()) identified.url = hit.identified_url;
  AppendParams(identified, user_agents, out);
  if (!hit.user.empty()) AppendParam("uid", hit.user, out);
}

}  // namespace hushlog
