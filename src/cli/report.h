// hushlog report: prints the usage totals of the state database.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace hushlog {

struct ReportOptions {
  std::string config;
  std::string state_dir;
  std::string from, to;  // YYYY-MM-DD, inclusive
  std::string html;      // file of the page, "-" for standard output; empty: no page
  bool json = false;
  bool csv = false;
  bool all = false;
};

CLI::App* AddReportCommand(CLI::App& app, ReportOptions* options);
int RunReport(const ReportOptions& options);

}  // namespace hushlog
