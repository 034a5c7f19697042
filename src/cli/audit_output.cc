#include "src/cli/audit_output.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <utility>

#include "src/base/json_writer.h"

namespace hushlog {
namespace {

using Kind = Violation::Kind;
using Of = GrammarParameter::Of;

constexpr std::size_t kIndent = 16;
constexpr std::size_t kLineWidth = 120;

std::string_view WordsOf(Of of) {
  switch (of) {
    case Of::kEveryHit:
      return "every hit";
    case Of::kPageView:
      return "page views";
    case Of::kEvent:
      return "events";
    case Of::kDownload:
      return "downloads";
    case Of::kSomeHits:
      return "some hits";
    case Of::kSomeEvents:
      return "some events";
    case Of::kShownHit:
      return "every hit";
    case Of::kSentHit:
      return "every hit, added when it is sent";
    case Of::kSentSome:
      return "some hits, added when they are sent";
    case Of::kCheck:
      return "requests of hushlog check";
    case Of::kRequest:
      return "some requests";
    case Of::kHeader:
      return "every request";
  }
  return "";
}

// Adds items to a line, which begins anew, indented, when it is full.
class Lines {
 public:
  Lines(std::size_t indent, std::string* out) : indent_(indent), out_(out) {}

  // What the first line begins with, in the place of the indent.
  void Begin(const std::string& margin) {
    out_->append(margin);
    column_ = margin.size();
    fresh_ = true;
  }
  void Add(std::string_view item) {
    if (!fresh_ && column_ > 0 && column_ + 1 + item.size() > kLineWidth) End();
    if (column_ == 0) Begin(std::string(indent_, ' '));
    if (!std::exchange(fresh_, false)) out_->push_back(' ');
    out_->append(item);
    column_ += 1 + item.size();
  }
  void End() {
    if (column_ > 0) out_->push_back('\n');
    column_ = 0;
  }

