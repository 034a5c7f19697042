#include "src/audit/hit_checker.h"

#include <simdjson.h>

#include <algorithm>
#include <bitset>
#include <map>
#include <set>

namespace hushlog {
namespace {

using simdjson::ondemand::document;
using simdjson::ondemand::field;
using simdjson::ondemand::object;
using simdjson::ondemand::value;
using Kind = Violation::Kind;
using Of = GrammarParameter::Of;

constexpr std::size_t kMostParameters = 64;
constexpr std::size_t kLong = 32;
constexpr std::size_t kMostRemembered = 4096;
constexpr std::int64_t kMillisPerSecond = 1000;

// Where a hit is.
enum class Frame : std::uint8_t { kStored, kShown, kSent };

bool IsKind(Of of) { return of == Of::kPageView || of == Of::kEvent || of == Of::kDownload; }

enum class Presence : std::uint8_t { kNone, kMay, kNeeded };

// A kind of hits that may have the parameter.
Of AnyKindWith(Of of) {
  if (of == Of::kSomeEvents) return Of::kEvent;
  return IsKind(of) ? of : Of::kPageView;
}

// Of a parameter of a hit of this kind.
Presence PresenceOf(Of of, Of kind, Frame frame) {
  switch (of) {
    case Of::kEveryHit:
      return Presence::kNeeded;
    case Of::kPageView:
    case Of::kEvent:
    case Of::kDownload:
      return of == kind ? Presence::kNeeded : Presence::kNone;
    case Of::kSomeHits:
      return Presence::kMay;
    case Of::kSomeEvents:
      return kind == Of::kEvent ? Presence::kMay : Presence::kNone;
    case Of::kSentSome:
      return frame == Frame::kStored ? Presence::kNone : Presence::kMay;
    case Of::kShownHit:
      return frame == Frame::kStored ? Presence::kNone : Presence::kNeeded;
    case Of::kSentHit:
      return frame == Frame::kSent ? Presence::kNeeded : Presence::kNone;
    case Of::kCheck:
      return frame == Frame::kSent ? Presence::kMay : Presence::kNone;
    case Of::kRequest:
    case Of::kHeader:
      break;
  }
  return Presence::kNone;
}

bool IsOfTokenCheck(std::string_view name) {
  constexpr std::string_view kNames[] = {"rec", "ping", "cid", "cdt", "cip"};
  return std::ranges::find(kNames, name) != std::end(kNames);
}

// The text of a JSON string, and where each of its bytes stands in the string. Only quotes and backslashes are ever
// written with a backslash.
struct Unescaped {
  std::string text;
  std::vector<std::size_t> places;
  std::optional<std::size_t> foreign;  // another escape

  explicit Unescaped(std::string_view inside) {
    for (std::size_t at = 0; at < inside.size(); ++at) {
      places.push_back(at);
      if (inside[at] == '\\') ++at;
      if (at > places.back() && inside[at] != '"' && inside[at] != '\\') {
        foreign = places.back();
        return;
      }
      text.push_back(inside[at]);
    }
    places.push_back(inside.size());
  }
};

}  // namespace

AuditCounts& AuditCounts::operator+=(const AuditCounts& other) {
  bodies += other.bodies;
  hits += other.hits;
  parameters += other.parameters;
  return *this;
}

struct HitChecker::Scratch {
  simdjson::ondemand::parser parser;
  std::string text;  // padded
  // Values that are in the set of their parameter. Long ones repeat and take a while.
  std::map<const GrammarParameter*, std::set<std::string, std::less<>>> passed;
};

// Follows the tokens of one text. Throws Violation.
class HitChecker::Walk {
 public:
  Walk(const EgressGrammar& grammar, std::string_view text, Scratch* scratch, AuditCounts* counts)
      : grammar_(grammar), text_(text), scratch_(scratch), counts_(counts) {}

  void Hit(object hit, Frame frame, std::string_view time);
  void Body(object body, Token token);
  void Shown(object line);
  // Nothing but what is expected may follow.
  void End() { Expected(text_.size()); }
  std::size_t at() const { return at_; }
  std::size_t row() const { return row_; }

