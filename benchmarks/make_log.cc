// Writes a large access log that is made of a small one.
//
//   make_log busy|interface|json SAMPLE BYTES >OUT
//
// SAMPLE is a log in `combined`, perhaps with more behind it, which is cut off. What is written:
//   interface  its requests of the interface: all but tracker hits, in their order
//   busy       of 20 lines 3 requests of its front controller, 3 of its static files and 14 of its tracker hits, as a
//              server logs them that also measures busy sites; files and hits are used again and again
//   json       like interface, as objects of 20 keys named like nginx's variables
//
// The sample is repeated until there are BYTES. Every repetition has client addresses of its own, begins where the one
// before ended, and has other numbers of sites, `random` and tracker parameters that differ from hit to hit; all else,
// such as bursts and the lengths of lines, is as in the sample. The distribution is told on standard error.
#include <fmt/format.h>

#include <cctype>
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
constexpr std::size_t kUses = 3, kFiles = 3, kHits = 14;  // of 20 lines of a busy log

// What stands in the place of a piece of the sample.
enum class Slot { kNone, kAddress, kTime, kIsoTime, kSite, kRandom };

struct Piece {
  std::string before;  // text that stays
  Slot slot = Slot::kNone;
  std::size_t number = 0;  // of the site in the sample
};

struct Line {
  std::vector<Piece> pieces;
  std::size_t client = 0;
  std::int64_t seconds = 0;  // UTC
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

std::string TimeText(std::int64_t seconds, bool iso) {
  const std::chrono::year_month_day date{std::chrono::sys_days{std::chrono::days{seconds / 86400}}};
  const auto day = static_cast<unsigned>(date.day());
  const auto month = static_cast<unsigned>(date.month());
  const auto rest = seconds % 86400;
  const std::string clock = fmt::format("{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60);
  const int year = static_cast<int>(date.year());
  if (iso) return fmt::format("{:04}-{:02}-{:02}T{}+00:00", year, month, day, clock);
  return fmt::format("{:02}/{}/{:04}:{}", day, kMonths[month - 1], year, clock);
}

// The pieces of "192.0.2.1 - - [23/Nov/2026:05:19:28 +0000] "GET /x HTTP/2.0" 200 5 "referer" "agent"".
struct Fields {
  std::string_view address, user, time, method, target, protocol, status, bytes, referer, agent;
};

std::string_view Take(std::string_view* text, std::string_view end) {
  const std::size_t at = text->find(end);
  if (at == text->npos) return {};
  const std::string_view taken = text->substr(0, at);
  text->remove_prefix(at + end.size());
  return taken;
}

bool Split(std::string_view line, Fields* fields) {
  fields->address = Take(&line, " - ");
  fields->user = Take(&line, " [");
  fields->time = Take(&line, " +0000] \"");
  fields->method = Take(&line, " ");
  fields->target = Take(&line, " ");
  fields->protocol = Take(&line, "\" ");
  fields->status = Take(&line, " ");
  fields->bytes = Take(&line, " \"");
  fields->referer = Take(&line, "\" \"");
  fields->agent = Take(&line, "\"");
  return fields->time.size() == 20 && fields->protocol.starts_with("HTTP/") && !fields->agent.empty();
}

// A slot is written as a byte that no log has, what it is, and a number.
constexpr char kMark = '\x01';
constexpr std::size_t kMarkBytes = 3;
std::string Mark(Slot slot, int number = 0) {
  return {kMark, static_cast<char>('0' + static_cast<int>(slot)), static_cast<char>('0' + number % 64)};
}

std::string Combined(const Fields& f) {
  return fmt::format("{} - {} [{} +0000] \"{} {} {}\" {} {} \"{}\" \"{}\"\n", Mark(Slot::kAddress), f.user,
                     Mark(Slot::kTime), f.method, f.target, f.protocol, f.status, f.bytes, f.referer, f.agent);
}

std::string Json(const Fields& f) {
  const auto value = [](std::string_view text) { return text == "-" ? std::string_view() : text; };
  return fmt::format(
      R"({{"time_iso8601":"{}","remote_addr":"{}","remote_user":"{}","request_method":"{}","scheme":"https",)"
      R"("host":"analytics.example.org","request_uri":"{}","server_protocol":"{}","status":"{}","body_bytes_sent":"{}",)"
      R"("bytes_sent":"{}","request_length":"474","request_time":"0.083","upstream_response_time":"0.084",)"
      R"("http_referer":"{}","http_user_agent":"{}","http_accept_language":"en-US,en;q=0.9",)"
      R"("sec_ch_ua":"\"Chromium\";v=\"129\", \"Not=A?Brand\";v=\"8\"","sec_ch_ua_mobile":"?0","http_dnt":""}})"
      "\n",
      Mark(Slot::kIsoTime), Mark(Slot::kAddress), value(f.user), f.method, f.target, f.protocol, f.status, f.bytes,
      f.bytes, value(f.referer), value(f.agent));
}

// Puts the slot in the place of the number or word behind each `name`.
void Vary(std::string_view name, Slot slot, std::string* line) {
  for (std::size_t at = 0; (at = line->find(name, at)) != line->npos;) {
    at += name.size();
    std::size_t end = at;
    while (end < line->size() && std::isalnum(static_cast<unsigned char>((*line)[end])) != 0) ++end;
    if (end > at) line->replace(at, end - at, Mark(slot, std::atoi(line->c_str() + at)));
  }
}

