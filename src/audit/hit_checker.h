// Checks hits and bodies against the egress grammar, byte by byte.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "src/audit/egress_grammar.h"

namespace hushlog {

// The first thing that is not in the grammar. Never holds a byte of what was checked.
struct Violation {
  enum class Kind : std::uint8_t {
    kForeignValue,  // a value that its parameter cannot have
    kForeignName,   // a parameter that does not exist, or not there
    kRepeated,      // a parameter for the second time
    kMissing,       // a parameter that its hit lacks
    kForeignBytes,  // bytes that belong to no name and no value
    kWrongTime,     // not the time of its row
    kMalformed,     // no JSON, or not of the shape
    kAbsent,        // a body that is not in the capture
    kBrokenChain,   // a copy that is not the one that was stored
  };
  Kind kind = Kind::kMalformed;
  std::string parameter;       // name in the grammar; "" if it is none of one
  std::size_t row = 0;         // which hit of the body, from 1; 0: none
  std::size_t offset = 0;      // of the first foreign byte, in what was checked
  std::size_t in_value = 0;    // kForeignValue: the same, counted from the beginning of the value
  std::size_t value_size = 0;  // kForeignValue, kForeignName: bytes
};

struct AuditCounts {
  std::int64_t bodies = 0;
  std::int64_t hits = 0;
  std::int64_t parameters = 0;

  AuditCounts& operator+=(const AuditCounts& other);
};

// Thread-safety: none; keeps memory from call to call.
class HitChecker {
 public:
  // `grammar` must outlive the object.
  explicit HitChecker(const EgressGrammar& grammar);
  ~HitChecker();

  // A hit as it is stored: the inside of a JSON object. nullopt if nothing is wrong; so do the others.
  std::optional<Violation> CheckStored(std::string_view params, std::int64_t time_ms);
  // The address that is stored beside it; may be empty.
  std::optional<Violation> CheckAddress(std::string_view address);
  // A line of `hushlog import --dry-run --output`, without its line end.
  std::optional<Violation> CheckShown(std::string_view line);
  // The body of a request; in copies, the token is removed.
  enum class Token : std::uint8_t { kSent, kRemoved };
  std::optional<Violation> CheckBody(std::string_view body, Token token);
  // A header of a request; "POST" stands for the request line.
  std::optional<Violation> CheckHeader(const GrammarParameter& header, std::string_view value);

  void CountBody() { ++counts_.bodies; }  // of several hits that are checked one by one
  const AuditCounts& counts() const { return counts_; }

 private:
  class Walk;
  struct Scratch;

  template <typename F>
  std::optional<Violation> Checked(std::string_view text, F check);

  const EgressGrammar& grammar_;
  AuditCounts counts_;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace hushlog