 private:
  struct Seen {
    std::bitset<kMostParameters> parameters;
    bool checks_the_tracker = false;  // rec=0
    bool checks_the_token = false;    // ping=1
  };

  void Punctuation(std::string_view bytes) { expected_ += bytes; }
  void Expected(std::size_t offset);
  std::string_view Take(const char* begin, std::size_t size);
  std::string_view Key(field& of);
  std::string_view Scalar(value& of);
  std::string_view Inside(std::string_view token, const GrammarParameter& parameter);
  // Calls take(name, value) for each field. All of `needed` must be there.
  template <typename F>
  void Fields(object from, std::initializer_list<std::string_view> needed, F take);
  void Remember(const GrammarParameter& parameter, std::string_view inside);
  void Compare(const GrammarParameter& parameter, std::string_view inside);
  void CheckTime(std::string_view token, std::string_view time);
  void CheckShape(const Seen& seen, Frame frame);
  [[noreturn]] void Foreign(Kind kind, std::string_view parameter, std::string_view where);

  const EgressGrammar& grammar_;
  std::string_view text_;
  Scratch* scratch_;
  AuditCounts* counts_;
  std::size_t at_ = 0;    // everything before is checked
  std::string expected_;  // must stand between there and the next token
  std::size_t row_ = 0;
};

void HitChecker::Walk::Foreign(Kind kind, std::string_view parameter, std::string_view where) {
  throw Violation{kind,        std::string(parameter), row_, static_cast<std::size_t>(where.data() - text_.data()), 0,
                  where.size()};
}

void HitChecker::Walk::Expected(std::size_t offset) {
  const std::string_view between = text_.substr(at_, offset - at_);
  const auto [here, there] = std::mismatch(between.begin(), between.end(), expected_.begin(), expected_.end());
  if (here != between.end() || there != expected_.end()) {
    throw Violation{Kind::kForeignBytes, "", row_, static_cast<std::size_t>(here - text_.begin()), 0, 0};
  }
  at_ = offset;
  expected_.clear();
}

std::string_view HitChecker::Walk::Take(const char* begin, std::size_t size) {
  const auto offset = static_cast<std::size_t>(begin - text_.data());
  Expected(offset);
  at_ = offset + size;
  return text_.substr(offset, size);
}

// The name as it stands there, escapes and all: names of the grammar have none.
std::string_view HitChecker::Walk::Key(field& of) {
  const char* name = of.key().raw();
  const auto rest = text_.substr(static_cast<std::size_t>(name - text_.data()));
  std::size_t size = 0;
  while (rest[size] != '"') size += rest[size] == '\\' ? 2 : 1;
  Take(name - 1, size + 2);
  Punctuation(":");
  return rest.substr(0, size);
}

std::string_view HitChecker::Walk::Scalar(value& of) {
  std::string_view token = of.raw_json_token();
  token = token.substr(0, token.find_last_not_of(" \t\r\n") + 1);  // it may run up to the next token
  if (token.starts_with('"')) (void)of.get_string().value();       // throws if it is malformed
  return Take(token.data(), token.size());
}

template <typename F>
void HitChecker::Walk::Fields(object from, std::initializer_list<std::string_view> needed, F take) {
  Punctuation("{");
  std::vector<std::string_view> seen;
  for (field one : from) {
    if (!seen.empty()) Punctuation(",");
    const std::string_view name = Key(one);
    if (std::ranges::find(seen, name) != seen.end()) Foreign(Kind::kRepeated, name, name);
    take(name, one.value());
    seen.push_back(name);
  }
  Punctuation("}");
  for (const std::string_view name : needed) {
    if (std::ranges::find(seen, name) == seen.end())
      throw Violation{Kind::kMissing, std::string(name), row_, at_, 0, 0};
  }
}

void HitChecker::Walk::Remember(const GrammarParameter& parameter, std::string_view inside) {
  if (inside.size() < kLong) return;
  auto& passed = scratch_->passed[&parameter];
  if (passed.size() == kMostRemembered) passed.clear();
  passed.emplace(inside);
}

void HitChecker::Walk::Compare(const GrammarParameter& parameter, std::string_view inside) {
  ++counts_->parameters;
  if (inside.size() >= kLong && scratch_->passed[&parameter].contains(inside)) return;
  const Unescaped value(inside);
  std::optional<std::size_t> foreign = value.foreign;
  if (!foreign) {
    foreign = parameter.values->FirstForeign(value.text);
    if (foreign) foreign = value.places[*foreign];
  }
  if (!foreign) return Remember(parameter, inside);
  const auto offset = static_cast<std::size_t>(inside.data() - text_.data()) + *foreign;
  throw Violation{Kind::kForeignValue, parameter.name, row_, offset, *foreign, inside.size()};
}

// Values are strings, except that of idsite.
std::string_view HitChecker::Walk::Inside(std::string_view token, const GrammarParameter& parameter) {
  if (parameter.of == Of::kSentHit) return token;
  if (!token.starts_with('"')) Foreign(Kind::kForeignValue, parameter.name, token);
  return token.substr(1, token.size() - 2);
}

void HitChecker::Walk::CheckTime(std::string_view token, std::string_view time) {
  if (!time.empty() && token != time) Foreign(Kind::kWrongTime, "cdt", token);
}

void HitChecker::Walk::Hit(object hit, Frame frame, std::string_view time) {
  ++counts_->hits;
  ++row_;
  Seen seen;
  Fields(hit, {}, [&](std::string_view name, value& of) {
    const GrammarParameter* parameter = grammar_.Find(name);
    const bool may =
        parameter != nullptr && PresenceOf(parameter->of, AnyKindWith(parameter->of), frame) != Presence::kNone;
    if (!may) Foreign(Kind::kForeignName, "", name);
    const auto number = static_cast<std::size_t>(parameter - grammar_.parameters().data());
    seen.parameters.set(number);
    const std::string_view token = Scalar(of);
    const std::string_view inside = Inside(token, *parameter);
    // Without an address, the output of a dry run shows an empty one.
    if (parameter->of == Of::kSentSome && frame == Frame::kShown && inside.empty()) return;
    Compare(*parameter, inside);
    if (parameter->name == "cdt") CheckTime(inside, time);
    if (parameter->name == "rec") seen.checks_the_tracker = inside == "0";
    seen.checks_the_token |= parameter->of == Of::kCheck;
  });
  CheckShape(seen, frame);
}

// A page view has its parameters and none of those of events; and so on.
void HitChecker::Walk::CheckShape(const Seen& seen, Frame frame) {
  const auto& parameters = grammar_.parameters();
  Of kind = Of::kPageView;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (seen.parameters.test(i) && IsKind(parameters[i].of)) kind = parameters[i].of;
  }
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const GrammarParameter& parameter = parameters[i];
    Presence presence = PresenceOf(parameter.of, kind, frame);
    if (seen.checks_the_tracker && parameter.of != Of::kSentHit) {
      presence = parameter.name == "rec" && frame == Frame::kSent ? Presence::kNeeded : Presence::kNone;
    }
    if (seen.checks_the_token && parameter.of != Of::kSentHit) {
      presence = IsOfTokenCheck(parameter.name) ? Presence::kNeeded : Presence::kNone;
    }
    if (presence == Presence::kNeeded && !seen.parameters.test(i)) {
      throw Violation{Kind::kMissing, parameter.name, row_, at_, 0, 0};
    }
    if (presence == Presence::kNone && seen.parameters.test(i)) {
      throw Violation{Kind::kForeignName, parameter.name, row_, at_, 0, parameter.name.size()};
    }
  }
}