 private:
  std::size_t indent_;
  std::string* out_;
  std::size_t column_ = 0;
  bool fresh_ = false;  // the line holds its margin only
};

void AddWords(std::string_view text, Lines* lines) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    lines->Add(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

// Of more than `most` (0: no limit) some that are spread over the list.
void AppendMembers(const std::vector<std::string>& members, std::size_t most, std::size_t indent, std::string* out) {
  const std::size_t shown = most == 0 ? members.size() : std::min(most, members.size());
  Lines lines(indent, out);
  for (std::size_t i = 0; i < shown; ++i) {
    const bool last = i + 1 == members.size();
    lines.Add(fmt::format("\"{}\"{}", members[i * members.size() / shown], last ? "" : ","));
  }
  if (shown < members.size()) lines.Add("...");
  lines.End();
}

void AppendSet(const SetDescription& set, std::size_t most, std::size_t indent, std::string* out) {
  AppendMembers(set.members, most, indent, out);
  for (const auto& [name, part] : set.parts) {
    Lines lines(indent + 2, out);
    lines.Begin(std::string(indent, ' '));
    AddWords(fmt::format("{}: {}", name, part.form), &lines);
    lines.End();
    AppendSet(part, most, indent + 2, out);
  }
}

void AppendJson(const SetDescription& set, std::string* out) {
  out->append("{\"form\":");
  AppendJsonString(out, set.form);
  if (!set.members.empty()) {
    out->append(",\"members\":");
    const char* separator = "[";
    for (const std::string& member : set.members) {
      out->append(std::exchange(separator, ","));
      AppendJsonString(out, member);
    }
    out->push_back(']');
  }
  if (!set.parts.empty()) {
    out->append(",\"parts\":");
    const char* separator = "[";
    for (const auto& [name, part] : set.parts) {
      out->append(std::exchange(separator, ",")).append("{\"name\":");
      AppendJsonString(out, name);
      out->append(",\"values\":");
      AppendJson(part, out);
      out->push_back('}');
    }
    out->push_back(']');
  }
  out->push_back('}');
}

// What is wrong, with a subject in front.
std::string Sentence(const Violation& violation) {
  const std::string& name = violation.parameter;
  switch (violation.kind) {
    case Kind::kForeignValue:
      if (violation.in_value >= violation.value_size) {
        return fmt::format("the value of {} ends after {} bytes where more must follow", name, violation.value_size);
      }
      return fmt::format("byte {} of the {} bytes of {} is foreign", violation.in_value + 1, violation.value_size,
                         name);
    case Kind::kForeignName:
      if (name.empty()) return fmt::format("a foreign parameter, with a name of {} bytes", violation.value_size);
      return fmt::format("{} is not allowed there", name);
    case Kind::kRepeated:
      return name.empty() ? "a parameter is there twice" : fmt::format("{} is there twice", name);
    case Kind::kMissing:
      return fmt::format("{} is missing", name);
    case Kind::kForeignBytes:
      return "a foreign byte between names and values";
    case Kind::kWrongTime:
      return fmt::format("{} is not the time of its row", name);
    case Kind::kMalformed:
      return "neither hits nor a request that carries them";
    case Kind::kAbsent:
      return "the body of a request is not in the capture, or cut off";
    case Kind::kBrokenChain:
      return "the chain is broken: a copy was changed, removed or added";
  }
  return "";
}

std::string_view WordOf(Kind kind) {
  switch (kind) {
    case Kind::kForeignValue:
      return "foreign_value";
    case Kind::kForeignName:
      return "foreign_name";
    case Kind::kRepeated:
      return "repeated";
    case Kind::kMissing:
      return "missing";
    case Kind::kForeignBytes:
      return "foreign_bytes";
    case Kind::kWrongTime:
      return "wrong_time";
    case Kind::kMalformed:
      return "malformed";
    case Kind::kAbsent:
      return "absent";
    case Kind::kBrokenChain:
      return "broken_chain";
  }
  return "";
}

std::string TimeText(std::int64_t time_ms) {
  const std::chrono::sys_time<std::chrono::seconds> time{std::chrono::seconds(time_ms / 1000)};
  return fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::gmtime(std::chrono::system_clock::to_time_t(time)));
}

std::string Hex(const CopyHash& hash) { return fmt::format("{:02x}", fmt::join(hash, "")); }

std::string CountsText(const AuditCounts& counts) {
  return fmt::format("{} bodies, {} hits, {} parameters", counts.bodies, counts.hits, counts.parameters);
}

void AppendCounts(const AuditCounts& counts, std::string* out) {
  fmt::format_to(std::back_inserter(*out), "\"bodies\":{},\"hits\":{},\"parameters\":{}", counts.bodies, counts.hits,
                 counts.parameters);
}

void AppendFinding(const Finding& finding, std::string* out) {
  const Violation& violation = finding.violation;
  out->append("{\"where\":");
  AppendJsonString(out, finding.where);
  fmt::format_to(std::back_inserter(*out), ",\"kind\":\"{}\",\"parameter\":", WordOf(violation.kind));
  AppendJsonString(out, violation.parameter);
  fmt::format_to(std::back_inserter(*out), ",\"row\":{},\"offset\":{},\"offset_in_value\":{},\"value_bytes\":{}}}",
                 violation.row, violation.offset, violation.in_value, violation.value_size);
}

void AppendChain(const SentChain& chain, std::string* out) {
  out->append("{\"target\":");
  AppendJsonString(out, chain.target_name);
  fmt::format_to(std::back_inserter(*out),
                 ",\"copies\":{},\"first_ms\":{},\"last_ms\":{},\"whole\":{},\"head\":\"{}\"}}", chain.copies,
                 chain.first_ms, chain.last_ms, chain.broken_at == 0, Hex(chain.head));
}

}  // namespace

std::string ToText(const EgressGrammar& grammar, std::size_t most_members) {
  std::string out = "Parameters of tracking requests, and all values that they may have:\n\n";
  bool in_headers = false;
  for (const GrammarParameter& parameter : grammar.parameters()) {
    if (parameter.of == Of::kHeader && !std::exchange(in_headers, true)) {
      out += "\nThe head of such a request:\n\n";
    }
    const SetDescription set = parameter.values->Describe();
    Lines lines(kIndent, &out);
    lines.Begin(fmt::format("{:{}}", parameter.name, kIndent));
    AddWords(fmt::format("{} ({})", set.form, WordsOf(parameter.of)), &lines);
    lines.End();
    AppendSet(set, most_members, kIndent, &out);
  }
  return out;
}

std::string ToJson(const EgressGrammar& grammar) {
  std::string out = "{\"parameters\":";
  const char* separator = "[";
  for (const GrammarParameter& parameter : grammar.parameters()) {
    out.append(std::exchange(separator, ",")).append("{\"name\":");
    AppendJsonString(&out, parameter.name);
    fmt::format_to(std::back_inserter(out), ",\"of\":\"{}\",\"values\":", WordsOf(parameter.of));
    AppendJson(parameter.values->Describe(), &out);
    out.push_back('}');
  }
  return out + "]}\n";
}

std::string ToText(const Auditor& auditor) {
  std::string out;
  for (const AuditPart& part : auditor.parts()) {
    fmt::format_to(std::back_inserter(out), "{}: {}\n", part.name, CountsText(part.counts));
  }
  for (const SentChain& chain : auditor.chains()) {
    if (chain.copies == 0 || auditor.finding()) continue;
    fmt::format_to(std::back_inserter(out), "  to '{}': {} copies, {} to {} UTC, a whole chain that ends with {}\n",
                   chain.target_name, chain.copies, TimeText(chain.first_ms), TimeText(chain.last_ms), Hex(chain.head));
  }
  if (!auditor.finding()) return out + fmt::format("PASSED: {}, nothing foreign\n", CountsText(auditor.Total()));
  const auto& [where, violation] = *auditor.finding();
  const std::string row = violation.row == 0 ? "" : fmt::format(", hit {}", violation.row);
  return out + fmt::format("FAILED: {}{}: {} (at byte {})\n", where, row, Sentence(violation), violation.offset + 1);
}

std::string ToJson(const Auditor& auditor) {
  std::string out = fmt::format("{{\"passed\":{},", !auditor.finding());
  AppendCounts(auditor.Total(), &out);
  out.append(",\"parts\":[");
  const char* separator = "";
  for (const AuditPart& part : auditor.parts()) {
    out.append(std::exchange(separator, ",")).append("{\"name\":");
    AppendJsonString(&out, part.name);
    out.push_back(',');
    AppendCounts(part.counts, &out);
    out.push_back('}');
  }
  out.append("],\"chains\":[");
  separator = "";
  for (const SentChain& chain : auditor.chains()) {
    out.append(std::exchange(separator, ","));
    AppendChain(chain, &out);
  }
  out.append("],\"finding\":");
  if (auditor.finding()) {
    AppendFinding(*auditor.finding(), &out);
  } else {
    out.append("null");
  }
  return out + "}\n";
}

}  // namespace hushlog
