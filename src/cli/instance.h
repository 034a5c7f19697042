// What the measured Matomo says about itself, for the daily system report: its reporting API is asked, with the methods
// that Matomo's documentation names.
#pragma once

#include <chrono>
#include <cstdint>
#include <future>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "src/cli/config.h"
#include "src/usage/system_report.h"

namespace hushlog {

// The answers, and what to tell the user of those that are missing.
struct InstanceAnswers {
  InstanceFacts facts;
  std::string missing;  // one sentence without URL, token or anything of an answer; empty: nothing is missing
};

// Asks over one connection, one thing after the other, by POST: a token that Matomo takes in secure requests only does,
// and it is in no URL. Takes a minute at most. Stops at the first answer that denies access, as Matomo locks out who
// tries a wrong token too often, and when no answer comes. Without URL nothing is asked, and nothing missing. `stop`
// ends it within a second or so. Of a token file that cannot be read the answers say so.
InstanceAnswers AskInstance(const InstanceConfig& config, const std::stop_token& stop);

// A report page as the Matomo describes it. Its names may be private: they must not be shown before they are compared
// with public ones.
struct InstancePage {
  std::string category, subcategory;  // menu ids
  std::vector<std::string> widgets;   // as a [[page]] writes them: "Plugin.action?idDimension=3"
};

// The report pages that the Matomo has for a site of it (API.getReportPagesMetadata). Asks as AskInstance does. Throws
// std::runtime_error, with a sentence for the user, if there is no answer.
std::vector<InstancePage> AskPages(const InstanceConfig& config, std::uint32_t site, const std::stop_token& stop);

// Asks once a day, in a thread of its own, and tells the user what is missing.
//
// Thread-safety: belongs to one thread. The destructor gives up what is on its way.
class InstanceInquiry {
 public:
  // `config` must outlive the object.
  explicit InstanceInquiry(const InstanceConfig& config) : config_(config) {}

  // What the Matomo is on `day`; asks for it when called for that day first. nullopt if there is no answer within
  // `wait`.
  std::optional<InstanceFacts> FactsOf(std::int32_t day, std::chrono::milliseconds wait);

 private:
  const InstanceConfig& config_;
  std::int32_t day_ = 0;  // for which was asked
  std::shared_future<InstanceFacts> facts_;
  std::jthread thread_;
};

}  // namespace hushlog