void HitChecker::Walk::Body(object body, HitChecker::Token token) {
  Fields(body, {"requests"}, [&](std::string_view name, value& of) {
    if (name == "requests") {
      Punctuation("[");
      bool first = true;
      for (auto each : of.get_array()) {
        if (!first) Punctuation(",");
        first = false;
        Hit(each.get_object().value(), Frame::kSent, "");
      }
      return Punctuation("]");
    }
    row_ = 0;
    const GrammarParameter* parameter = grammar_.Find(name);
    if (parameter == nullptr || parameter->of != Of::kRequest) Foreign(Kind::kForeignName, "", name);
    const std::string_view inside = Inside(Scalar(of), *parameter);
    Compare(*parameter, inside);
    if (token == HitChecker::Token::kRemoved && inside != kTokenInCopies) {
      Foreign(Kind::kForeignValue, parameter->name, inside);
    }
  });
}

// {"time":1795411169000,"cid":"...","params":{...}}
void HitChecker::Walk::Shown(object line) {
  std::string_view seconds;
  Fields(line, {"time", "cid", "params"}, [&](std::string_view name, value& of) {
    if (name == "params") return Hit(of.get_object().value(), Frame::kShown, seconds);
    if (name == "cid") {
      const GrammarParameter& visitor = *grammar_.Find(name);
      return Compare(visitor, Inside(Scalar(of), visitor));
    }
    if (name != "time") Foreign(Kind::kForeignName, "", name);
    const std::string_view millis = Scalar(of);
    const bool number = millis.size() > 3 && millis.find_first_not_of("0123456789") == std::string_view::npos;
    if (!number) Foreign(Kind::kForeignValue, name, millis);
    seconds = millis.substr(0, millis.size() - 3);
  });
}

