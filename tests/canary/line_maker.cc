#include "tests/canary/line_maker.h"

#include <fmt/format.h>

namespace hushlog::test {
namespace {

constexpr std::size_t kClients = 40;
constexpr std::int64_t kFirstTime = 1'795'464'000;  // 2026-11-23 20:00 UTC: some lines are of the next day
constexpr std::array<std::string_view, 4> kUserAgents = {
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 "
    "Mobile/15E148 Safari/604.1",
    "python-requests/2.31.0"};
constexpr std::array<std::string_view, 3> kLanguages = {"de-AT,de;q=0.9", "en-US", "fr"};
constexpr std::array<std::string_view, 5> kHints = {"", "_mobile", "_platform", "_platform_version",
                                                    "_full_version_list"};
constexpr std::array<std::string_view, 5> kHintValues = {R"("Not:A-Brand";v="8", "Chromium";v="129")", "?0",
                                                         R"("Windows")", R"("15.0.0")",
                                                         R"("Chromium";v="129.0.6668.58", "Not:A-Brand";v="8.0.0.0")"};
constexpr std::array<std::string_view, 3> kUnknownFields = {"unknown", "request_id", "http_cookie"};
constexpr std::array<std::string_view, kPlaces> kNames = {"user",
                                                          "host",
                                                          "Referer",
                                                          "query of the Referer",
                                                          "user agent",
                                                          "language",
                                                          "client hint",
                                                          "X-Forwarded-For",
                                                          "unknown field",
                                                          "directory",
                                                          "userinfo",
                                                          "unknown parameter",
                                                          "known parameter",
                                                          "value",
                                                          "duplicate parameter",
                                                          "array",
                                                          "fragment",
                                                          "call",
                                                          "bulk request",
                                                          "address",
                                                          "method",
                                                          "protocol",
                                                          "status",
                                                          "time",
                                                          "line"};

}  // namespace

std::string_view ToString(Place place) { return kNames[static_cast<std::size_t>(place)]; }

LineMaker::LineMaker(std::uint64_t seed, const std::vector<SampleRequest>& requests, const Catalogue& catalogue)
    : random_(seed), requests_(requests), catalogue_(catalogue) {
  for (std::size_t i = 0; i < kClients; ++i) {
    clients_.push_back({SecretAddress(i), Any(kUserAgents), Any(kLanguages), Below(requests.size())});
  }
  entry_.time_s = kFirstTime;
}

std::string LineMaker::Make(std::string_view format) {
  entry_.time_s += Chance(30) ? 1 : 0;
  entry_.escaped.clear();
  planted_.clear();
  if (Chance(5)) client_ = Below(kClients);
  Client& client = clients_[client_];
  const SampleRequest& request = requests_[client.next];
  client.next = Chance(2) ? Below(requests_.size()) : (client.next + 1) % requests_.size();
  entry_.values = {{"remote_addr", client.address},
                   {"http_user_agent", client.user_agent},
                   {"http_accept_language", client.language}};
  FillClient(request);
  SpoilFields();
  FillTarget(request);
  if (Chance(5)) SpoilEssentials();
  std::string line = WriteLine(format, entry_);
  if (Chance(2)) line = SpoilLine(std::move(line));
  return line + "\n";
}

std::string LineMaker::Plant(Place place) {
  auto disguise = static_cast<Disguise>(Below(kDisguises));
  const std::string secret = Secret(secrets_++);
  if (disguise == Disguise::kNginxEscape || disguise == Disguise::kJsonEscape) {
    // Half of them are escapes of the log, the others stand in the value itself.
    if (entry_.escaped.empty() && Chance(50)) {
      entry_.escaped = secret;
      planted_.push_back({place, disguise});
      return secret;
    }
  }
  planted_.push_back({place, disguise});
  return Disguised(secret, disguise);
}

std::string LineMaker::Spoil(const std::string& value, Place place) {
  switch (Below(4)) {
    case 0:
      return Plant(place);
    case 1:
      return Plant(place) + value;
    case 2:
      return value + Plant(place);
    default:
      return value + "," + Plant(place);
  }
}

void LineMaker::FillClient(const SampleRequest& request) {
  auto& values = entry_.values;
  values["remote_user"] = "-";
  values["host"] = "matomo.example.org";
  values["request_method"] = request.method;
  values["server_protocol"] = "HTTP/2.0";
  values["status"] = std::to_string(request.status);
  values["body_bytes_sent"] = "4711";
  values["request_time"] = "0.125";
  values["duration_us"] = "125000";
  values["duration_ms"] = "125";
  values["duration_s"] = "0";
  values["server_port"] = "443";
  values["unknown"] = "-";
  values["http_x_forwarded_for"] = "10.0.0.1";
  values["http_referer"] =
      request.from_page ? "https://matomo.example.org/index.php?module=CoreHome&action=index&idSite=2" : "-";
  for (std::size_t i = 0; i < kHints.size(); ++i) {
    values[fmt::format("http_sec_ch_ua{}", kHints[i])] = std::string(kHintValues[i]);
  }
}

void LineMaker::SpoilFields() {
  auto& values = entry_.values;
  if (Chance(60)) values["remote_user"] = Plant(Place::kUser);
  if (Chance(60)) values["host"] = Plant(Place::kHost) + ".example.org";
  if (values["http_referer"] != "-") {
    if (Chance(30)) values["http_referer"] = fmt::format("https://{}/{}", Plant(Place::kReferer), values["host"]);
    if (Chance(50)) values["http_referer"] += fmt::format("?module={}&x=1", Plant(Place::kRefererQuery));
  }
  if (Chance(30)) values["http_user_agent"] += fmt::format(" {}/77", Plant(Place::kUserAgent));
  if (Chance(10)) values["http_user_agent"] = Spoil(values["http_user_agent"], Place::kUserAgent);
  if (Chance(40)) values["http_accept_language"] = Spoil(values["http_accept_language"], Place::kLanguage);
  const std::string hint = "http_sec_ch_ua" + Any(kHints);
  if (Chance(60)) values[hint] = Spoil(values[hint], Place::kClientHint);
  if (Chance(20)) values[hint] = fmt::format("\"{}\";v=\"129\", \"Chromium\";v=\"129.0\"", Plant(Place::kClientHint));
  if (Chance(40)) values["http_x_forwarded_for"] = Spoil(values["http_x_forwarded_for"], Place::kForwardedFor);
  if (Chance(50)) values[Any(kUnknownFields)] = Plant(Place::kUnknownField);
}

void LineMaker::FillTarget(const SampleRequest& request) {
  std::string target = request.target;
  for (std::uint64_t times = Below(4); times > 0; --times) SpoilTarget(&target);
  entry_.values["request_uri"] = std::move(target);
}

void LineMaker::SpoilTarget(std::string* target) {
  switch (Below(10)) {
    case 0:
      if ((*target)[0] == '/') *target = fmt::format("/{}{}", Plant(Place::kDirectory), *target);
      return;
    case 1:
      if ((*target)[0] == '/') {
        *target = fmt::format("https://jane:{}@matomo.example.org{}", Plant(Place::kUserinfo), *target);
      }
      return;
    case 2:
      *target += "#" + Plant(Place::kFragment);
      return;
    default:
      SpoilQuery(target);
  }
}

void LineMaker::SpoilQuery(std::string* target) {
  if (target->find('?') == std::string::npos) *target += "?idSite=2";
  switch (Below(10)) {
    case 0:
      *target = AnyValue(*target, Place::kDuplicate);
      return;
    case 1:
    case 2:
      *target = AnyValue(*target, Place::kValue);
      return;
    case 3:
      *target = AnyCall(*target);
      return;
    case 4:
      *target += ExtraParameter(Place::kArray);
      return;
    case 5:
      *target += ExtraParameter(Place::kNested);
      return;
    case 6:
      *target += ExtraParameter(Place::kUnknownParameter);
      return;
    default:
      *target += ExtraParameter(Place::kKnownParameter);
  }
}

// Another value for one of the parameters, or the parameter once more before or behind the others.
std::string LineMaker::AnyValue(std::string target, Place place) {
  std::vector<std::size_t> begins;  // of names
  for (std::size_t i = target.find('?'); i != std::string::npos; i = target.find('&', i + 1)) begins.push_back(i + 1);
  const std::size_t begin = begins[Below(begins.size())];
  const std::size_t end = std::min(target.find_first_of("&#", begin), target.size());
  const std::size_t equals = std::min(target.find('=', begin), end);
  const std::string name = target.substr(begin, equals - begin);
  const std::string value = equals == end ? "" : target.substr(equals + 1, end - equals - 1);
  const std::string pair = fmt::format("{}={}", name, Spoil(value, place));
  if (place == Place::kValue) return target.replace(begin, end - begin, pair);
  return Chance(50) ? target.insert(begins[0], pair + "&") : target.insert(end, "&" + pair);
}

std::string LineMaker::AnyCall(std::string target) {
  constexpr std::array<std::string_view, 5> kCalls = {
      "module={0}&action=index", "module=CoreHome&action={0}", "module=API&method={0}.{0}",
      "module=API&method=Goals.{0}", "module=Widgetize&action=iframe&moduleToWidgetize={0}&actionToWidgetize={0}"};
  const std::string call = fmt::format(fmt::runtime(Any(kCalls)), Plant(Place::kCall));
  return target.insert(target.find('?') + 1, call + (Chance(50) ? "&" : "&x="));
}

std::string LineMaker::ExtraParameter(Place place) {
  constexpr std::array<std::string_view, 5> kUnknown = {"&{0}=1", "&x={0}", "&{0}={0}", "&amp;{0}=1", "&token.{0}={0}"};
  constexpr std::array<std::string_view, 6> kArrays = {"&{1}[]={0}",  "&{1}%5B%5D={0}", "&{1}[0][b]={0}",
                                                       "&{1}[{0}]=1", "&{0}[a]=1",      "&{1}[0][{0}]={0}"};
  constexpr std::array<std::string_view, 4> kNested = {
      "&urls[0]=method%3D{0}.{0}%26{0}%3D{0}&urls[{0}]=%26method=Goals.get&{0}",
      "&module=API&method=API.getBulkRequest&urls[0]=method%3DVisitsSummary.get%26idSite%3D2%26segment%3D{0}",
      "&module=API&method=API.getBulkRequest&urls%5B0%5D=method%253DGoals.{0}%2526token_auth%253D{0}",
      "&popover=RowAction%243ATransitions%243A{0}&url=https%3A%2F%2Fjane%3A{0}%40example.org%2F%3Fa%3D{0}"};
  const Name name = static_cast<Name>(2 + Below(catalogue_.parameters_end() - 2));
  const std::string known(catalogue_.Text(name));
  const std::string secret = Plant(place);
  switch (place) {
    case Place::kUnknownParameter:
      return fmt::format(fmt::runtime(Any(kUnknown)), secret);
    case Place::kArray:
      return fmt::format(fmt::runtime(Any(kArrays)), secret, known);
    case Place::kNested:
      return fmt::format(fmt::runtime(Any(kNested)), secret);
    default:
      parameters_.insert(name);
      return fmt::format("&{}={}", known, Chance(50) ? secret : Any(kUserAgents).substr(0, 3) + secret);
  }
}

void LineMaker::SpoilEssentials() {
  auto& values = entry_.values;
  switch (Below(5)) {
    case 0:
      values["remote_addr"] = Spoil(values["remote_addr"], Place::kAddress);
      return;
    case 1:
      values["request_method"] = Plant(Place::kMethod);
      return;
    case 2:
      values["server_protocol"] += Plant(Place::kProtocol);
      return;
    case 3:
      values["status"] = Spoil(values["status"], Place::kStatus);
      return;
    default:  // in all notations
      for (const char* name : {"time_local", "time_iso8601", "time", "t", "msec"}) {
        values[name] = Plant(Place::kTime);
      }
  }
}

std::string LineMaker::SpoilLine(std::string line) {
  const std::size_t at = Below(line.size());
  line.insert(at, Plant(Place::kLine));
  if (Chance(50)) line.resize(at + Secret(0).size());
  if (Chance(10)) line.insert(at, 1, static_cast<char>(Below(0x20)));
  return line;
}

}  // namespace hushlog::test
