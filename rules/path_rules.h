// What the path of a request alone tells: front controller, tracker, asset, or nothing of Matomo's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rules/text_hash.h"

namespace hushlog {

// Looks up the path of a request target. Immutable once filled; may be shared by threads.
//
// Order: an extension other than "php" decides alone; else the file name with its directory ("js/index.php"), then
// every directory, then the file name. So assets and most trackers are decided by one look-up.
class PathRules {
 public:
  static constexpr std::uint8_t kUnknown = 0xff;

  // Verdict of the rule that decides `path` (without '?'), kUnknown if there is none.
  std::uint8_t Find(std::string_view path) const noexcept;

  // False if the text has a verdict already. `file` is a file name, "directory/file name", or "directory/".
  bool AddFile(std::string_view file, std::uint8_t verdict) { return files_.Add(file, verdict); }
  bool AddExtension(std::string_view extension, std::uint8_t verdict) { return extensions_.Add(extension, verdict); }
  bool AddDirectory(std::string_view directory, std::uint8_t verdict) { return directories_.Add(directory, verdict); }

 private:
  class Table {
   public:
    bool Add(std::string_view text, std::uint8_t verdict);
    std::uint8_t Find(std::string_view text) const noexcept;

   private:
    struct Slot {
      std::string text;
      std::uint8_t verdict = kUnknown;
    };
    std::vector<Slot> slots_ = std::vector<Slot>(256);  // hash table, more than half of it empty
    std::size_t used_ = 0;
  };

  std::uint8_t FindInDirectories(std::string_view path) const noexcept;

  Table files_;
  Table extensions_;
  Table directories_;
};

}  // namespace hushlog
