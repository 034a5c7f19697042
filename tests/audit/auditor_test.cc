// The state database: what waits, what was put aside, and the chains of what was sent.
#include "src/audit/auditor.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <chrono>
#include <memory>
#include <string>

#include "tests/support/temp_dir.h"

namespace hushlog {
namespace {

using std::chrono::milliseconds;
using Kind = Violation::Kind;

const EgressGrammar& Grammar(Profile profile = Profile::kAnonymous) {
  static const EgressGrammar anonymous;
  static const EgressGrammar identified({}, Profile::kIdentified);
  return profile == Profile::kAnonymous ? anonymous : identified;
}

constexpr std::int64_t kTimeMs = 1'795'411'169'000;

std::string Params(const std::string& title = "Dashboard") {
  return R"("rec":"1","action_name":")" + title +
         R"(","url":"https://demo-anonymous.matomo.org/Dashboard/default/?","cdt":"1795411169","ua":"-")";
}

std::string Copy(const std::string& title = "Dashboard") {
  return R"({"requests":[{"idsite":1,)" + Params(title) + R"(,"cid":"0123456789abcdef"}],"token_auth":"removed"})";
}

// A state database with a target.
struct State {
  TempDir directory;
  std::unique_ptr<Store> store = Store::Open(directory.path());
  std::int64_t target = store->AddTarget("own");

  State() { Execute("PRAGMA synchronous=OFF"); }  // many commits, and no crash

  void Append(const HitBatch& batch) {
    WriteTransaction write = store->BeginWrite();
    write.Append(0, batch);
    write.Commit();
  }
  // `count` copies, an hour apart, kept for `keep`.
  void KeepCopies(int count, milliseconds keep = std::chrono::hours(1000)) {
    store->SetKeepSent(target, keep);
    for (std::int64_t i = 0; i < count; ++i) store->KeepSent(target, Copy(), kTimeMs + i * 3'600'000);
  }
  void Execute(const char* sql) { store->database().Execute(sql); }

  std::optional<Finding> Audit(AuditCounts* counts = nullptr) {
    Auditor auditor(Grammar(), Grammar(Profile::kIdentified));
    auditor.CheckStore(*store);
    if (counts != nullptr) *counts = auditor.Total();
    return auditor.finding();
  }
  std::vector<SentChain> Chains() {
    Auditor auditor(Grammar(), Grammar(Profile::kIdentified));
    auditor.CheckStore(*store);
    return auditor.chains();
  }
};

TEST_CASE("an empty state passes") {
  State state;
  CHECK(!state.Audit());
}

TEST_CASE("hits that wait, hits put aside and copies are all checked") {
  State state;
  HitBatch batch;
  for (int i = 0; i < 3; ++i) batch.Add({kTimeMs, "192.0.0.0", Params()});
  state.Append(batch);
  const auto slice = state.store->Read(state.target, 0, 2, 1 << 20);
  REQUIRE(slice);
  state.store->Park(state.target, 0, *slice, "lost");
  state.KeepCopies(4);
  AuditCounts counts;
  CHECK(!state.Audit(&counts));
  CHECK(counts.bodies == 1 + 1 + 4);
  CHECK(counts.hits == 3 + 2 + 4);
}

TEST_CASE("a foreign byte in a waiting hit is found with its batch, hit and place") {
  State state;
  HitBatch good, bad;
  good.Add({kTimeMs, "192.0.0.0", Params()});
  bad.Add({kTimeMs, "192.0.0.0", Params()});
  bad.Add({kTimeMs, "192.0.0.0", Params("~Jane")});
  state.Append(good);
  state.Append(bad);
  const auto finding = state.Audit();
  REQUIRE(finding);
  CHECK(finding->where == "batch 2");
  CHECK(finding->violation.row == 2);
  CHECK(finding->violation.parameter == "action_name");
  CHECK(finding->violation.offset == bad.body().find("~Jane"));
}

TEST_CASE("a foreign address beside a waiting hit is found") {
  State state;
  HitBatch batch;
  batch.Add({kTimeMs, "192.0.2.0", Params()});
  state.Append(batch);
  const auto finding = state.Audit();
  REQUIRE(finding);
  CHECK(finding->violation.parameter == "cip");
  CHECK(finding->violation.offset == batch.body().find("192.0.2.0") + std::string("192.0.").size());
}

TEST_CASE("a foreign byte in a hit that was put aside is found") {
  State state;
  HitBatch batch;
  batch.Add({kTimeMs, "", Params("Jane")});
  state.Append(batch);
  state.store->Bury(state.target, 0, *state.store->Read(state.target, 0, 1, 1 << 20), "fails");
  const auto finding = state.Audit();
  REQUIRE(finding);
  CHECK(finding->where == "hits put aside, number 1");
}

TEST_CASE("a foreign byte in a copy is found") {
  State state;
  state.KeepCopies(2);
  state.store->KeepSent(state.target, Copy("Jane"), kTimeMs);
  const auto finding = state.Audit();
  REQUIRE(finding);
  CHECK(finding->where == "copy 3 sent to 'own'");
  CHECK(finding->violation.parameter == "action_name");
}

TEST_CASE("a stored body that cannot be taken apart is no pass") {
  State state;
  HitBatch batch;
  batch.Add({kTimeMs, "", Params()});
  state.Append(batch);
  state.Execute("UPDATE batch SET body=CAST(body || 'x' AS BLOB)");
  const auto finding = state.Audit();
  REQUIRE(finding);
  CHECK(finding->violation.kind == Kind::kMalformed);
}

