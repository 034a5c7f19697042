#include "src/cli/instance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include "src/base/tell.h"
#include "src/cli/token_file.h"
#include "src/delivery/http_client.h"

namespace hushlog {
namespace {

using simdjson::dom::element;

constexpr std::size_t kMaxAnswer = 4 << 20;  // a hundred thousand users

HttpClient::Options OptionsOf(const InstanceConfig& config) {
  HttpClient::Options options;
  options.url = config.url;
  options.timeout = config.request_timeout;
  options.ca_file = config.ca_file;
  options.proxy = config.proxy;
  options.content_type = "application/x-www-form-urlencoded";
  options.max_reply = kMaxAnswer;
  options.stop_gives_up_answer = true;
  return options;
}

std::string FormEncode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    encoded += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return encoded;
}

std::string TokenParameter(const InstanceConfig& config) {
  if (config.token_file.empty()) return "";
  std::vector<std::string> told_at_start;
  return "&token_auth=" + FormEncode(ReadTokenFile(config.token_file, &told_at_start));
}

class ReportingApi {
 public:
  // Throws std::runtime_error.
  ReportingApi(const InstanceConfig& config, std::stop_token stop)
      : token_parameter_(TokenParameter(config)), client_(OptionsOf(config)), stop_(std::move(stop)) {}

  // The answer, which lives until the next call; nullopt if there is none, see fault().
  std::optional<element> Call(std::string_view method);
  // What is wrong with the last call or its answer, for the user.
  const std::string& fault() const { return fault_; }
  void NotUnderstood() { fault_ = "the answer was not understood"; }
  // Whether another call would do no good.
  bool is_closed() const { return closed_; }

 private:
  std::string FaultOf(const HttpReply& reply, std::optional<element>* answer);

