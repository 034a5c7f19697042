#include "tests/rules/support.h"

#include <fmt/format.h>

#include <array>
#include <cstring>
#include <iterator>

#include "rules/config_error.h"
#include "rules/parameter_rules.h"

namespace hushlog::test {
namespace {

std::string_view ClassName(ActionKind kind) {
  static constexpr std::array<std::string_view, 14> kNames = {
      "document", "page_boot",  "report",  "table", "dashboard_widget", "controller", "ui_api_call",
      "export",   "widgetized", "popover", "login", "logout",           "api_client", "bulk_api"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

Request MakeRequest(std::string_view method, std::string_view target, int status) {
  Request request;
  request.remote_addr = "192.0.2.10";
  request.method = method;
  request.target = target;
  request.status = status;
  request.referer = kReferer;
  request.user_agent = kBrowser;
  request.time_ms = 1795413198000;  // 2026-11-23 05:53:18 UTC
  return request;
}

std::string Describe(const UiAction& action, const ActionBatch& batch, const Catalogue& catalogue) {
  std::string text =
      fmt::format("{} {}.{}", ClassName(action.kind), catalogue.Text(action.module), catalogue.Text(action.action));
  if (action.embedded_module != Name::kNone) {
    text += fmt::format("[{}.{}]", catalogue.Text(action.embedded_module), catalogue.Text(action.embedded_action));
  }
  char separator = ' ';
  for (const Parameter& parameter : batch.ParametersOf(action)) {
    text += separator + ToString(parameter, catalogue);
    separator = '&';
  }
  return text;
}

std::shared_ptr<const RuleSet> WithSite(const std::string& text) {
  const SiteRules file{"s.toml", text};
  return RuleSet::Load({&file, 1});
}

std::string SiteMistakes(const std::string& text) {
  try {
    WithSite(text);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

DayKey FixedDayKeys::KeyFor(std::int32_t day) {
  ++calls_;
  DayKey key{};
  std::memcpy(key.data(), &day, sizeof(day));
  return key;
}

}  // namespace hushlog::test
