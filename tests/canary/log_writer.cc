#include "tests/canary/log_writer.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <utility>

namespace hushlog::test {
namespace {

// What a format calls a value that nginx has another name for.
constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
    {"h", "remote_addr"},
    {"u", "remote_user"},
    {"v", "host"},
    {">s", "status"},
    {"b", "body_bytes_sent"},
    {"O", "body_bytes_sent"},
    {"D", "duration_us"},
    {"T", "duration_s"},
    {"{ms}T", "duration_ms"},
    {"p", "server_port"},
    {"target", "request_uri"},
    {"referer", "http_referer"},
    {"r", "request"},
    {"user_agent", "http_user_agent"},
    {"bytes_sent", "body_bytes_sent"},
};

std::string Value(std::string_view name, const LogEntry& entry) {
  if (const auto found = entry.values.find(name); found != entry.values.end()) return found->second;
  const std::time_t time = entry.time_s;
  if (name == "time_local") return fmt::format("{:%d/%b/%Y:%H:%M:%S} +0000", fmt::gmtime(time));
  if (name == "t") return fmt::format("[{}]", Value("time_local", entry));
  if (name == "time" || name == "time_iso8601") return fmt::format("{:%Y-%m-%dT%H:%M:%S}+00:00", fmt::gmtime(time));
  if (name == "msec") return fmt::format("{}.250", entry.time_s);
  if (name == "l") return "-";
  if (name == "request") {
    return fmt::format("{} {} {}", Value("request_method", entry), Value("request_uri", entry),
                       Value("server_protocol", entry));
  }
  for (const auto& [other, nginx] : kOtherNames) {
    if (name == other) return Value(nginx, entry);
  }
  return entry.values.at("unknown");
}

// %{User-Agent}i
std::string HeaderVariable(std::string_view directive) {
  std::string name = "http_" + std::string(directive.substr(1, directive.find('}') - 1));
  for (char& c : name) c = c == '-' ? '_' : static_cast<char>(std::tolower(c));
  return name;
}

std::string Escape(std::string_view value, std::string_view special, std::string_view format, int from) {
  std::string out;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= from || special.find(c) != std::string_view::npos) {
      fmt::format_to(std::back_inserter(out), fmt::runtime(format), byte);
    } else {
      out += c;
    }
  }
  return out;
}

constexpr std::string_view kTextEscape = "\\x{:02X}", kJsonEscape = "\\u00{:02X}";

std::string TextValue(std::string_view name, const LogEntry& entry) {
  return Escape(Value(name, entry), "\"\\", kTextEscape, 0x7f);
}
std::string JsonMember(std::string_view key, std::string_view name, const LogEntry& entry) {
  return fmt::format("\"{}\":\"{}\",", key, Escape(Value(name, entry), "\"\\", kJsonEscape, 0x100));
}

// Length of the name at the beginning of `text`.
std::size_t NameSize(std::string_view text) {
  const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
  return static_cast<std::size_t>(std::ranges::find_if_not(text, is_name) - text.begin());
}

std::string NginxLine(std::string_view spec, const LogEntry& entry) {
  std::string line;
  while (!spec.empty()) {
    const std::size_t size = spec[0] == '$' ? NameSize(spec.substr(1)) : 0;
    line += size == 0 ? std::string(1, spec[0]) : TextValue(spec.substr(1, size), entry);
    spec.remove_prefix(1 + size);
  }
  return line;
}

std::string ApacheLine(std::string_view spec, const LogEntry& entry) {
  std::string line;
  while (!spec.empty()) {
    if (spec[0] != '%') {
      line += spec[0];
      spec.remove_prefix(1);
      continue;
    }
    std::size_t size = spec[1] == '{' ? spec.find('}') : 0;
    while (std::isalpha(static_cast<unsigned char>(spec[++size])) == 0) {
    }
    const std::string_view directive = spec.substr(1, size);
    line += TextValue(directive.back() == 'i' ? HeaderVariable(directive) : directive, entry);
    spec.remove_prefix(1 + size);
  }
  return line;
}

std::string JsonLine(std::string_view spec, const LogEntry& entry) {
  std::string members;
  if (spec == "json") {
    members += JsonMember("time_iso8601", "time_iso8601", entry);
    for (const auto& [name, value] : entry.values) members += JsonMember(name, name, entry);
  } else {
    for (spec.remove_prefix(spec.find(':') + 1); !spec.empty();) {
      const std::string_view pair = spec.substr(0, spec.find(','));
      const std::size_t equals = pair.find('=');
      members += JsonMember(pair.substr(equals + 1), pair.substr(0, equals), entry);
      spec.remove_prefix(std::min(pair.size() + 1, spec.size()));
    }
    members += JsonMember("unknown", "unknown", entry);
  }
  members.pop_back();
  return "{" + members + "}";
}

}  // namespace

std::string WriteLine(std::string_view spec, const LogEntry& entry) {
  const bool json = spec.starts_with("json");
  std::string line = json                                       ? JsonLine(spec, entry)
                     : spec.find('%') != std::string_view::npos ? ApacheLine(spec, entry)
                                                                : NginxLine(spec, entry);
  if (entry.escaped.empty()) return line;
  const std::string escapes = Escape(entry.escaped, "", json ? kJsonEscape : kTextEscape, 0);
  for (std::size_t at = 0; (at = line.find(entry.escaped, at)) != std::string::npos; at += escapes.size()) {
    line.replace(at, entry.escaped.size(), escapes);
  }
  return line;
}

}  // namespace hushlog::test
