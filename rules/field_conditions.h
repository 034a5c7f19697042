// What rules ask of the fields of a log line beside its query: address, host, user, user agent, path, any other field.
#pragma once

#include <array>
#include <bitset>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/ip_address.h"
#include "parsers/log_format.h"
#include "parsers/request.h"
#include "rules/pattern_set.h"

namespace hushlog {

// One bit for each condition that some rule asks for.
inline constexpr std::size_t kMaxConditions = 128;
using Conditions = std::bitset<kMaxConditions>;

// Which conditions the values of fields meet. Filled at start, then immutable; may be shared by threads.
class FieldConditions {
 public:
  // True for "path", for fields of Request by its or nginx's names ("host", "http_referer") and for extra fields
  // (IsExtraField).
  static bool IsField(std::string_view name);
  // Null for the path, and for extra fields.
  static std::string_view Request::*RequestMember(std::string_view name);

  // Each says that `bit` holds if the field has this value, in any case (of a host, with or without a dot
  // behind it), an address in this range, or a value that the
  // pattern matches as a whole. AddPattern returns "" or what is wrong with the pattern.
  void AddText(std::string_view field, std::string_view text, const Conditions& bit);
  void AddRange(const IpRange& range, const Conditions& bit);
  std::string AddPattern(std::string_view field, std::string_view pattern, const Conditions& bit);
  // After the last of them. False if the patterns need too much memory.
  [[nodiscard]] bool Compile();

  // A rule of the site asks for this field: it wants to know if a log does not have it.
  void AskedBySite(std::string_view field) { FieldNamed(field).site = true; }
  // Names of the fields, but the path, for which this was called: of Request by its names ("host"), or extra fields.
  std::vector<std::string> SiteFields() const;
  // Names of the extra fields that a log format must be asked for.
  std::vector<std::string> ExtraFields() const;
  // All conditions that ask this field for more than a text that it is, so that it may be impossible to tell.
  Conditions UntellableOf(std::string_view field) const;

 private:
  friend class FieldMatcher;

  struct Field {
    std::string name;
    bool site = false;                                      // a rule of the site asks for it
    std::vector<std::pair<std::string, Conditions>> texts;  // in lower case
    std::vector<std::pair<IpRange, Conditions>> ranges;
    PatternSet patterns;
    std::vector<Conditions> pattern_bits;  // by number of the pattern
  };
  Field& FieldNamed(std::string_view name);

  std::vector<Field> fields_;
};

// Looks at lines. Belongs to one thread; keeps what it found out about the values it saw last.
class FieldMatcher {
 public:
  // `extra_fields` are the names of Request::extra (LogFormat::extra_fields). A field that `format` does not have meets
  // no condition; without it, lines have all but the extra fields that are not named. `conditions` must outlive the
  // object.
  FieldMatcher(const FieldConditions& conditions, std::span<const std::string> extra_fields,
               const LogFormat* format = nullptr);

  // Adds the conditions that the fields of `request` meet; `path` is that of its target. False if this cannot be told:
  // an address that is none, a text too long for patterns, not enough memory for them.
  [[nodiscard]] bool Match(const Request& request, std::string_view path, Conditions* conditions) noexcept;
  // The field of which the last Match that said false could not tell. Lives as long as the conditions.
  std::string_view untold() const noexcept { return untold_; }

 private:
  struct Verdict {
    Conditions conditions;
    bool told = true;
  };
  struct Known {
    std::string text;
    Verdict verdict;
  };
  static constexpr std::size_t kMaxKnown = 64;
  static constexpr std::size_t kMaxKnownBytes = 512;  // longer texts are rare, and anybody can send them

  struct Source {
    const FieldConditions::Field* field;
    std::string_view Request::*member = nullptr;  // null: the path or an extra field
    std::size_t extra = 0;                        // index in Request::extra; kAbsent, kPath
    Verdict empty;                                // of a line without a value
    std::vector<Known> known = std::vector<Known>(kMaxKnown);
  };
  static constexpr std::size_t kAbsent = kMaxConditions;
  static constexpr std::size_t kPath = kAbsent + 1;

  static std::string_view ValueOf(const Source& source, const Request& request, std::string_view path) noexcept;
  const Verdict& Look(Source& source, std::string_view text);
  Verdict Decide(const FieldConditions::Field& field, std::string_view text);

  std::vector<Source> sources_;
  std::vector<int> matches_;  // reused
  Verdict uncached_;
  std::string_view untold_;
};

}  // namespace hushlog
