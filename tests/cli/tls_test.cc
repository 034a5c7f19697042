// Delivery through a real nginx that ends TLS in front of the tracker.
#include <doctest/doctest.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <memory>

#include "tests/cli/program.h"
#include "tests/cli/web_server.h"
#include "tests/support/scripted_tracker.h"

namespace hushlog {
namespace {

using test::ScriptedTracker;

const std::string kSample = HUSHLOG_TEST_DATA "/sample.access.log";

void Openssl(std::vector<std::string> arguments) {
  const TempDir output;
  arguments.insert(arguments.begin(), HUSHLOG_OPENSSL);
  int status = 0;
  waitpid(StartUnprivileged(arguments, output / "output"), &status, 0);
  REQUIRE_MESSAGE(status == 0, ReadFile(output / "output"));
}

// nginx with a certificate for `localhost`, which passes requests on to a tracker.
struct TlsProxy {
  TempDir directory;
  ScriptedTracker tracker;
  WebServerKind kind = kNginx;
  std::unique_ptr<WebServer> nginx;

  explicit TlsProxy(const std::string& script = "", int days = 2) : tracker({}, script) {
    GiveAway(directory.path());
    Openssl({"req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", directory / "key",
             "-out", directory / "request", "-subj", "/CN=localhost"});
    Openssl({"x509", "-req", "-in", directory / "request", "-signkey", directory / "key", "-days", std::to_string(days),
             "-out", directory / "certificate"});
    kind.config = [this](const std::string& own, const std::string&, int port) {
      return fmt::format(
          "daemon off;\npid {0}/pid;\nerror_log {0}/errors;\nevents {{ worker_connections 64; }}\nhttp {{\n{1}"
          "access_log {0}/all.log;\nserver {{ listen 127.0.0.1:{2} ssl; ssl_certificate {3};\nssl_certificate_key "
          "{4};\n"
          "proxy_read_timeout 200ms; proxy_next_upstream off; location / {{ proxy_pass http://127.0.0.1:{5}; }} }} "
          "}}\n",
          own, NginxTemporaryPaths(own), port, directory / "certificate", directory / "key", tracker.port());
    };
    nginx = std::make_unique<WebServer>(kind, "");
  }

  // Of a target behind nginx.
  void Configure(const std::string& host, const std::string& more) const {
    WriteFile(directory / "token", "0123456789abcdef0123456789abcdef");
    WriteFile(directory / "config", fmt::format("state_dir = \"{}\"\n[[target]]\nname = \"t\"\nurl = "
                                                "\"https://{}:{}/\"\nsite_id = 1\nsystem_report = false\n"
                                                "token_file = \"{}\"\nretry_delay_ms = 1\nlanes = 1\n{}",
                                                directory / "state", host, nginx->port(), directory / "token", more));
    ::chmod((directory / "token").c_str(), 0600);
  }
  // Imports the sample.
  Outcome Import(const std::string& host, const std::string& more) const {
    Configure(host, more);
    return RunHushlog({"import", "--summary-json", "-", "--format", "combined_rt_host", "--config",
                       directory / "config", "--complete", kSample});
  }
  Outcome Check(const std::string& host, const std::string& more) const {
    Configure(host, more);
    return RunHushlog({"check", "--online", "--config", directory / "config"});
  }
  std::string Trusted() const { return fmt::format("ca_file = \"{}\"\n", directory / "certificate"); }
};

TEST_CASE("85: hits go through TLS to a host whose certificate a configured authority has signed") {
  TlsProxy proxy;
  const Outcome outcome = proxy.Import("localhost", proxy.Trusted());
  CHECK_MESSAGE(outcome.status == 0, outcome.errors);
  CHECK(JsonField(outcome.output, "state") == "drained");
  CHECK(std::to_string(proxy.tracker.recorded().size()) == JsonField(outcome.output, "tracked"));
}

TEST_CASE("a check asks through TLS, and sends no token to a host that is not trusted") {
  TlsProxy proxy;
  const Outcome good = proxy.Check("localhost", proxy.Trusted());
  CHECK_MESSAGE(good.status == 0, good.output);
  CHECK(good.output.find("its certificate is trusted") != std::string::npos);
  CHECK(good.output.find("takes requests of 512 KB") != std::string::npos);
  const std::size_t requests = proxy.tracker.requests().size();
  const Outcome bad = proxy.Check("localhost", "");
  CHECK(bad.status == 5);
  CHECK(bad.output.find("error    target 't': the target is not trusted") != std::string::npos);
  CHECK(proxy.tracker.requests().size() == requests);
  CHECK(proxy.tracker.recorded().empty());
}

TEST_CASE("85: a certificate of an unknown authority, of another host or of the past gets nothing") {
  struct Row {
    std::string host;
    bool trusted;
    int days;
  };
  for (const Row& row : {Row{"localhost", false, 2}, Row{"127.0.0.1", true, 2}, Row{"localhost", true, -1}}) {
    CAPTURE(row.host);
    CAPTURE(row.days);
    TlsProxy proxy("", row.days);
    const Outcome outcome = proxy.Import(row.host, row.trusted ? proxy.Trusted() : "");
    CHECK(outcome.status == 5);
    CHECK(JsonField(outcome.output, "state") == "refused");
    CHECK(outcome.output.find("not trusted") != std::string::npos);
    CHECK(proxy.tracker.requests().empty());
  }
}

TEST_CASE("63: a gateway that gives up on a tracker which records the hits all the same repeats none") {
  TlsProxy proxy("ok,slow:400,ok,ok,slow:400");
  const Outcome outcome = proxy.Import("localhost", proxy.Trusted());
  CHECK(outcome.status == 3);
  const std::int64_t parked = std::stoll(JsonField(outcome.output, "parked"));
  CHECK(parked > 0);
  CHECK(static_cast<std::int64_t>(proxy.tracker.recorded().size()) ==
        parked + std::stoll(JsonField(outcome.output, "tracked")));
}

}  // namespace
}  // namespace hushlog
