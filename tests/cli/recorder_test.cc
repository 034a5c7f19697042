// What a process does whose state database cannot take anything for a while.
#include "src/cli/recorder.h"

#include <doctest/doctest.h>

#include <cerrno>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "parsers/log_format.h"
#include "src/cli/line_processor.h"
#include "src/cli/stored_state.h"
#include "src/usage/report.h"
#include "tests/cli/program.h"
#include "tests/spool/faults.h"
#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

using testing::FailingFiles;

// A state database with a target, into which the sample log goes in pieces.
struct Fixture {
  explicit Fixture(const std::string& state) : store(Store::Open(state)) {
    Totals::CreateTables(store->database());
    const std::vector<Subscribers> subscribers = {{.audience = AudienceOf(store->AddTarget("t"))}};
    recorder = std::make_unique<Recorder>(*rules, *store, subscribers, 1000);
  }
  void Record(std::string text, std::uint64_t offset) {
    text.append(kLinePadding, '\0');
    ActionBatch actions;
    LineCounts counts;
    processor.Process(format, std::string_view(text).substr(0, text.size() - kLinePadding), &actions, &counts);
    recorder->Consume(actions);
    (void)recorder->Reached(1, Checkpoint{.offset = offset}, counts);
  }
  std::int64_t Number(const char* query) {
    Statement row = store->database().Prepare(query);
    return row.Step() ? row.Integer(0) : -1;
  }

  std::shared_ptr<const RuleSet> rules = RuleSet::Shipped();
  std::unique_ptr<Store> store;
  StoredDayKeys keys{*store};
  LineProcessor processor{*rules, keys, nullptr, false};
  std::shared_ptr<const LogFormat> format = std::make_shared<const LogFormat>(LogFormat::Compile("combined"));
  std::unique_ptr<Recorder> recorder;
};

std::vector<std::string> Pieces() {
  const std::string text = ReadFile(HUSHLOG_TEST_DATA "/formats/nginx_combined.log");
  std::vector<std::string> pieces;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', std::min(begin + text.size() / 5, text.size() - 1)) + 1;
    pieces.push_back(text.substr(begin, end - begin));
    begin = end;
  }
  return pieces;
}

TEST_CASE("50: what could not be committed on a full disk is committed once there is room") {
  const TempDir directory;
  Fixture whole(directory / "whole"), troubled(directory / "troubled");
  std::uint64_t offset = 0;
  for (const std::string& piece : Pieces()) {
    offset += piece.size();
    whole.Record(piece, offset);
    whole.recorder->Finish();
    troubled.Record(piece, offset);
    {
      const FailingFiles full(ENOSPC, 0);
      CHECK_THROWS_AS(troubled.recorder->Finish(), StoreFull);
    }
    troubled.recorder->Finish();
  }
  CHECK(troubled.store->IngestLedger() == whole.store->IngestLedger());
  for (const char* query :
       {"SELECT count(*) FROM visit", "SELECT sum(rows) FROM batch", "SELECT sum(count) FROM usage_total",
        "SELECT count(*) FROM usage_visitor", "SELECT count(*) FROM source"}) {
    CAPTURE(std::string(query));
    CHECK(whole.Number(query) > 0);
    CHECK(troubled.Number(query) == whole.Number(query));
  }
}

TEST_CASE("the key of a day is in use as long as lines of the day come, however long the process runs") {
  const TempDir directory;
  Fixture f(directory / "state");
  const std::vector<std::string> pieces = Pieces();
  f.Record(pieces[0], 1);
  f.recorder->Finish();
  const auto age = [&f] { f.store->database().Execute("UPDATE day_key SET last_used = last_used - 90000"); };
  age();
  f.Record(pieces[1], 2);  // of the same day, whose key is long known
  f.recorder->EndDays();
  CHECK(f.Number("SELECT count(*) FROM day_key") == 1);
  age();
  f.recorder->EndDays();
  CHECK(f.Number("SELECT count(*) FROM day_key") == 0);
}

}  // namespace
}  // namespace hushlog
