// Compares the compiled parser with regular expressions made from the same format strings by other means, on lines of
// real logs and on mutations of them.
#include <doctest/doctest.h>
#include <re2/re2.h>

#include <array>
#include <ctime>
#include <map>
#include <memory>
#include <optional>
#include <random>

#include "parsers/log_escape.h"
#include "tests/parsers/parse_support.h"

namespace hushlog {
namespace {

RE2::Options Bytes() {
  RE2::Options options(RE2::Latin1);
  options.set_dot_nl(true);
  options.set_log_errors(false);
  return options;
}

// What the reference reads: the fields by name, with dashes and escapes as in the line.
using Fields = std::map<std::string, std::string>;

// A format string as a regular expression. Knows `$name` only; a variable is a list, free text, a time or a token.
class Reference {
 public:
  explicit Reference(std::string_view spec) {
    std::string pattern;
    bool in_quotes = false;
    for (std::size_t i = 0; i < spec.size();) {
      if (spec[i] != '$') {
        if (spec[i] == '"') in_quotes = !in_quotes;
        pattern += RE2::QuoteMeta(spec.substr(i, 1));
        ++i;
        continue;
      }
      const std::size_t end =
          std::min(spec.find_first_not_of("abcdefghijklmnopqrstuvwxyz_0123456789", i + 1), spec.size());
      const std::string name(spec.substr(i + 1, end - i - 1));
      const std::string literal(spec.substr(end, std::min(spec.find('$', end), spec.size()) - end));
      groups_.push_back({name, literal, KindOf(name, literal, in_quotes)});
      pattern += "(" + Pattern(groups_.back()) + ")";
      i = end;
    }
    regex_ = std::make_unique<RE2>(pattern, Bytes());
    REQUIRE(regex_->ok());
  }

  std::optional<Fields> Match(const std::string& line) const {
    std::vector<re2::StringPiece> texts(groups_.size());
    std::vector<RE2::Arg> args;
    std::vector<const RE2::Arg*> pointers;
    args.reserve(texts.size());
    for (auto& text : texts) args.emplace_back(&text);
    for (auto& arg : args) pointers.push_back(&arg);
    if (!RE2::FullMatchN(line, *regex_, pointers.data(), static_cast<int>(pointers.size()))) return std::nullopt;
    Fields fields;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      if (!EndsAtFirstChance(groups_[i], texts[i], line)) return std::nullopt;
      fields[groups_[i].name] = std::string(texts[i]);
    }
    return fields;
  }

 private:
  enum class Kind { kToken, kList, kText, kQuotedText, kQuoted, kTime, kRest };
  struct Group {
    std::string name;
    std::string literal;
    Kind kind;
  };

  static Kind KindOf(const std::string& name, const std::string& literal, bool in_quotes) {
    static const std::vector<std::string> kTexts = {"remote_user", "request", "http_referer", "http_user_agent",
                                                    "more"};
    const bool is_text = std::find(kTexts.begin(), kTexts.end(), name) != kTexts.end();
    if (name == "time_local") return Kind::kTime;
    if (in_quotes && literal[0] == '"') return Kind::kQuoted;
    if (is_text && in_quotes) return Kind::kQuotedText;
    if (is_text) return literal.empty() ? Kind::kRest : Kind::kText;
    return name.find("upstream_") == 0 || name == "http_x_forwarded_for" ? Kind::kList : Kind::kToken;
  }

  static std::string Pattern(const Group& group) {
    const std::string stops = " \\t\"" + (group.literal.empty() ? "" : RE2::QuoteMeta(group.literal.substr(0, 1)));
    const std::string token = "[^" + stops + "]*";
    switch (group.kind) {
      case Kind::kToken:
        return token;
      case Kind::kList:
        return "(?:" + token + ", |(?:" + token + "[^," + stops + "])? : )*" + token;
      case Kind::kText:
        return "(?:[^\\\\]|\\\\.)*?";
      case Kind::kQuotedText:
        return "(?:[^\"\\\\]|\\\\.)*?";
      case Kind::kQuoted:
        return "(?:[^\"\\\\]|\\\\.)*";
      case Kind::kTime:
        return ".{26}";
      case Kind::kRest:
        return ".*";
    }
    return "";
  }

