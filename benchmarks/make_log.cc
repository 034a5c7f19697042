// Repeats a small access log until it has a given size, with other visitors and later times in each repetition.
//
//   make_log SAMPLE BYTES >OUT
//
// What it imitates: the traffic of SAMPLE as it is (shares of request classes, line lengths, bursts), by as many times
// more visitors as it is repeated, spread over days: every repetition has its own client addresses and begins where the
// one before ended. Lines must begin with the client address and hold one [dd/Mon/yyyy:hh:mm:ss zone] time.
#include <fmt/format.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace {

constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Line {
  std::string_view address;
  std::int64_t seconds = 0;      // UTC
  std::string_view before_time;  // between address and time, with the '['
  std::string_view after_time;   // from the blank before the zone on, with the '\n'
};

std::int64_t ParseTime(std::string_view text) {  // "23/Nov/2026:05:19:28"
  const auto number = [&](std::size_t at, std::size_t size) {
    return std::atoi(std::string(text.substr(at, size)).c_str());
  };
  unsigned month = 1;
  while (month < 12 && kMonths[month - 1] != text.substr(3, 3)) ++month;
  const std::chrono::sys_days day = std::chrono::year{number(7, 4)} / std::chrono::month{month} /
                                    std::chrono::day{static_cast<unsigned>(number(0, 2))};
  return day.time_since_epoch().count() * 86400LL + number(12, 2) * 3600 + number(15, 2) * 60 + number(18, 2);
}

std::string TimeText(std::int64_t seconds) {
  const std::chrono::sys_days day{std::chrono::days{seconds / 86400}};
  const std::chrono::year_month_day date{day};
  const auto rest = seconds % 86400;
  return fmt::format("{:02}/{}/{:04}:{:02}:{:02}:{:02}", static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()), rest / 3600,
                     rest / 60 % 60, rest % 60);
}

std::vector<Line> ReadLines(std::string_view text) {
  std::vector<Line> lines;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n') + 1);
    text.remove_prefix(line.size());
    const std::size_t blank = line.find(' ');
    const std::size_t bracket = line.find('[');
    if (line.empty() || blank == line.npos || bracket == line.npos || line.size() < bracket + 28) continue;
    lines.push_back({line.substr(0, blank), ParseTime(line.substr(bracket + 1, 20)),
                     line.substr(blank, bracket + 1 - blank), line.substr(bracket + 21)});
  }
  return lines;
}

// Client `index` of repetition `pass`: an address of 10.0.0.0/8, another one for each pair up to 16 million.
std::string Address(std::size_t pass, std::size_t index, std::size_t clients) {
  const std::size_t number = (pass * clients + index) % (1U << 24);
  return fmt::format("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: make_log SAMPLE BYTES >OUT\n", stderr);
    return 2;
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string sample{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const auto wanted = static_cast<std::size_t>(std::atoll(argv[2]));
  const std::vector<Line> lines = ReadLines(sample);
  if (lines.empty()) {
    std::fputs("make_log: no line of the sample has an address and a time\n", stderr);
    return 1;
  }
  std::map<std::string_view, std::size_t> clients;
  for (const Line& line : lines) clients.try_emplace(line.address, clients.size());
  const std::int64_t length = lines.back().seconds - lines.front().seconds + 1;
  std::size_t written = 0;
  std::string out;
  for (std::size_t pass = 0; written < wanted; ++pass) {
    out.clear();
    for (const Line& line : lines) {
      out += Address(pass, clients[line.address], clients.size());
      out += line.before_time;
      out += TimeText(line.seconds + static_cast<std::int64_t>(pass) * length);
      out += line.after_time;
    }
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return 1;
    written += out.size();
  }
  return 0;
}
