#include "parsers/json_format.h"

#include <algorithm>
#include <string>

#include "parsers/json_splitter.h"
#include "parsers/log_format.h"
#include "parsers/nginx_format.h"

namespace hushlog {
namespace {

struct FieldName {
  std::string_view name;
  Field field;
};

// Names beside nginx's variables: the fields of Request, and what log_format templates commonly call them.
constexpr FieldName kFieldNames[] = {
    {"time", Field::kTimeAny},
    {"timestamp", Field::kTimeAny},
    {"@timestamp", Field::kTimeAny},
    {"method", Field::kMethod},
    {"target", Field::kTarget},
    {"path", Field::kPath},
    {"query", Field::kQuery},
    {"protocol", Field::kProtocol},
    {"referer", Field::kReferer},
    {"referrer", Field::kReferer},
    {"http_referrer", Field::kReferer},
    {"user_agent", Field::kUserAgent},
    {"accept_language", Field::kAcceptLanguage},
    {"dnt", Field::kDnt},
    {"sec_gpc", Field::kSecGpc},
    {"sec_ch_ua", Field::kSecChUa},
    {"sec_ch_ua_mobile", Field::kSecChUaMobile},
    {"sec_ch_ua_platform", Field::kSecChUaPlatform},
    {"sec_ch_ua_platform_version", Field::kSecChUaPlatformVersion},
    {"sec_ch_ua_full_version_list", Field::kSecChUaFullVersionList},
    {"x_forwarded_for", Field::kForwardedFor},
    {"request_time_ms", Field::kDurationMs},
    {"request_time_us", Field::kDurationUs},
};
constexpr std::uint8_t kFieldNameRank = 10;  // after all variables
constexpr std::size_t kMaxExtraNameBytes = 64;

// Numbers need no look of their own where a key says what they are.
Field JsonField(Field field) { return field == Field::kRequestTime ? Field::kDurationS : field; }

void AddKey(std::string_view name, Field field, std::uint8_t rank, FormatPlan* plan) {
  const auto same = [&](const JsonKey& key) { return key.name == name; };
  if (std::any_of(plan->keys.begin(), plan->keys.end(), same)) {
    throw FormatError("the key \"" + std::string(name) + "\" stands for two fields");
  }
  plan->keys.push_back({std::string(name), JsonField(field), rank});
  plan->fields |= Bit(JsonField(field));
}

FormatPlan Finish(FormatPlan plan) {
  if (plan.keys.size() > 200) throw FormatError("more than 200 keys");
  plan.is_json = true;
  RequireFields(plan);
  IndexKeys(&plan);
  return plan;
}

// The JSON string at *at, without its quotes and with its escapes.
std::string_view TakeString(std::string_view text, std::size_t* at) {
  for (std::size_t i = *at + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      const std::string_view content = text.substr(*at + 1, i - *at - 1);
      *at = i + 1;
      return content;
    }
  }
  throw FormatError("a string in the JSON template is not closed");
}

// Moves *at behind the object or array that begins there.
void SkipNested(std::string_view text, std::size_t* at) {
  int depth = 0;
  do {
    const char c = text[*at];
    if (c == '"') {
      TakeString(text, at);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++*at;
  } while (depth > 0 && *at < text.size());
}

// The value at *at: the text of a string, a bare word such as $status or ${status}, nothing for an object or array.
std::string_view TakeValue(std::string_view text, std::size_t* at) {
  if (text[*at] == '"') return TakeString(text, at);
  if (text[*at] == '{' || text[*at] == '[') {
    SkipNested(text, at);
    return {};
  }
  const std::size_t begin = *at;
  if (text.substr(begin).starts_with("${")) *at = std::min(text.find('}', begin) + 1, text.size());
  *at = std::min(text.find_first_of(",} \t\r\n", *at), text.size());
  return text.substr(begin, *at - begin);
}

// A URL is a target too: its scheme and host are cut off when a line is read.
void JoinUrl(FormatItems* items) {
  if (items->size() < 2) return;
  const FormatItem last = items->back();
  const Field field = last.value.field;
  if (last.is_literal || (field != Field::kTarget && field != Field::kPath)) return;
  const auto is_separator = [](const FormatItem& item) { return item.is_literal && item.text.ends_with("://"); };
  if (std::any_of(items->begin(), items->end(), is_separator))
    *items = {{last.text, false, {.field = Field::kTarget}, {}}};
}

void AddTemplateEntry(std::string_view key, std::string_view value, FormatPlan* plan) {
  FormatItems items = NginxItems(value);
  JoinPieces(&items);
  JoinUrl(&items);
  if (items.size() != 1 || items[0].is_literal) return;
  Value found = items[0].value;
  if (found.field == Field::kSkip) found.field = plan->ExtraNamed(items[0].name);
  if (found.field == Field::kSkip || found.field == Field::kIsArgs) return;
  AddKey(key, found.field, found.rank, plan);
}

FormatPlan PlanWith(ExtraFields extra) {
  FormatPlan plan;
  plan.extra.assign(extra.begin(), extra.end());
  return plan;
}

// What a format may hold for rules that are not there today.
bool IsHeaderOrCookie(std::string_view name) { return name.starts_with("http_") || name.starts_with("cookie_"); }

std::size_t SkipSpace(std::string_view text, std::size_t at) {
  return std::min(text.find_first_not_of(" \t\r\n", at), text.size());
}

}  // namespace

bool IsExtraField(std::string_view name) {
  static const FormatPlan known = DefaultJsonPlan({});
  const auto is_name_byte = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && name.size() <= kMaxExtraNameBytes && name != "is_args" &&
         std::all_of(name.begin(), name.end(), is_name_byte) &&
         std::none_of(known.keys.begin(), known.keys.end(), [&](const JsonKey& key) { return key.name == name; });
}

FormatPlan DefaultJsonPlan(ExtraFields extra) {
  FormatPlan plan = PlanWith(extra);
  for (std::size_t i = 0; i < extra.size(); ++i) AddKey(extra[i], ExtraField(i), 0, &plan);
  for (const NginxVariable& variable : NginxVariables()) {
    if (variable.value.field == Field::kIsArgs) continue;
    AddKey(variable.name, variable.value.field, variable.value.rank, &plan);
  }
  for (const FieldName& field : kFieldNames) AddKey(field.name, field.field, kFieldNameRank, &plan);
  return Finish(std::move(plan));
}

FormatPlan JsonPlanFromMap(std::string_view map, ExtraFields extra) {
  const FormatPlan known = DefaultJsonPlan(extra);
  FormatPlan plan = PlanWith(extra);
  while (!map.empty()) {
    const auto comma = std::min(map.find(','), map.size());
    const std::string_view entry = map.substr(0, comma);
    map.remove_prefix(std::min(comma + 1, map.size()));
    const auto equals = entry.find('=');
    if (equals == std::string_view::npos || equals + 1 == entry.size()) {
      throw FormatError("\"" + std::string(entry) + "\" in the field map is not field=key");
    }
    const std::string_view field = entry.substr(0, equals);
    const auto named = [&](const JsonKey& key) { return key.name == field; };
    const auto found = std::find_if(known.keys.begin(), known.keys.end(), named);
    if (found == known.keys.end() && IsHeaderOrCookie(field)) continue;
    if (found == known.keys.end()) throw FormatError("unknown field \"" + std::string(field) + "\" in the field map");
    AddKey(entry.substr(equals + 1), found->field, found->rank, &plan);
  }
  return Finish(std::move(plan));
}

bool IsJsonTemplate(std::string_view format) {
  const std::size_t open = SkipSpace(format, 0);
  if (open >= format.size() || format[open] != '{') return false;
  const std::size_t key = SkipSpace(format, open + 1);
  return key < format.size() && format[key] == '"';
}

FormatPlan JsonPlanFromTemplate(std::string_view format, ExtraFields extra) {
  FormatPlan plan = PlanWith(extra);
  std::size_t at = SkipSpace(format, 0) + 1;
  while ((at = SkipSpace(format, at)) < format.size() && format[at] != '}') {
    if (format[at] != '"') throw FormatError("a key in quotes is expected at byte " + std::to_string(at + 1));
    const std::string_view key = TakeString(format, &at);
    at = SkipSpace(format, at);
    if (at >= format.size() || format[at] != ':') {
      throw FormatError("\":\" is missing after the key \"" + std::string(key) + "\"");
    }
    at = SkipSpace(format, at + 1);
    if (at < format.size()) AddTemplateEntry(key, TakeValue(format, &at), &plan);
    at = SkipSpace(format, at);
    if (at < format.size() && format[at] == ',') ++at;
  }
  if (at >= format.size()) throw FormatError("the JSON template is not closed by \"}\"");
  return Finish(std::move(plan));
}

}  // namespace hushlog
