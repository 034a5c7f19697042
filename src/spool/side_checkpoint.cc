#include "src/spool/side_checkpoint.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <vector>

#include "src/base/failpoint.h"
#include "src/spool/schema.h"
#include "src/spool/state_directory.h"
#include "src/spool/store_impl.h"

namespace hushlog {
namespace {

namespace fs = std::filesystem;

// Newer sources have greater ids. What has not been written to for thousands of files is rotated away for good.
constexpr std::int64_t kMostSources = 10'000;
constexpr std::string_view kLost = "lost with the database";

std::string PathIn(const std::string& directory) { return directory + "/hushlog-checkpoint.db"; }

struct StoredTarget {
  std::int64_t id = 0;
  std::string name, key;
  std::int64_t identified = 0, active = 0;
  TargetLedger ledger;
};

struct DeadRows {
  std::int64_t target = 0;
  std::string reason;
  std::int64_t rows = 0;
};

struct Copy {
  std::vector<StoredSource> sources;
  std::vector<std::pair<std::string, std::int64_t>> counters;
  std::vector<StoredTarget> targets;
  std::vector<DeadRows> dead;
};

void TakeTargets(Database& database, Copy* copy) {
  Statement row = database.Prepare("SELECT id, name, key, identified, active, " + std::string(kLedgerColumns) +
                                   " FROM target ORDER BY id");
  while (row.Step()) {
    copy->targets.push_back({row.Integer(0), std::string(row.Text(1)), std::string(row.Blob(2)), row.Integer(3),
                             row.Integer(4), LedgerFrom(row, 5)});
  }
}

void TakeDead(Database& database, Copy* copy) {
  Statement row = database.Prepare("SELECT target, reason, sum(rows) FROM kept WHERE state='dead' GROUP BY 1, 2");
  while (row.Step()) copy->dead.push_back({row.Integer(0), std::string(row.Text(1)), row.Integer(2)});
  for (StoredTarget& target : copy->targets) {
    const std::int64_t lost = target.ledger.pending + target.ledger.parked;
    if (lost == 0) continue;
    target.ledger.dead += lost;
    target.ledger.parked = 0;
    copy->dead.push_back({target.id, std::string(kLost), lost});
  }
}

Copy Take(Database& database) {
  const auto lock = database.Lock();
  Copy copy;
  {
    Statement row = database.Prepare("SELECT id, checkpoint FROM source ORDER BY id DESC LIMIT ?");
    row.Bind(1, kMostSources);
    while (row.Step()) copy.sources.push_back({row.Integer(0), std::string(row.Blob(1))});
  }
  {
    Statement row = database.Prepare("SELECT name, value FROM counter");
    while (row.Step()) copy.counters.emplace_back(row.Text(0), row.Integer(1));
  }
  TakeTargets(database, &copy);
  TakeDead(database, &copy);
  return copy;
}

void PutTarget(Database& database, const StoredTarget& target) {
  const TargetLedger& ledger = target.ledger;
  database
      .Prepare(
          "INSERT INTO target (id, name, key, identified, active, hits, tracked, invalid, unaccounted, parked, dead)"
          " VALUES (?,?,?,?,?,?,?,?,?,?,?)")
      .Bind(1, target.id)
      .Bind(2, target.name)
      .BindBlob(3, target.key)
      .Bind(4, target.identified)
      .Bind(5, target.active)
      .Bind(6, ledger.hits)
      .Bind(7, ledger.tracked)
      .Bind(8, ledger.invalid)
      .Bind(9, ledger.unaccounted)
      .Bind(10, ledger.parked)
      .Bind(11, ledger.dead)
      .Run();
  InsertCursors(database, target.id, 1);
}

void Put(Database& database, const Copy& copy) {
  for (const StoredSource& source : copy.sources) {
    database.Prepare("INSERT INTO source (id, checkpoint) VALUES (?,?)")
        .Bind(1, source.id)
        .BindBlob(2, source.checkpoint)
        .Run();
  }
  for (const auto& [name, value] : copy.counters) {
    database.Prepare("INSERT INTO counter (name, value) VALUES (?,?)").Bind(1, name).Bind(2, value).Run();
  }
  for (const StoredTarget& target : copy.targets) PutTarget(database, target);
  for (const DeadRows& rows : copy.dead) InsertKept(database, rows.target, 0, Fate::kDead, rows.reason, rows.rows, {});
}

std::string NowAsSuffix() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  return {text, std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &parts)};
}

}  // namespace

void WriteSideCheckpoint(Database& database, const std::string& directory) {
  const Copy copy = Take(database);
  WriteNewDatabase(directory, PathIn(directory), [&copy](Database& side) {
    Put(side, copy);
    Failpoint("side-checkpoint");
  });
}

bool HasSideCheckpoint(const std::string& directory) {
  std::error_code error;
  return fs::is_regular_file(fs::symlink_status(PathIn(directory), error));
}

bool SetDatabaseAside(const std::string& directory) {
  const std::string path = directory + "/hushlog.db";
  const std::string aside = path + ".broken-" + NowAsSuffix();
  bool done = false;
  for (const char* file : {"-wal", ""}) {
    if (std::rename((path + file).c_str(), (aside + file).c_str()) == 0) {
      done = true;
    } else if (errno != ENOENT) {  // a -wal that stays would become part of the new database
      throw StoreError("cannot put the broken state database " + path + " aside: " + std::strerror(errno));
    }
  }
  return done;
}

std::string ReplaceBySideCheckpoint(const std::string& directory) {
  const std::string path = directory + "/hushlog.db";
  const Copy copy = Take(*OpenDatabase(PathIn(directory)));
  const bool aside = SetDatabaseAside(directory);
  WriteNewDatabase(directory, path, [&copy](Database& fresh) { Put(fresh, copy); });
  return "the state database " + path + (aside ? " was broken and is put aside" : " is missing") +
         "; a new one goes on from hushlog-checkpoint.db: hits that waited for targets then are lost, and what was "
         "read since then is read and sent again";
}

}  // namespace hushlog