HitChecker::HitChecker(const EgressGrammar& grammar) : grammar_(grammar), scratch_(std::make_unique<Scratch>()) {}
HitChecker::~HitChecker() = default;

template <typename F>
std::optional<Violation> HitChecker::Checked(std::string_view text, F check) {
  scratch_->text.assign(text).append(simdjson::SIMDJSON_PADDING, ' ');
  Walk walk(grammar_, std::string_view(scratch_->text).substr(0, text.size()), scratch_.get(), &counts_);
  try {
    document all = scratch_->parser.iterate(scratch_->text.data(), text.size(), scratch_->text.size());
    check(walk, all.get_object().value());
    walk.End();
    return std::nullopt;
  } catch (const Violation& violation) {
    return violation;
  } catch (const simdjson::simdjson_error&) {
    return Violation{Kind::kMalformed, "", walk.row(), walk.at(), 0, 0};
  }
}

std::optional<Violation> HitChecker::CheckStored(std::string_view params, std::int64_t time_ms) {
  const std::string seconds = std::to_string(time_ms / kMillisPerSecond);
  std::string text = "{";
  text.append(params).push_back('}');
  auto violation = Checked(text, [&](Walk& walk, object hit) { walk.Hit(hit, Frame::kStored, seconds); });
  if (violation && violation->offset > 0) --violation->offset;  // the brace is not stored
  return violation;
}

std::optional<Violation> HitChecker::CheckAddress(std::string_view address) {
  if (address.empty()) return std::nullopt;
  return CheckHeader(*grammar_.Find("cip"), address);
}

std::optional<Violation> HitChecker::CheckHeader(const GrammarParameter& header, std::string_view value) {
  ++counts_.parameters;
  const auto foreign = header.values->FirstForeign(value);
  if (!foreign) return std::nullopt;
  return Violation{Kind::kForeignValue, header.name, 0, *foreign, *foreign, value.size()};
}

std::optional<Violation> HitChecker::CheckShown(std::string_view line) {
  return Checked(line, [](Walk& walk, object hit) { walk.Shown(hit); });
}

std::optional<Violation> HitChecker::CheckBody(std::string_view body, Token token) {
  ++counts_.bodies;
  body = body.substr(0, body.find_last_not_of(' ') + 1);  // hushlog check asks how large a body may be
  return Checked(body, [&](Walk& walk, object all) { walk.Body(all, token); });
}

}  // namespace hushlog