TEST_CASE("a copy that was changed, removed or added breaks the chain at its first wrong link") {
  struct Row {
    const char* tampering;
    const char* where;
  };
  for (const Row& row : {
           Row{"UPDATE sent SET body=replace(body, 'Dashboard', 'Login') WHERE number=2", "between numbers 2 and 3"},
           Row{"UPDATE sent SET sent_at=sent_at+1 WHERE number=3", "between numbers 3 and 4"},
           Row{"UPDATE sent SET previous=zeroblob(32) WHERE number=3", "between numbers 2 and 3"},
           Row{"UPDATE sent SET body=replace(body, 'Dashboard', 'Login') WHERE number=5", "between numbers 5 and 6"},
           Row{"DELETE FROM sent WHERE number=1", "between numbers 0 and 1"},
           Row{"DELETE FROM sent WHERE number=3", "between numbers 2 and 3"},
           Row{"DELETE FROM sent WHERE number=5", "between numbers 4 and 5"},
           Row{"DELETE FROM sent", "between numbers 0 and 1"},
           Row{"INSERT INTO sent SELECT target, 6, sent_at, previous, body FROM sent WHERE number=5",
               "between numbers 5 and 6"},
           Row{"UPDATE sent_chain SET head=4", "between numbers 5 and 6"},
       }) {
    CAPTURE(row.tampering);
    State state;
    state.KeepCopies(5);
    REQUIRE(!state.Audit());
    // As somebody could who knows nothing of the chain. The body is text now, not a blob: only the bytes matter.
    state.Execute(
        "DROP TABLE IF EXISTS loose; CREATE TABLE loose AS SELECT * FROM sent; DROP TABLE sent;"
        "ALTER TABLE loose RENAME TO sent");
    state.Execute(row.tampering);
    const auto finding = state.Audit();
    REQUIRE(finding);
    CHECK(finding->violation.kind == Kind::kBrokenChain);
    CHECK_MESSAGE(finding->where.ends_with(row.where), finding->where);
  }
}

TEST_CASE("copies are deleted when they are old enough, and the rest still hangs together") {
  State state;
  state.KeepCopies(10, std::chrono::hours(4));
  CHECK(state.Chains().at(0).copies == 4);
  CHECK(!state.Audit());
  state.store->ExpireSent(kTimeMs + 12 * 3'600'000);
  CHECK(state.Chains().at(0).copies == 1);
  CHECK(!state.Audit());
  state.Execute("UPDATE sent SET sent_at=sent_at+1");
  CHECK(state.Audit());
}

TEST_CASE("a chain whose copies are all gone goes on") {
  State state;
  state.KeepCopies(600, std::chrono::hours(1000));
  state.store->ExpireSent(kTimeMs + std::int64_t{10'000} * 3'600'000);
  CHECK(state.Chains().at(0).copies == 0);
  CHECK(!state.Audit());
  state.KeepCopies(2);
  CHECK(state.Chains().at(0).copies == 2);
  CHECK(!state.Audit());
}

TEST_CASE("no copies stay when none are to be kept any more") {
  State state;
  state.KeepCopies(3);
  state.store->SetKeepSent(state.target, milliseconds(0));
  state.store->ExpireSent(kTimeMs + 24 * 3'600'000);
  CHECK(state.Chains().at(0).copies == 0);
  CHECK(!state.Audit());
}

TEST_CASE("the hash of the last copy changes with each, and is the same for the same history") {
  State first, second;
  first.KeepCopies(3);
  second.KeepCopies(3);
  CHECK(first.Chains().at(0).head == second.Chains().at(0).head);
  second.store->KeepSent(second.target, Copy(), kTimeMs);
  CHECK(first.Chains().at(0).head != second.Chains().at(0).head);
}

TEST_CASE("identified hits are only let pass where all targets of the batch get them") {
  const std::string identified =
      R"("rec":"1","action_name":"AcmeReports index","url":"https://matomo.example.org/index.php?module=AcmeReports",)"
      R"("cdt":"1795411169","ua":"-","uid":"jane")";
  HitBatch batch;
  batch.Add({kTimeMs, "", identified});
  State state;
  state.store->SetIdentified(state.target, true);
  state.Append(batch);
  CHECK(!state.Audit());
  state.store->AddTarget("community");
  state.Append(batch);
  CHECK(state.Audit());
}

TEST_CASE("a secret in an identified hit is found in the URL") {
  for (const char* query :
       {"token_auth=0123456789", "a=b&Token%5Fauth=1", "my-api-key=1", "x=https://e.org/?password=1",
        "x=0123456789abcdef0123456789abcdef", "urls[]=a%26token_auth%3D1"}) {
    CAPTURE(query);
    const std::string url = fmt::format("https://matomo.example.org/index.php?{}", query);
    HitBatch batch;
    batch.Add({kTimeMs, "",
               fmt::format(R"("rec":"1","action_name":"Dashboard","url":"{}","cdt":"1795411169","ua":"-")", url)});
    State state;
    state.store->SetIdentified(state.target, true);
    state.Append(batch);
    const auto finding = state.Audit();
    REQUIRE(finding);
    CHECK(finding->violation.parameter == "url");
  }
}

}  // namespace
}  // namespace hushlog
