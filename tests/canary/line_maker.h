// Makes lines of people who use Matomo, full of secrets: the same ones from the same seed, on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/catalogue.h"
#include "tests/canary/log_writer.h"
#include "tests/canary/sample_requests.h"
#include "tests/canary/secret.h"

namespace hushlog::test {

// Where a secret is put.
enum class Place : std::uint8_t {
  // in fields beside the request target
  kUser,
  kHost,
  kReferer,
  kRefererQuery,
  kUserAgent,
  kLanguage,
  kClientHint,
  kForwardedFor,
  kUnknownField,
  // in the request target
  kDirectory,
  kUserinfo,
  kUnknownParameter,  // its name, its value, or both
  kKnownParameter,    // the value of any parameter of the catalogue
  kValue,             // of a parameter that the request has: in its place, before it, behind it
  kDuplicate,         // of a parameter that the request has
  kArray,             // its key or its value, one or two deep
  kFragment,
  kCall,    // module, action or method
  kNested,  // in a request of API.getBulkRequest
  // in place of what no line does without
  kAddress,
  kMethod,
  kProtocol,
  kStatus,
  kTime,
  kLine,  // in the middle of the line, or at its end after which it is cut off
  kCount
};
inline constexpr std::size_t kPlaces = static_cast<std::size_t>(Place::kCount);
std::string_view ToString(Place place);

struct Planted {
  Place place;
  Disguise disguise;
};

class LineMaker {
 public:
  // Both must outlive the object.
  LineMaker(std::uint64_t seed, const std::vector<SampleRequest>& requests, const Catalogue& catalogue);

  // A line of this format (Preset::spec), with its line end. Time goes on from line to line.
  std::string Make(std::string_view format);

  const std::vector<Planted>& planted() const { return planted_; }  // in the last line
  std::uint64_t secrets() const { return secrets_; }                // made so far
  // Parameters of the catalogue whose values were secrets.
  const std::set<Name>& parameters() const { return parameters_; }

 private:
  struct Client {
    std::string address, user_agent, language;
    std::size_t next = 0;  // request
  };

  std::uint64_t Below(std::uint64_t end) { return random_() % end; }
  bool Chance(int percent) { return Below(100) < static_cast<std::uint64_t>(percent); }
  template <std::size_t N>
  std::string Any(const std::array<std::string_view, N>& texts) {
    return std::string(texts[Below(N)]);
  }

  std::string Plant(Place place);
  // The value with a secret in its place, before it or behind it.
  std::string Spoil(const std::string& value, Place place);
  void FillClient(const SampleRequest& request);
  void FillTarget(const SampleRequest& request);
  void SpoilFields();
  void SpoilTarget(std::string* target);
  void SpoilQuery(std::string* target);
  std::string AnyValue(std::string target, Place place);
  std::string AnyCall(std::string target);
  std::string ExtraParameter(Place place);
  void SpoilEssentials();
  std::string SpoilLine(std::string line);

  std::mt19937_64 random_;
  const std::vector<SampleRequest>& requests_;
  const Catalogue& catalogue_;
  std::vector<Client> clients_;
  std::size_t client_ = 0;  // whose turn it is
  LogEntry entry_;
  std::vector<Planted> planted_;
  std::uint64_t secrets_ = 0;
  std::set<Name> parameters_;
};

}  // namespace hushlog::test