  // A regular expression goes back and lets a value end later; a line where it has to is refused by the parser.
  static bool EndsAtFirstChance(const Group& group, re2::StringPiece text, const std::string& line) {
    const auto begin = static_cast<std::size_t>(text.data() - line.data());
    const std::string after = line.substr(begin + text.size());
    if (group.kind == Kind::kList) {
      const bool goes_on = !text.empty() && text[text.size() - 1] == ',' && after[0] == ' ';
      return !goes_on && after.compare(0, 3, " : ") != 0;
    }
    if (group.kind != Kind::kText && group.kind != Kind::kQuotedText) return true;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] == '\\') {
        ++i;
      } else if (line.compare(begin + i, group.literal.size(), group.literal) == 0) {
        return false;
      }
    }
    return true;
  }

  std::vector<Group> groups_;
  std::unique_ptr<RE2> regex_;
};

// What a line means, in one comparable string: its status and, if that is kOk, its fields.
std::string Describe(const Request& request) {
  std::string text = "ok";
  for (const std::string_view field : {request.remote_addr, request.remote_user, request.host, request.method,
                                       request.target, request.protocol, request.referer, request.user_agent}) {
    text += "\n" + std::string(field);
  }
  for (const std::int64_t number : {request.time_ms, std::int64_t{request.utc_offset_s}, std::int64_t{request.status},
                                    request.body_bytes_sent, request.request_time_us}) {
    text += "\n" + std::to_string(number);
  }
  return text;
}

// The text of a field, empty for a dash.
std::string TextOf(const Fields& fields, const std::string& name) {
  const auto found = fields.find(name);
  return found == fields.end() || found->second == "-" ? "" : found->second;
}

// The text of a field without escapes.
std::string ValueOf(const Fields& fields, const std::string& name) {
  const std::string text = TextOf(fields, name);
  std::string value(text.size(), '\0');
  value.resize(static_cast<std::size_t>(Unescape(text, value.data()) - value.data()));
  return value;
}

int Number(const std::string& digits) { return digits.empty() ? 0 : std::stoi(digits); }

bool ReadTime(const std::string& text, Request* request) {
  static const RE2 kClf(R"((\d\d)/(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)/(\d{4}):(\d\d):(\d\d):(\d\d) )"
                        R"(([+-])(\d\d)(\d\d))",
                        Bytes());
  static const RE2 kIso(R"((\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d+))? ?)"
                        R"((?:[Zz]|([+-])(\d\d)(?::?(\d\d))?))",
                        Bytes());
  static const std::string kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::tm tm{};
  int second = 0;
  std::string month, fraction, sign, zone_hours, zone_minutes;
  if (RE2::FullMatch(text, kClf, &tm.tm_mday, &month, &tm.tm_year, &tm.tm_hour, &tm.tm_min, &second, &sign, &zone_hours,
                     &zone_minutes)) {
    tm.tm_mon = static_cast<int>(kMonths.find(month) / 3);
  } else if (RE2::FullMatch(text, kIso, &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &second,
                            &fraction, &sign, &zone_hours, &zone_minutes)) {
    --tm.tm_mon;
  } else {
    return false;
  }
  if (tm.tm_hour > 23 || tm.tm_min > 59 || second > 60 || Number(zone_hours) > 15 || Number(zone_minutes) > 59)
    return false;
  tm.tm_year -= 1900;
  const std::tm written = tm;
  const std::int64_t seconds = timegm(&tm) + second;
  if (written.tm_mday != tm.tm_mday || written.tm_mon != tm.tm_mon) return false;  // there is no such day
  request->utc_offset_s = (sign == "-" ? -1 : 1) * (Number(zone_hours) * 3600 + Number(zone_minutes) * 60);
  request->time_ms = (seconds - request->utc_offset_s) * 1000 + Number((fraction + "000").substr(0, 3));
  return request->time_ms >= 788918400000 && request->time_ms < 4102444800000;
}

