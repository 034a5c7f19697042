// What only targets with `anonymize = false` get: the user and the page as they stand in the log, without secrets.
//
// The one way by which bytes of a log line leave that no list and no pattern names. Nothing of it is made unless there
// is such a target.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "parsers/request.h"
#include "rules/rule_files.h"

namespace hushlog {

struct IdentifiedFacts {
  std::string user;  // $remote_user; empty if none
  std::string page;  // URL of the page: of a document its own, of other requests their Referer. Begins with its path if
                     // the log does not tell the host; empty if it tells no page
  std::string query;  // of a request of a report page: site, period, date and segment, as the fragment has them
  std::string plugin, action;  // of a document, as its URL names them; empty if it does not, or not by identifiers
};

// Immutable; may be shared by threads.
class IdentifiedFields {
 public:
  // Names of secrets are those of [[parameter]] with value = "secret", and all that hold a word of [secrets]. Notes
  // what is broken.
  explicit IdentifiedFields(RuleFiles* files);

  // A parameter goes, after all encodings are undone: one with the name of a secret; one whose value holds such a name
  // with a '=' or ':' behind it, or a URL with a user; one with a long run of letters and digits, as tokens and hashes
  // are. Of a URL go the user and the fragment.
  IdentifiedFacts Read(const Request& request, bool is_document) const;
  // In any case, and with PHP's '_' or what it replaces.
  bool IsSecretName(std::string_view name) const;

 private:
  bool HoldsSecret(std::string_view text) const;
  void AppendQuery(std::string_view query, std::string* url) const;
  void AppendPath(std::string_view path, std::string* url) const;
  std::string PageOf(const Request& request, bool is_document) const;
  std::string UrlOf(std::string_view origin, std::string_view path_and_query) const;

  std::set<std::string, std::less<>> names_;  // in lower case, PHP's spelling
  std::vector<std::string> words_;            // in lower case
};

// At least this many letters, digits, - and _ in a row, two digits and four letters among them, look like a token.
inline constexpr std::size_t kTokenRun = 20;
bool HasTokenRun(std::string_view text);

}  // namespace hushlog
