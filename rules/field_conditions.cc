#include "rules/field_conditions.h"

#include <algorithm>

#include "parsers/log_format.h"
#include "rules/text_hash.h"

namespace hushlog {
namespace {

struct RequestField {
  std::string_view name;   // of Request
  std::string_view nginx;  // nginx's name of the same
  std::string_view Request::*member;
};
constexpr RequestField kRequestFields[] = {
    {"remote_addr", "remote_addr", &Request::remote_addr},
    {"remote_user", "remote_user", &Request::remote_user},
    {"host", "http_host", &Request::host},
    {"method", "request_method", &Request::method},
    {"target", "request_uri", &Request::target},
    {"protocol", "server_protocol", &Request::protocol},
    {"referer", "http_referer", &Request::referer},
    {"user_agent", "http_user_agent", &Request::user_agent},
    {"accept_language", "http_accept_language", &Request::accept_language},
    {"dnt", "http_dnt", &Request::dnt},
    {"sec_gpc", "http_sec_gpc", &Request::sec_gpc},
    {"sec_ch_ua", "http_sec_ch_ua", &Request::sec_ch_ua},
    {"sec_ch_ua_mobile", "http_sec_ch_ua_mobile", &Request::sec_ch_ua_mobile},
    {"sec_ch_ua_platform", "http_sec_ch_ua_platform", &Request::sec_ch_ua_platform},
};
constexpr std::string_view kPathName = "path";

const RequestField* FindRequestField(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kRequestFields), std::end(kRequestFields),
                   [&](const RequestField& field) { return field.name == name || field.nginx == name; });
  return found == std::end(kRequestFields) ? nullptr : found;
}

char Lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// `lower` is in lower case.
bool EqualsInAnyCase(std::string_view text, std::string_view lower) noexcept {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) { return Lower(a) == b; });
}

// A host may be written with a dot behind it: "example.org." is the same.
std::string_view Comparable(std::string_view field, std::string_view text) noexcept {
  if (field == "host" && text.ends_with('.')) text.remove_suffix(1);
  return text;
}

}  // namespace

bool FieldConditions::IsField(std::string_view name) {
  return name == kPathName || FindRequestField(name) != nullptr || IsExtraField(name);
}

std::string_view Request::*FieldConditions::RequestMember(std::string_view name) {
  const RequestField* field = FindRequestField(name);
  return field == nullptr ? nullptr : field->member;
}

FieldConditions::Field& FieldConditions::FieldNamed(std::string_view name) {
  const RequestField* request_field = FindRequestField(name);
  if (request_field != nullptr) name = request_field->name;
  const auto known =
      std::find_if(fields_.begin(), fields_.end(), [&](const Field& field) { return field.name == name; });
  if (known != fields_.end()) return *known;
  fields_.emplace_back().name = name;
  return fields_.back();
}

void FieldConditions::AddText(std::string_view field, std::string_view text, const Conditions& bit) {
  Field& known = FieldNamed(field);
  std::string lower(Comparable(known.name, text));
  std::transform(lower.begin(), lower.end(), lower.begin(), Lower);
  known.texts.emplace_back(std::move(lower), bit);
}

void FieldConditions::AddRange(const IpRange& range, const Conditions& bit) {
  FieldNamed("remote_addr").ranges.emplace_back(range, bit);
}

std::string FieldConditions::AddPattern(std::string_view field, std::string_view pattern, const Conditions& bit) {
  Field& known = FieldNamed(field);
  std::string error = known.patterns.Add(pattern);
  if (error.empty()) known.pattern_bits.push_back(bit);
  return error;
}

bool FieldConditions::Compile() {
  return std::all_of(fields_.begin(), fields_.end(), [](Field& field) { return field.patterns.Compile(); });
}

std::vector<std::string> FieldConditions::ExtraFields() const {
  std::vector<std::string> names;
  for (const Field& field : fields_) {
    if (IsExtraField(field.name)) names.push_back(field.name);
  }
  return names;
}

std::vector<std::string> FieldConditions::SiteFields() const {
  std::vector<std::string> names;
  for (const Field& field : fields_) {
    if (field.site && field.name != kPathName) names.push_back(field.name);
  }
  return names;
}

Conditions FieldConditions::UntellableOf(std::string_view name) const {
  Conditions all;
  for (const Field& field : fields_) {
    if (field.name != name) continue;
    for (const auto& [range, bit] : field.ranges) all |= bit;
    for (const Conditions& bit : field.pattern_bits) all |= bit;
  }
  return all;
}

FieldMatcher::FieldMatcher(const FieldConditions& conditions, std::span<const std::string> extra_fields,
                           const LogFormat* format) {
  for (const FieldConditions::Field& field : conditions.fields_) {
    Source source;
    source.field = &field;
    if (const RequestField* request_field = FindRequestField(field.name)) source.member = request_field->member;
    const auto extra = std::find(extra_fields.begin(), extra_fields.end(), field.name);
    source.extra = field.name == kPathName       ? kPath
                   : extra == extra_fields.end() ? kAbsent
                                                 : static_cast<std::size_t>(extra - extra_fields.begin());
    const bool is_read = source.member != nullptr || source.extra != kAbsent;
    const bool in_format = format == nullptr || source.extra == kPath || format->has_field(field.name);
    if (!is_read || !in_format) continue;
    source.empty = Decide(field, "");
    sources_.push_back(std::move(source));
  }
}

std::string_view FieldMatcher::ValueOf(const Source& source, const Request& request, std::string_view path) noexcept {
  if (source.member != nullptr) return request.*source.member;
  if (source.extra == kPath) return path;
  return source.extra < request.extra.size() ? request.extra[source.extra] : std::string_view();
}

bool FieldMatcher::Match(const Request& request, std::string_view path, Conditions* conditions) noexcept {
  bool told = true;
  for (Source& source : sources_) {
    const std::string_view text = ValueOf(source, request, path);
    const Verdict& verdict = text.empty() ? source.empty : Look(source, text);
    *conditions |= verdict.conditions;
    if (verdict.told) continue;
    told = false;
    untold_ = source.field->name;
  }
  return told;
}

// Values repeat: each is looked at once, as long as it is not displaced by others.
const FieldMatcher::Verdict& FieldMatcher::Look(Source& source, std::string_view text) {
  if (text.size() > kMaxKnownBytes) return uncached_ = Decide(*source.field, text);
  Known& known = source.known[HashText(text) % kMaxKnown];
  if (EqualTexts(known.text, text)) return known.verdict;
  known.verdict = Decide(*source.field, text);
  known.text = text;
  return known.verdict;
}

FieldMatcher::Verdict FieldMatcher::Decide(const FieldConditions::Field& field, std::string_view text) {
  Verdict verdict;
  for (const auto& [known, bit] : field.texts) {
    if (EqualsInAnyCase(Comparable(field.name, text), known)) verdict.conditions |= bit;
  }
  if (!field.ranges.empty()) {
    const auto address = ParseIpAddress(text);
    verdict.told = address.has_value();
    for (const auto& [range, bit] : field.ranges) {
      if (address && range.Contains(*address)) verdict.conditions |= bit;
    }
  }
  if (field.patterns.size() == 0) return verdict;
  verdict.told &= field.patterns.Match(text, &matches_);
  for (const int match : matches_) verdict.conditions |= field.pattern_bits[static_cast<std::size_t>(match)];
  return verdict;
}

}  // namespace hushlog
