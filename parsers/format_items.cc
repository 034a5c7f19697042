#include "parsers/format_items.h"

#include <algorithm>
#include <array>

#include "parsers/log_format.h"

namespace hushlog {
namespace {

bool IsLiteral(const FormatItems& items, std::size_t i, std::string_view text) {
  return i < items.size() && items[i].is_literal && items[i].text == text;
}

bool IsValue(const FormatItems& items, std::size_t i, Field field) {
  return i < items.size() && !items[i].is_literal && items[i].value.field == field;
}

// Makes one value of `count` items at i.
void Join(FormatItems* items, std::size_t i, std::size_t count, const Value& value) {
  std::string name;
  for (std::size_t k = i; k < i + count; ++k) name += (*items)[k].text;
  const auto first = items->begin() + static_cast<std::ptrdiff_t>(i);
  items->erase(first + 1, first + static_cast<std::ptrdiff_t>(count));
  *first = {name, false, value, {}};
}

void JoinPathAndQuery(FormatItems* items) {
  for (std::size_t i = 0; i < items->size(); ++i) {
    if (!IsValue(*items, i, Field::kPath) && !IsValue(*items, i, Field::kTarget)) continue;
    std::size_t next = i + 1;
    if (IsValue(*items, next, Field::kIsArgs)) ++next;
    if (IsValue(*items, next, Field::kQuery)) Join(items, i, next - i + 1, {.field = Field::kTarget});
  }
}

void JoinRequestLine(FormatItems* items) {
  for (std::size_t i = 0; i + 4 < items->size(); ++i) {
    const bool has_target = IsValue(*items, i + 2, Field::kTarget) || IsValue(*items, i + 2, Field::kPath);
    if (IsValue(*items, i, Field::kMethod) && IsLiteral(*items, i + 1, " ") && has_target &&
        IsLiteral(*items, i + 3, " ") && IsValue(*items, i + 4, Field::kProtocol)) {
      Join(items, i, 5, {.field = Field::kRequestLine, .shape = Shape::kText});
    }
  }
}

// "host:port", where a host that is an IPv6 address holds colons itself.
void JoinHostAndPort(FormatItems* items) {
  for (std::size_t i = 0; i + 2 < items->size(); ++i) {
    if (IsValue(*items, i, Field::kHost) && IsLiteral(*items, i + 1, ":") && IsValue(*items, i + 2, Field::kSkip)) {
      Join(items, i, 3, (*items)[i].value);
    }
  }
}

// Leaves the best value of each field and makes the others kSkip.
void ChooseBest(FormatItems* items) {
  std::array<FormatItem*, kFieldCount> best{};
  for (FormatItem& item : *items) {
    if (item.is_literal || item.value.field == Field::kSkip) continue;
    FormatItem*& chosen = best[Index(item.value.field)];
    FormatItem* loser = &item;
    if (chosen == nullptr || item.value.rank < chosen->value.rank) std::swap(chosen, loser);
    if (loser != nullptr) loser->value.field = Field::kSkip;
  }
}

void FindExtras(const FormatPlan& plan, FormatItems* items) {
  for (FormatItem& item : *items) {
    if (!item.is_literal && item.value.field == Field::kSkip) item.value.field = plan.ExtraNamed(item.name);
  }
}

bool MayHoldEscapes(Field field) {
  constexpr std::uint64_t kNumbers =
      kTimeBits | kTimeFractionBits | kDurationBits | Bit(Field::kTimeZone) | Bit(Field::kStatus) | Bit(Field::kBytes);
  return field != Field::kSkip && (Bit(field) & kNumbers) == 0;
}

// Values that hold blanks as a rule, so that a blank cannot end them.
bool NeedsQuotes(Field field) {
  return field == Field::kRequestLine || field == Field::kUserAgent || field == Field::kSecChUa ||
         field == Field::kSecChUaFullVersionList;
}

Stop StopOf(const FormatItem& item, const std::string& next, bool in_quotes) {
  if (item.value.shape == Shape::kFixed) return Stop::kFixed;
  if (in_quotes && next.starts_with('"')) return Stop::kQuote;
  if (in_quotes && item.value.shape == Shape::kText) return Stop::kQuoted;
  if (item.value.shape == Shape::kList) return Stop::kList;
  return item.value.shape == Shape::kText ? Stop::kText : Stop::kToken;
}

Step MakeStep(const FormatItem& item, const FormatItem* next, bool in_quotes, bool has_escapes) {
  const bool touches_next = next != nullptr && !next->is_literal;
  Step step;
  step.field = item.value.field;
  step.width = item.value.width;
  if (touches_next && item.value.shape != Shape::kFixed) {
    // The only value that shows where it begins.
    if (next->value.field != Field::kTarget && next->value.field != Field::kPath) {
      throw FormatError("nothing separates \"" + item.text + "\" from \"" + next->text + "\"");
    }
    step.literal = Literal("/");
  } else if (next != nullptr && next->is_literal) {
    step.literal = Literal(next->text);
    step.consumed = static_cast<std::uint8_t>(next->text.size());
  }
  step.stop = StopOf(item, step.literal.text, in_quotes);
  const bool finds_escapes = step.stop == Stop::kQuote || step.stop == Stop::kQuoted || step.stop == Stop::kText;
  step.look_for_escapes = has_escapes && !finds_escapes && MayHoldEscapes(step.field);
  if (!in_quotes && step.literal.text == " " && NeedsQuotes(step.field)) {
    throw FormatError("\"" + item.text + "\" can hold blanks and must be in quotes");
  }
  return step;
}

// A calendar time without a zone could be any time of a day.
void RequireZone(const FormatPlan& plan) {
  const bool zoneless = std::any_of(plan.steps.begin(), plan.steps.end(), [](const Step& step) {
    return (step.field == Field::kTimeClf && step.width == 20) || (step.field == Field::kTimeIso && step.width == 19);
  });
  if (zoneless && !plan.Has(Field::kTimeZone) && !plan.HasAny(kEpochBits)) {
    throw FormatError("the time has no time zone; add %z to it, or %{%z}t to the format");
  }
}

// A blank at the end of the format may be missing in the lines (see LineParser::Parse).
void TrimLastLiteral(FormatItems* items) {
  if (items->empty() || !items->back().is_literal) return;
  std::string& text = items->back().text;
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.pop_back();
  if (text.empty()) items->pop_back();
}

}  // namespace

void AddLiteral(std::string_view text, FormatItems* items) {
  if (text.empty()) return;
  if (items->empty() || !items->back().is_literal) items->push_back({});
  items->back().text += text;
}

void AddValue(std::string_view text, std::string_view name, const Value& value, FormatItems* items) {
  items->push_back({std::string(text), false, value, std::string(name)});
}

void JoinPieces(FormatItems* items) {
  JoinPathAndQuery(items);
  JoinRequestLine(items);
  JoinHostAndPort(items);
}

FormatPlan CompileText(FormatItems items, bool has_escapes, std::span<const std::string> extra) {
  FormatPlan plan;
  plan.extra.assign(extra.begin(), extra.end());
  JoinPieces(&items);
  FindExtras(plan, &items);
  ChooseBest(&items);
  TrimLastLiteral(&items);
  plan.escape = has_escapes ? '\\' : '"';
  bool in_quotes = false;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const FormatItem& item = items[i];
    if (item.is_literal) {
      if (item.text.size() > UINT8_MAX) throw FormatError("more than 255 bytes of fixed text in one place");
      if (std::count(item.text.begin(), item.text.end(), '"') % 2 != 0) in_quotes = !in_quotes;
      if (i == 0) plan.prefix = Literal(item.text);
      continue;
    }
    plan.steps.push_back(MakeStep(item, i + 1 < items.size() ? &items[i + 1] : nullptr, in_quotes, has_escapes));
    if (item.value.field == Field::kSkip) continue;
    plan.fields |= Bit(item.value.field);
    plan.time_is_start = plan.time_is_start || item.value.time_is_start;
  }
  RequireFields(plan);
  RequireZone(plan);
  return plan;
}

void RequireFields(const FormatPlan& plan) {
  if (!plan.HasAny(kTimeBits)) throw FormatError("the format has no time");
  if (!plan.HasAny(kTargetBits)) throw FormatError("the format has no request");
  if (!plan.Has(Field::kStatus)) throw FormatError("the format has no status");
  if (!plan.HasAny(kAddressBits)) throw FormatError("the format has no client address");
}

}  // namespace hushlog
