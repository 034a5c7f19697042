// What somebody who has mistyped a name probably meant.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hushlog {

// The known name that needs the fewest changes (a letter more, less or other, two neighbours the other way round) to
// become `word`, whatever the case of letters; empty if none is close. The first of several. For short lists: takes
// the product of all lengths.
std::string_view Nearest(std::string_view word, const std::vector<std::string_view>& known);

// "; did you mean 'NAME'?", or nothing if no known name is close.
std::string DidYouMean(std::string_view word, const std::vector<std::string_view>& known);

}  // namespace hushlog