std::vector<Piece> Pieces(std::string line) {
  for (const std::string_view name : {"idSite=", "idsite="}) Vary(name, Slot::kSite, &line);
  for (const std::string_view name : {"random=", "&r=", "_id="}) Vary(name, Slot::kRandom, &line);
  std::vector<Piece> pieces;
  std::string_view rest = line;
  for (std::size_t at; (at = rest.find(kMark)) != rest.npos; rest.remove_prefix(at + kMarkBytes)) {
    pieces.push_back({std::string(rest.substr(0, at)), static_cast<Slot>(rest[at + 1] - '0'),
                      static_cast<std::size_t>(rest[at + 2] - '0')});
  }
  pieces.push_back({std::string(rest), Slot::kNone, 0});
  return pieces;
}

struct Sample {
  std::vector<Line> uses, files, hits;  // of the front controller, static files, tracker
  std::vector<Line> interface;          // uses and files
  std::size_t clients = 0;
  std::int64_t seconds = 0;  // how long it lasts
};

bool IsFile(std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  return path != "/" && !path.ends_with(".php");
}

Sample ReadSample(const char* name, bool json) {
  std::ifstream file(name, std::ios::binary);
  Sample sample;
  std::map<std::string, std::size_t> clients;
  std::int64_t first = 0, last = 0;
  for (std::string text; std::getline(file, text);) {
    Fields fields;
    if (!Split(text, &fields)) continue;
    Line line;
    line.client = clients.try_emplace(std::string(fields.address), clients.size()).first->second;
    last = line.seconds = ParseTime(fields.time);
    if (first == 0) first = last;
    line.pieces = Pieces(json ? Json(fields) : Combined(fields));
    if (fields.target.find("/matomo.php") != std::string_view::npos) {
      sample.hits.push_back(std::move(line));
      continue;
    }
    (IsFile(fields.target) ? sample.files : sample.uses).push_back(line);
    sample.interface.push_back(std::move(line));
  }
  sample.clients = clients.size();
  sample.seconds = last - first + 1;
  return sample;
}

class Writer {
 public:
  Writer(const Sample& sample, std::size_t wanted) : sample_(sample), wanted_(wanted) {}

  bool done() const { return written_ >= wanted_ || std::ferror(stdout) != 0; }
  void EndPass() { ++pass_; }

  // As if it had been logged at `seconds` of the sample, by its client or, if it is a hit, by a visitor of its own.
  void Write(const Line& line, std::int64_t seconds, bool is_hit) {
    ++lines_;
    out_.clear();
    const std::size_t number = is_hit ? lines_ * 2654435761U : pass_ * sample_.clients + line.client;
    for (const Piece& piece : line.pieces) {
      out_ += piece.before;
      Fill(piece, number, seconds + static_cast<std::int64_t>(pass_) * sample_.seconds);
    }
    ++lengths_[out_.size() - 1];
    written_ += std::fwrite(out_.data(), 1, out_.size(), stdout);
  }

  void Tell() const {
    const auto length = [&](double share) {
      std::size_t left = static_cast<std::size_t>(share * static_cast<double>(lines_));
      auto entry = lengths_.begin();
      while (std::next(entry) != lengths_.end() && left >= entry->second) left -= (entry++)->second;
      return entry->first;
    };
    fmt::print(stderr, "{} bytes, {} lines; of a line p50 {}, p95 {}, max {} bytes\n", written_, lines_, length(0.5),
               length(0.95), length(1));
  }

 private:
  void Fill(const Piece& piece, std::size_t number, std::int64_t seconds) {
    if (piece.slot == Slot::kAddress) {
      out_ += fmt::format("10.{}.{}.{}", number >> 16 & 255, number >> 8 & 255, number & 255);
    } else if (piece.slot == Slot::kTime || piece.slot == Slot::kIsoTime) {
      out_ += TimeText(seconds, piece.slot == Slot::kIsoTime);
    } else if (piece.slot == Slot::kSite) {
      out_ += std::to_string((pass_ + piece.number) % 97 + 1);
    } else if (piece.slot == Slot::kRandom) {
      out_ += std::to_string((lines_ * 7919 + number) % 10000);
    }
  }

  const Sample& sample_;
  std::size_t wanted_;
  std::size_t pass_ = 0, lines_ = 0, written_ = 0;
  std::map<std::size_t, std::size_t> lengths_;
  std::string out_;
};

void WriteBusy(const Sample& sample, Writer* writer) {
  std::size_t file = 0, hit = 0;
  for (std::size_t use = 0; use < sample.uses.size(); ++use) {
    const std::int64_t seconds = sample.uses[use].seconds;
    writer->Write(sample.uses[use], seconds, false);
    for (; file * kUses < (use + 1) * kFiles; ++file) {
      writer->Write(sample.files[file % sample.files.size()], seconds, true);
    }
    for (; hit * kUses < (use + 1) * kHits; ++hit) {
      writer->Write(sample.hits[hit % sample.hits.size()], seconds, true);
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view kind = argc == 4 ? argv[1] : "";
  if (kind != "busy" && kind != "interface" && kind != "json") {
    std::fputs("usage: make_log busy|interface|json SAMPLE BYTES >OUT\n", stderr);
    return 2;
  }
  const Sample sample = ReadSample(argv[2], kind == "json");
  if (sample.uses.empty() || sample.files.empty() || sample.hits.empty()) {
    std::fputs("make_log: the sample lacks uses, static files or tracker hits\n", stderr);
    return 1;
  }
  Writer writer(sample, static_cast<std::size_t>(std::atoll(argv[3])));
  for (; !writer.done(); writer.EndPass()) {
    if (kind == "busy") {
      WriteBusy(sample, &writer);
    } else {
      for (const Line& line : sample.interface) writer.Write(line, line.seconds, false);
    }
  }
  writer.Tell();
  return std::fflush(stdout) == 0 && std::ferror(stdout) == 0 ? 0 : 1;
}