  const std::string token_parameter_;
  HttpClient client_;
  const std::stop_token stop_;
  simdjson::dom::parser parser_;
  std::string fault_;
  bool closed_ = false;
};

std::optional<element> ReportingApi::Call(std::string_view method) {
  // Without limit, or lists have a hundred entries.
  const HttpReply reply =
      client_.Post(fmt::format("module=API&method={}&format=json&filter_limit=-1{}", method, token_parameter_), stop_);
  std::optional<element> answer;
  fault_ = FaultOf(reply, &answer);
  return answer;
}

std::string ReportingApi::FaultOf(const HttpReply& reply, std::optional<element>* answer) {
  constexpr int kOk = 200, kUnauthorized = 401, kForbidden = 403;
  closed_ = reply.status == kUnauthorized || reply.status == kForbidden ||
            (reply.fault != HttpReply::Fault::kNone && reply.fault != HttpReply::Fault::kTooLarge);
  if (reply.status == kUnauthorized || reply.status == kForbidden) {
    return "access is denied: let token_file of [instance] hold a token of somebody with superuser access";
  }
  if (reply.fault != HttpReply::Fault::kNone) return reply.error;
  if (reply.status != kOk) return fmt::format("the answer has status {}", reply.status);
  element document;
  if (parser_.parse(reply.body).get(document) != simdjson::SUCCESS) {
    return "the answer is not Matomo's: check url of [instance]";
  }
  std::string_view result;
  if (document["result"].get(result) == simdjson::SUCCESS && result == "error") return "Matomo answers with an error";
  *answer = document;
  return "";
}

// "b5", "rc2", "alpha.20261118": what Matomo adds to its version before a release.
bool IsPreRelease(std::string_view suffix) {
  constexpr std::string_view kDigits = "0123456789";
  for (const std::string_view word : {"alpha", "beta", "rc", "b"}) {
    if (!suffix.starts_with(word)) continue;
    std::string_view number = suffix.substr(word.size());
    if (number.starts_with('.')) number.remove_prefix(1);
    return number.find_first_not_of(kDigits) == std::string_view::npos;
  }
  return false;
}

// Without what somebody else has added: it may name who.
bool TakeMatomoVersion(const element& answer, InstanceFacts* facts) {
  std::string_view version;
  if (answer["value"].get(version) != simdjson::SUCCESS) return false;
  const std::size_t dash = std::min(version.find('-'), version.size());
  if (dash < version.size() && !IsPreRelease(version.substr(dash + 1))) version = version.substr(0, dash);
  if (!IsVersion(version)) return false;
  facts->matomo_version = version;
  return true;
}

// Without what distributions add: "7.4.3-4ubuntu2".
bool TakePhpVersion(const element& answer, InstanceFacts* facts) {
  std::string_view version;
  if (answer["version"].get(version) != simdjson::SUCCESS) return false;
  version = version.substr(0, version.find_first_not_of("0123456789."));
  if (!IsVersion(version)) return false;
  facts->php_version = version;
  return true;
}

template <std::optional<std::int64_t> InstanceFacts::*number>
bool TakeCount(const element& answer, InstanceFacts* facts) {
  simdjson::dom::array list;
  if (answer.get(list) != simdjson::SUCCESS) return false;
  facts->*number = static_cast<std::int64_t>(list.size());
  return true;
}

struct Question {
  std::string_view variable;
  std::string_view method;
  std::string_view older_method;  // of Piwik; empty: the same
  bool (*take)(const element& answer, InstanceFacts* facts);
};

// What needs more rights comes later.
constexpr Question kQuestions[] = {
    {"Matomo Version", "API.getMatomoVersion", "API.getPiwikVersion", &TakeMatomoVersion},
    {"Num Segments", "SegmentEditor.getAll", "", &TakeCount<&InstanceFacts::segments>},
    {"Num Users", "UsersManager.getUsersLogin", "", &TakeCount<&InstanceFacts::users>},
    {"Num Websites", "SitesManager.getAllSitesId", "", &TakeCount<&InstanceFacts::websites>},
    {"PHP Version", "API.getPhpVersion", "", &TakePhpVersion},
};

bool Ask(ReportingApi& api, const Question& question, InstanceFacts* facts) {
  std::optional<element> answer = api.Call(question.method);
  if (!answer && !api.is_closed() && !question.older_method.empty()) answer = api.Call(question.older_method);
  if (!answer) return false;
  const bool taken = question.take(*answer, facts);
  if (!taken) api.NotUnderstood();
  return taken;
}

// "Num Segments (reason), Num Users, PHP Version (other reason)"
std::string AskAll(ReportingApi& api, InstanceFacts* facts) {
  struct Missing {
    std::vector<std::string_view> variables;
    std::string reason;
  };
  std::vector<Missing> missing;
  bool goes_on = true;
  for (const Question& question : kQuestions) {
    if (goes_on && Ask(api, question, facts)) continue;
    if (missing.empty() || missing.back().reason != api.fault()) missing.push_back({{}, api.fault()});
    missing.back().variables.push_back(question.variable);
    // What does not even tell its version is no Matomo, or does not take the token.
    goes_on = goes_on && !api.is_closed() && !facts->matomo_version.empty();
  }
  std::vector<std::string> parts;
  for (const Missing& part : missing) {
    parts.push_back(fmt::format("{} ({})", fmt::join(part.variables, ", "), part.reason));
  }
  return fmt::format("{}", fmt::join(parts, ", "));
}

std::string TextOf(const element& object, std::string_view key) {
  std::string_view text;
  std::int64_t number = 0;
  if (object[key].get(text) == simdjson::SUCCESS) return std::string(text);
  return object[key].get(number) == simdjson::SUCCESS ? fmt::format("{}", number) : std::string();
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Ids of goals and dashboards are those of one installation; `#` stands for any.
std::string AnyNumber(const std::string& id) { return IsNumber(id) && id != "0" ? "#" : id; }

// As rules/catalogue/pages.toml writes widgets: with those parameters alone that tell pages apart, most of them by
// being there.
std::string WidgetText(const element& widget) {
  std::string text = fmt::format("{}.{}", TextOf(widget, "module"), TextOf(widget, "action"));
  element parameters;
  if (widget["parameters"].get(parameters) != simdjson::SUCCESS) return text;
  char mark = '?';
  constexpr std::string_view kNames[] = {"idGoal", "documentationForGoalsPage", "performance", "idDimension",
                                         "idDashboard"};
  for (const std::string_view name : kNames) {
    std::string value = TextOf(parameters, name);
    if (value.empty()) continue;
    if (name == "idGoal") value = AnyNumber(value);
    const bool tells_value = name == "idGoal" || name == "idDimension";
    fmt::format_to(std::back_inserter(text), "{}{}={}", mark, name, tells_value ? value : "1");
    mark = '&';
  }
  return text;
}

// A page asks for the widgets within a container one by one, never for the container.
void AppendWidgets(const element& list, std::vector<std::string>* widgets) {
  simdjson::dom::array array;
  if (list.get(array) != simdjson::SUCCESS) return;
  for (const element widget : array) {
    element inner;
    if (widget["widgets"].get(inner) == simdjson::SUCCESS) {
      AppendWidgets(inner, widgets);
    } else {
      widgets->push_back(WidgetText(widget));
    }
  }
}

}  // namespace

std::vector<InstancePage> AskPages(const InstanceConfig& config, std::uint32_t site, const std::stop_token& stop) {
  ReportingApi api(config, stop);
  const auto answer = api.Call(fmt::format("API.getReportPagesMetadata&idSite={}", site));
  simdjson::dom::array list;
  if (answer && answer->get(list) != simdjson::SUCCESS) api.NotUnderstood();
  if (!api.fault().empty())
    throw std::runtime_error(fmt::format("the pages of the Matomo are not known: {}", api.fault()));
  std::vector<InstancePage> pages;
  for (const element page : list) {
    element category, subcategory, widgets;
    const bool whole = page["category"].get(category) == simdjson::SUCCESS &&
                       page["subcategory"].get(subcategory) == simdjson::SUCCESS &&
                       page["widgets"].get(widgets) == simdjson::SUCCESS;
    if (!whole) continue;
    pages.push_back({TextOf(category, "id"), AnyNumber(TextOf(subcategory, "id")), {}});
    AppendWidgets(widgets, &pages.back().widgets);
  }
  return pages;
}

InstanceAnswers AskInstance(const InstanceConfig& config, const std::stop_token& stop) {
  InstanceAnswers answers;
  answers.facts.mysql_version = config.mysql_version;
  if (config.url.empty()) return answers;
  try {
    ReportingApi api(config, stop);
    answers.missing = AskAll(api, &answers.facts);
  } catch (const std::runtime_error& error) {
    answers.missing = fmt::format("all that the measured Matomo tells ({})", error.what());
  }
  if (!answers.missing.empty()) answers.missing.insert(0, "the system report of yesterday goes without ");
  return answers;
}

std::optional<InstanceFacts> InstanceInquiry::FactsOf(std::int32_t day, std::chrono::milliseconds wait) {
  if (day != day_) {
    day_ = day;
    std::packaged_task<InstanceFacts(std::stop_token)> task([&config = config_](const std::stop_token& stop) {
      const InstanceAnswers answers = AskInstance(config, stop);
      if (!answers.missing.empty() && !stop.stop_requested()) Tell("warning: " + answers.missing);
      return answers.facts;
    });
    facts_ = task.get_future().share();
    thread_ = std::jthread(std::move(task));
  }
  if (facts_.wait_for(wait) != std::future_status::ready) return std::nullopt;
  return facts_.get();
}

}  // namespace hushlog
