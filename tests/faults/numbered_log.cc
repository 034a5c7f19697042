#include "tests/faults/numbered_log.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <utility>

namespace hushlog::test {
namespace {

namespace fs = std::filesystem;

constexpr std::chrono::hours kAge{4};

std::string LogTime(std::chrono::sys_seconds time) {
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  return fmt::format("{:02}/{}/{}:{:02}:{:02}:{:02} +0000", static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<int>(date.year()),
                     clock.hours().count(), clock.minutes().count(), clock.seconds().count());
}

std::string Rotated(const std::string& path, int number, std::string_view suffix) {
  return fmt::format("{}.{}{}", path, number, suffix);
}

// access.log.1 -> access.log.2 and so on; those beyond `keep` are deleted.
void MakeRoom(const std::string& path, int keep) {
  int last = 1;
  while (fs::exists(Rotated(path, last, "")) || fs::exists(Rotated(path, last, ".gz"))) ++last;
  for (int number = last - 1; number > 0; --number) {
    for (const char* suffix : {"", ".gz"}) {
      const std::string from = Rotated(path, number, suffix);
      if (!fs::exists(from)) continue;
      if (number >= keep) {
        fs::remove(from);
      } else {
        fs::rename(from, Rotated(path, number + 1, suffix));
      }
    }
  }
}

}  // namespace

std::chrono::sys_seconds BeginOfNumberedLogs() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - kAge;
}

NumberedLog::NumberedLog(std::string path, int visitors, std::chrono::sys_seconds begin)
    : path_(std::move(path)), visitors_(visitors), begin_(begin) {}

void NumberedLog::AppendLine(std::int64_t number, std::string* text) const {
  const std::int64_t visitor = number % visitors_;
  const std::int64_t second = number / visitors_;
  fmt::format_to(std::back_inserter(*text),
                 "198.51.{}.{} - - [{}] \"GET /index.php?module=UsersManager&action=index&idSite={} HTTP/1.1\" 200 9 "
                 "\"-\" \"Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\"\n",
                 visitor / 250, visitor % 250, LogTime(begin_ + std::chrono::seconds(second)), second % 20 + 1);
}

void NumberedLog::Write(std::int64_t lines, bool cut) {
  std::string text = std::exchange(rest_, "");
  std::size_t last = 0;
  for (std::int64_t i = 0; i < lines; ++i) {
    last = text.size();
    AppendLine(lines_++, &text);
  }
  if (cut && lines > 0) {
    const std::size_t part = last + (text.size() - last) * static_cast<std::size_t>(lines_ % 7 + 1) / 9;
    rest_ = text.substr(part);
    text.resize(part);
  }
  std::ofstream log(path_, std::ios::binary | std::ios::app);
  if (!log.write(text.data(), static_cast<std::streamsize>(text.size())).flush()) {
    throw std::runtime_error("cannot write " + path_);
  }
}

void NumberedLog::Rotate(Rotation how, int keep) {
  Write(0);  // the rest of a line
  MakeRoom(path_, keep);
  const std::string rotated = Rotated(path_, 1, "");
  if (how == Rotation::kCopyTruncate) {
    fs::copy_file(path_, rotated);
    fs::resize_file(path_, 0);
    return;
  }
  fs::rename(path_, rotated);
  std::ofstream(path_, std::ios::app).flush();
  if (how == Rotation::kCompress && std::system(("gzip " + rotated).c_str()) != 0) {
    throw std::runtime_error("cannot compress " + rotated);
  }
}

}  // namespace hushlog::test
