// Errors say what to do next.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "src/cli/exit_status.h"
#include "src/spool/store.h"
#include "tests/cli/program.h"

namespace hushlog {
namespace {

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

constexpr const char* kCombined =
    "192.0.2.1 - - [23/Nov/2026:05:19:28 +0000] \"GET /index.php?module=Login HTTP/1.1\" 200 5120 \"-\" "
    "\"Mozilla/5.0\"\n";

TEST_CASE("commands that need the state directory of a running hushlog name the one that does not") {
  const TempDir directory;
  const auto store = Store::Open(directory / "state");
  for (const char* command : {"report", "targets", "audit"}) {
    CAPTURE(command);
    const Outcome outcome = RunHushlog({command, "--state-dir", directory / "state"});
    CHECK(outcome.status == kExitFailed);
    CHECK(Has(outcome.errors, " is in use by another hushlog (process " + std::to_string(getpid()) + "), a tail or "));
    CHECK(Has(outcome.errors, "hushlog status --state-dir "));
  }
}

TEST_CASE("every command says the same where there is no state database, and makes none") {
  const TempDir directory;
  std::string sentence;
  for (const char* command : {"report", "targets", "audit", "status"}) {
    CAPTURE(command);
    const Outcome outcome = RunHushlog({command, "--state-dir", directory / "state"});
    const std::string told = outcome.errors.substr(outcome.errors.find("there is"));
    if (sentence.empty()) sentence = told;
    CHECK(told == sentence);
    CHECK(Has(sentence, "there is no state database in " + (directory / "state") + ": nothing was imported"));
    CHECK_FALSE(std::filesystem::exists(directory / "state"));
  }
}

TEST_CASE("a log in another format than the one that is named is not taken, and its own is named") {
  const TempDir directory;
  WriteFile(directory / "a.log", kCombined);
  const Outcome outcome =
      RunHushlog({"import", "--format", "vhost_combined", "--state-dir", directory / "state", directory / "a.log"});
  CHECK(outcome.status == kExitUnreadable);
  CHECK(Has(outcome.errors,
            "1 of its first 1 lines do not fit the format, and nothing of it was taken; they look like "
            "--format combined\n"));
}

TEST_CASE("a log in no known format asks for that of the server") {
  const TempDir directory;
  WriteFile(directory / "a.log", "no log\nat all\n");
  for (const char* command : {"import", "explain"}) {
    CAPTURE(command);
    std::vector<std::string> arguments{command, directory / "a.log"};
    if (arguments[0] == "import") arguments.push_back("--dry-run");
    const Outcome outcome = RunHushlog(arguments);
    CHECK(outcome.status == kExitUnreadable);
    CHECK(Has(outcome.errors, " (--format; to try one: hushlog explain --all)"));
  }
}

TEST_CASE("check says of a directory that its files are to be named") {
  const TempDir directory;
  WriteFile(directory / "c.toml", "state_dir = \"" + (directory / "state") +
                                      "\"\n[[source]]\nname = \"a\"\npaths = [\"" + directory.path() + "\"]\n");
  const Outcome outcome = RunHushlog({"check", "--config", directory / "c.toml"});
  CHECK(outcome.status == kExitUnreadable);
  CHECK(Has(outcome.output, directory.path() + " is a directory; name its files: "));
}

TEST_CASE("a token file that cannot be used says why and what belongs into it") {
  const TempDir directory;
  std::filesystem::create_directory(directory / "folder");
  WriteFile(directory / "empty", "\n");
  WriteFile(directory / "two", "0123456789abcdef0123456789abcdef secret-password\n");
  struct Case {
    const char *file, *sentence;
  };
  for (const Case& each : {Case{"none", ": the token file cannot be read: No such file or directory; write the"},
                           Case{"folder", ": the token file cannot be read: Is a directory; write the token_auth"},
                           Case{"empty", ": the token file is empty; write the token_auth into it, and nothing else"},
                           Case{"two", ": the token file holds more than a token; write the token_auth into it"}}) {
    CAPTURE(each.file);
    const Outcome outcome =
        RunHushlog({"import", "--url", "https://matomo.example.org", "--idsite", "1", "--token-auth-file",
                    directory / each.file, "--state-dir", directory / "state", directory / "a.log"});
    CHECK(outcome.status == kExitUsage);
    CHECK(Has(outcome.errors, each.sentence));
    CHECK_FALSE(Has(outcome.errors, "password"));
  }
}

}  // namespace
}  // namespace hushlog
