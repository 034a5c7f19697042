// Usage totals per day, kept in the state database: what was used, how often, by how many visitors, how long calls
// took.
//
// Counts are collected in memory and added to the database in the transaction that commits the lines they come from.
// Everything in them is a catalogue name, a family of the user agent rules or a number.
//
// Thread-safety: none; belongs to the thread that consumes actions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "rules/recognizer.h"
#include "rules/ui_action.h"
#include "src/spool/store.h"
#include "src/usage/durations.h"
#include "src/visits/hit.h"

namespace hushlog {

// What a total counts, and what its name says. The numbers are stored: never give one another meaning.
enum class TotalKind : std::uint8_t {
  kPageView = 1,            // title of the page
  kReport = 2,              // Plugin.action of a widget, on report pages and dashboards
  kEvent = 3,               // "Category: Action: Name"
  kUiApiCall = 4,           // Plugin.method called by the interface or for an export; with durations
  kApiClient = 5,           // Plugin.method called by a program, also within a bulk request; with durations
  kVisitor = 6,             // empty: people, told apart by pseudonym
  kBrowser = 7,             // "Chrome 129": people
  kSystem = 8,              // "Windows 10": people
  kDevice = 9,              // "desktop": people
  kReportView = 10,         // Plugin.report: how often it was shown (EventRules::UseOf)
  kReportInteraction = 11,  // Plugin.report: how often somebody did something with it
  kFailedUiApiCall = 12,    // Plugin.method: calls like those of 4 and 5 that were answered with an error status
  kFailedApiClient = 13,
  kHour = 14,  // "05", local hour of the log: page views
};

class Totals : public HitSink {
 public:
  // `rules` must outlive the object.
  explicit Totals(const RuleSet& rules) : rules_(rules) {}

  // Creates the tables where they are missing.
  static void CreateTables(Database& database);

  void OnAction(const UiAction& action);
  void OnFailedCall(const FailedCall& call);
  void OnHit(const Hit& hit) override;
  void OnReportUse(std::int32_t day, const ReportUse& use) override;

  // Adds what was collected to the database. Once that is committed, Clear() forgets it.
  void AddTo(WriteTransaction& transaction) const;
  void Clear();

  // Deletes the pseudonyms of these days; what was counted by them stays.
  static void ForgetVisitors(std::span<const std::int32_t> days, WriteTransaction& transaction);

 private:
  struct Cell {
    std::int64_t count = 0;
    std::int64_t total_us = 0;
    std::int64_t max_us = 0;
    Durations times;
  };

  void CountCall(const UiAction& action, TotalKind kind);
  void CountNewVisitors(Database& database) const;

  const RuleSet& rules_;
  // Calls by day, kind and names packed into one number, so that counting an action makes no text.
  std::unordered_map<std::uint64_t, Cell> calls_;
  std::map<std::pair<std::int32_t, std::string>, std::int64_t> page_views_;
  std::map<std::pair<std::int32_t, std::string>, std::int64_t> events_;
  std::map<std::pair<std::int32_t, std::uint8_t>, std::int64_t> hours_;
  std::unordered_map<std::uint64_t, std::pair<std::int32_t, UserAgent>>
      visitors_;  // by pseudonym, which differs from day to day
  std::uint64_t last_visitor_ = 0;
};

}  // namespace hushlog