// The request line's parts in fields; false if there is no readable request.
bool ReadRequest(Fields* fields) {
  static const RE2 kFull("([A-Za-z]+) (.+) (HTTP/[^ ]*)", Bytes());
  static const RE2 kShort("([A-Za-z]+) (.+)", Bytes());
  static const RE2 kOrigin("(/.*|\\*)", Bytes());
  static const RE2 kAbsolute("[A-Za-z]+://[^/?]*(/.*)?", Bytes());
  std::string& method = (*fields)["request_method"];
  std::string& target = (*fields)["request_uri"];
  if (fields->count("request") != 0) {
    const std::string line = ValueOf(*fields, "request");
    if (!RE2::FullMatch(line, kFull, &method, &target, &(*fields)["server_protocol"])) {
      (*fields)["server_protocol"].clear();
      if (!RE2::FullMatch(line, kShort, &method, &target)) return false;
    }
  } else {
    method = ValueOf(*fields, "request_method");
    target = ValueOf(*fields, "request_uri");
    if (!RE2::FullMatch(method, "[A-Za-z]+")) return false;
  }
  if (RE2::FullMatch(target, kOrigin)) return true;
  std::string path;
  if (!RE2::FullMatch(target, kAbsolute, &path)) return false;
  target = path.empty() ? "/" : path;
  return true;
}

std::string HostWithoutPort(const std::string& host) {
  std::string name;
  if (host[0] == '[') return RE2::PartialMatch(host, "^(\\[[^\\]]*\\])", &name) ? name : "";
  return RE2::FullMatch(host, RE2("([^:]*):[^:]*", Bytes()), &name) ? name : host;
}

// A number of at most 18 digits with a fraction, in millionths.
std::optional<std::int64_t> Millionths(const std::string& text) {
  std::string whole;
  std::string fraction;
  static const RE2 kDecimal("(\\d{1,12})(?:\\.(\\d+))?", Bytes());
  if (!RE2::FullMatch(text, kDecimal, &whole, &fraction)) return std::nullopt;
  return std::stoll(whole) * 1'000'000 + std::stoll((fraction + "000000").substr(0, 6));
}

std::string Expected(const Reference& reference, const std::string& line) {
  if (line.find('\0') != std::string::npos) return "binary";
  auto fields = reference.Match(line);
  if (!fields) return "format_mismatch";
  Request request;
  const std::string time = TextOf(*fields, fields->count("time_local") != 0 ? "time_local" : "time_iso8601");
  if (time.empty()) return "missing_field";
  if (!ReadTime(time, &request)) return "bad_time";
  const std::string& status = (*fields)["status"];
  if (status.empty() || status == "-") return "missing_field";
  if (!RE2::FullMatch(status, "[1-5]\\d\\d")) return "bad_status";
  request.status = std::stoi(status);
  if (!ReadRequest(&*fields)) return "no_request";
  const std::string bytes = TextOf(*fields, "body_bytes_sent");
  if (!bytes.empty() && !RE2::FullMatch(bytes, "\\d{1,18}")) return "format_mismatch";
  request.body_bytes_sent = bytes.empty() ? -1 : std::stoll(bytes);
  if (std::string took = TextOf(*fields, "request_time"); !took.empty()) {
    const bool negative = took[0] == '-';
    const auto us = Millionths(took.substr(negative ? 1 : 0));
    if (!us || took.find('.') == std::string::npos) return "format_mismatch";
    request.request_time_us = negative ? -1 : *us;
  }
  std::array<std::string, 7> values;
  std::string_view* views[] = {&request.remote_addr, &request.remote_user, &request.host,  &request.protocol,
                               &request.referer,     &request.user_agent,  &request.method};
  const char* names[] = {"remote_addr",  "remote_user",     "host",          "server_protocol",
                         "http_referer", "http_user_agent", "request_method"};
  for (std::size_t i = 0; i < values.size(); ++i) {
    values[i] = i < 3 || i == 4 || i == 5 ? ValueOf(*fields, names[i]) : (*fields)[names[i]];
    if (i == 1 && values[i] == "\"\"") values[i].clear();
    if (i == 2) values[i] = HostWithoutPort(values[i]);
    if (i == 3 && fields->count("request") == 0) values[i] = ValueOf(*fields, names[i]);
    *views[i] = values[i];
  }
  request.target = (*fields)["request_uri"];
  return request.remote_addr.empty() ? "missing_field" : Describe(request);
}

// As LineParser does before it looks at a line.
std::string Trimmed(std::string line) {
  while (!line.empty() && (line.back() == ' ' || line.back() == '\t' || line.back() == '\r')) line.pop_back();
  return line;
}

