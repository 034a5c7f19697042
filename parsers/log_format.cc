#include "parsers/log_format.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <iterator>
#include <string>
#include <utility>

#include "parsers/apache_format.h"
#include "parsers/format_plan.h"
#include "parsers/json_format.h"
#include "parsers/nginx_format.h"

namespace hushlog {
namespace {

std::string_view Trim(std::string_view text) {
  const auto is_space = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool SameName(std::string_view a, std::string_view b) {
  const auto fold = [](char c) { return c == '-' ? '_' : std::tolower(static_cast<unsigned char>(c)); };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](char x, char y) { return fold(x) == fold(y); });
}

const Preset* FindPreset(std::string_view name) {
  for (const Preset& preset : Presets()) {
    const auto is_alias = [&](std::string_view alias) { return SameName(alias, name); };
    if (SameName(preset.name, name) || std::any_of(preset.aliases.begin(), preset.aliases.end(), is_alias)) {
      return &preset;
    }
  }
  return nullptr;
}

std::string KnownNames() {
  std::string names;
  for (const Preset& preset : Presets()) names += (names.empty() ? "" : ", ") + std::string(preset.name);
  return names;
}

FormatPlan PlanFromNginx(std::string_view spec, ExtraFields extra) {
  using Escape = NginxLogFormat::Escape;
  const NginxLogFormat conf = ReadNginxConf(spec);
  const bool may_be_json = conf.escape == Escape::kJson || conf.escape == Escape::kUnknown;
  if (may_be_json && IsJsonTemplate(conf.format)) return JsonPlanFromTemplate(conf.format, extra);
  return CompileText(NginxItems(Trim(conf.format)), conf.escape != Escape::kNone, extra);
}

// The plan for anything but a name.
FormatPlan PlanFromSpec(std::string_view spec, ExtraFields extra) {
  if (spec == "json") return DefaultJsonPlan(extra);
  if (spec.starts_with("json:")) return JsonPlanFromMap(spec.substr(5), extra);
  if (HasNginxVariable(spec)) return PlanFromNginx(spec, extra);
  if (spec.find('%') != std::string_view::npos) return CompileText(ApacheItems(spec), true, extra);
  throw FormatError("neither a known name (" + KnownNames() +
                    ") nor a format string with nginx's $variables or Apache's %directives");
}

}  // namespace

LogFormat LogFormat::Compile(std::string_view spec, std::span<const std::string> extra_fields) {
  spec = Trim(spec);
  try {
    const Preset* preset = FindPreset(spec);
    const std::string_view name = preset != nullptr ? preset->name : spec;
    auto plan = std::make_shared<const FormatPlan>(PlanFromSpec(preset != nullptr ? preset->spec : spec, extra_fields));
    return LogFormat(std::string(name), std::move(plan));
  } catch (const FormatError& error) {
    throw FormatError("log format \"" + std::string(spec) + "\": " + error.what());
  }
}

bool LogFormat::has_request_time() const { return plan_->HasAny(kDurationBits); }
bool LogFormat::has_user_agent() const { return plan_->Has(Field::kUserAgent); }
bool LogFormat::has_referer() const { return plan_->Has(Field::kReferer); }
std::span<const std::string> LogFormat::extra_fields() const { return plan_->extra; }

bool LogFormat::has_field(std::string_view name) const {
  static constexpr std::pair<std::string_view, std::uint64_t> kRequestFields[] = {
      {"remote_addr", kAddressBits},
      {"remote_user", Bit(Field::kRemoteUser)},
      {"host", Bit(Field::kHost)},
      {"method", Bit(Field::kRequestLine) | Bit(Field::kMethod)},
      {"target", kTargetBits},
      {"protocol", Bit(Field::kRequestLine) | Bit(Field::kProtocol)},
      {"referer", Bit(Field::kReferer)},
      {"user_agent", Bit(Field::kUserAgent)},
      {"accept_language", Bit(Field::kAcceptLanguage)},
      {"dnt", Bit(Field::kDnt)},
      {"sec_gpc", Bit(Field::kSecGpc)},
      {"sec_ch_ua", Bit(Field::kSecChUa)},
      {"sec_ch_ua_mobile", Bit(Field::kSecChUaMobile)},
      {"sec_ch_ua_platform", Bit(Field::kSecChUaPlatform)},
  };
  const auto* known = std::ranges::find(kRequestFields, name, &std::pair<std::string_view, std::uint64_t>::first);
  if (known != std::end(kRequestFields)) return plan_->HasAny(known->second);
  const Field extra = plan_->ExtraNamed(name);
  return extra != Field::kSkip && plan_->Has(extra);
}

}  // namespace hushlog
