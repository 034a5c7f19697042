#include "rules/pattern_set.h"

#include <fmt/format.h>

namespace hushlog {
namespace {

RE2::Options OptionsFor(std::int64_t max_memory) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_encoding(RE2::Options::EncodingLatin1);
  options.set_dot_nl(true);
  options.set_max_mem(max_memory);
  return options;
}

}  // namespace

PatternSet::PatternSet(std::int64_t max_memory) : set_(OptionsFor(max_memory), RE2::ANCHOR_BOTH) {}

std::string PatternSet::Add(std::string_view pattern) {
  if (size_ == kMaxPatterns) return fmt::format("more than {} patterns", kMaxPatterns);
  if (pattern.size() > kMaxPatternBytes) return fmt::format("a pattern of more than {} bytes", kMaxPatternBytes);
  std::string error;
  if (set_.Add(re2::StringPiece(pattern.data(), pattern.size()), &error) < 0) return error;
  ++size_;
  return "";
}

bool PatternSet::Compile() {
  compiled_ = size_ == 0 || set_.Compile();
  // The engine asks for its memory when it is first used.
  std::vector<int> matches;
  return compiled_ && Match("", &matches);
}

bool PatternSet::Match(std::string_view text, std::vector<int>* matches) const noexcept {
  matches->clear();
  if (!compiled_ || text.size() > kMaxTextBytes) return false;
  if (size_ == 0) return true;
  RE2::Set::ErrorInfo error{RE2::Set::kNoError};
  const bool matched = set_.Match(re2::StringPiece(text.data(), text.size()), matches, &error);
  return matched || error.kind == RE2::Set::kNoError;
}

}  // namespace hushlog