struct Counts {
  int accepted = 0;
  int rejected = 0;
};

void Compare(const Reference& reference, LineParser* parser, const std::string& line, Counts* counts) {
  if (line.empty() || line.starts_with("\xEF\xBB\xBF")) return;
  Request request;
  const Padded padded(line);
  const LineStatus status = parser->Parse(padded.text(), &request);
  const std::string actual = status == LineStatus::kOk ? Describe(request) : std::string(ToString(status));
  const std::string expected = Expected(reference, line);
  status == LineStatus::kOk ? ++counts->accepted : ++counts->rejected;
  if (actual == expected) return;
  CAPTURE(line);
  CHECK(actual == expected);
}

void CompareAll(std::string_view spec, const std::vector<std::string>& lines) {
  REQUIRE_FALSE(lines.empty());
  const std::size_t mutations = 4000 / lines.size();
  CAPTURE(spec);
  const Reference reference(spec);
  const LogFormat format = LogFormat::Compile(spec);
  LineParser parser(format);
  std::mt19937 random(20261123);
  Counts untouched;
  Counts mutated;
  for (const std::string& line : lines) {
    Compare(reference, &parser, line, &untouched);
    for (std::size_t i = 0; i < mutations; ++i) Compare(reference, &parser, Trimmed(Mutated(line, &random)), &mutated);
  }
  // The comparison is about accepted and about rejected lines.
  CHECK(untouched.accepted >= untouched.rejected * 10);
  CHECK(mutated.accepted > 50);
  CHECK(mutated.rejected > 50);
}

constexpr std::string_view kCommon = R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent)";
constexpr std::string_view kCombined =
    R"($remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent")";

}  // namespace

TEST_CASE("the parser agrees with regular expressions on captured lines and mutations of them") {
  const std::string combined(kCombined);
  CompareAll(kCommon, LinesOf(ReadData("apache_common.log")));
  CompareAll(kCombined, LinesOf(ReadData("nginx_combined.log")));
  CompareAll(kCombined, LinesOf(ReadData("apache_combined.log")));
  CompareAll(combined + " $more", LinesOf(ReadData("apache_combined_D.log")));
  CompareAll(combined + R"( $request_time "$host")", LinesOf(ReadData("nginx_combined_rt.log")));
  CompareAll(combined + R"( "$http_x_forwarded_for" rt=$request_time uct="$upstream_connect_time" )"
                        R"(uht="$upstream_header_time" urt="$upstream_response_time" host="$host" sn="$server_name")",
             LinesOf(ReadData("nginx_combined_upstream.log")));
}

TEST_CASE("the parser agrees with regular expressions on formats with unquoted and separate values") {
  const std::string head = "192.0.2.10 ";
  CompareAll("$time_iso8601\t$remote_addr\t$request_method\t$request_uri\t$status\t$body_bytes_sent\t$http_user_agent",
             {"2026-11-23T05:19:28+00:00\t192.0.2.10\tGET\t/index.php?a=b\t200\t5120\tMozilla/5.0 (X11; \\x22x\\x22)",
              "2026-02-28T23:59:59-11:30\t2001:db8::1\tPOST\thttp://h/x\t302\t-\t-"});
  CompareAll(
      R"($remote_addr $upstream_addr [$time_local] "$request_method $request_uri" $status $upstream_response_time $request_time)",
      {R"(192.0.2.10 10.0.0.1:80, 10.0.0.2:80 : 10.0.0.3:80 [23/Nov/2026:05:19:28 +0000] "GET /" 200 0.1, 0.2 0.300)",
       R"(192.0.2.10 - [29/Feb/2028:05:19:28 -0800] "GET /a?b=\x22" 404 - 0.001)"});
  CompareAll(R"($remote_addr|$remote_user|$time_iso8601|"$http_user_agent; $http_referer"|"$request"|$status)",
             {R"(192.0.2.10|john \x22doe\x22|2026-11-23T05:19:28+00:00|"UA (X11); /x"|"GET / HTTP/1.1"|200)",
              R"(::1|-|2026-11-23T05:19:28.5Z|"-; -"|"HEAD http://h HTTP/1.0"|499)"});
}

}  // namespace hushlog
