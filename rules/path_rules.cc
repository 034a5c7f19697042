#include "rules/path_rules.h"

#include <utility>

namespace hushlog {

bool PathRules::Table::Add(std::string_view text, std::uint8_t verdict) {
  if (Find(text) != kUnknown) return false;
  if (++used_ * 2 > slots_.size()) {
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    used_ = 1;
    for (Slot& slot : old) {
      if (slot.verdict != kUnknown) Add(slot.text, slot.verdict);
    }
  }
  std::size_t at = HashText(text) & (slots_.size() - 1);
  while (slots_[at].verdict != kUnknown) at = (at + 1) & (slots_.size() - 1);
  slots_[at] = {std::string(text), verdict};
  return true;
}

std::uint8_t PathRules::Table::Find(std::string_view text) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t at = HashText(text) & mask; slots_[at].verdict != kUnknown; at = (at + 1) & mask) {
    if (EqualTexts(slots_[at].text, text)) return slots_[at].verdict;
  }
  return kUnknown;
}

std::uint8_t PathRules::Find(std::string_view path) const noexcept {
  std::size_t file_at = path.size();
  std::size_t dot = 0;  // the position behind the last one of the file name
  for (; file_at > 0 && path[file_at - 1] != '/'; --file_at) {
    if (path[file_at - 1] == '.' && dot == 0) dot = file_at;
  }
  const std::string_view file = path.substr(file_at);
  const std::string_view extension = dot == 0 ? std::string_view() : path.substr(dot);
  // Of the files, only scripts and directories are named; everything else is decided by its extension.
  if (!extension.empty() && extension != "php") return extensions_.Find(extension);
  if (file_at > 1) {
    const std::size_t slash = file_at - 1;
    const std::size_t parent = path.rfind('/', slash - 1);
    const std::size_t from = parent == std::string_view::npos ? 0 : parent + 1;
    if (const std::uint8_t verdict = files_.Find(path.substr(from)); verdict != kUnknown) return verdict;
    if (const std::uint8_t verdict = FindInDirectories(path.substr(0, slash)); verdict != kUnknown) return verdict;
  }
  return files_.Find(file);
}

std::uint8_t PathRules::FindInDirectories(std::string_view path) const noexcept {
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (const std::uint8_t verdict = directories_.Find(path.substr(0, end)); verdict != kUnknown) return verdict;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return kUnknown;
}

}  // namespace hushlog
