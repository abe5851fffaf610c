// SPDX-License-Identifier: MIT
// The table through CLI11: it reads, the help is ours.
#include "superd/superctl_options.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <vector>

#include <CLI/CLI.hpp>

#include "superd/base/text.hpp"
#include "superd/ctl/help.hpp"

namespace superd {
namespace {

// A command as CLI11 reads it: an option of its own for each parameter, in their order.
struct Reader {
  const Subcommand* command;
  CLI::App* app;
  std::vector<CLI::Option*> options;
};

CLI::Option* add(CLI::App& app, const Parameter& one) {
  const std::string name(one.name);
  if (one.is_option() && one.value.empty()) return app.add_flag(name);
  CLI::Option* option = app.add_option(name);
  if (one.times == Times::any || one.times == Times::at_least_once)
    option->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args();
  return option->required(one.times == Times::once || one.times == Times::at_least_once);
}

Reader reader_of(const Subcommand& command, CLI::App& superctl) {
  Reader reader{&command, superctl.add_subcommand(std::string(command.name)), {}};
  reader.app->fallthrough();  // --json and --socket may stand after the command, too
  for (const Parameter& one : command.parameters) reader.options.push_back(add(*reader.app, one));
  return reader;
}

std::string given_path(const std::string& path) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(path, error);
  return error ? path : absolute.string();
}

bool is_path(const Parameter& one) {
  return one.means == Means::file || one.means == Means::program;
}

void take(const Reader& reader, Request& request) {
  request.command = reader.command;
  for (std::size_t i = 0; i < reader.options.size(); ++i) {
    const Parameter& one = reader.command->parameters[i];
    if (reader.options[i]->count() == 0) continue;
    if (one.is_option()) request.options.emplace_back(one.name);
    if (one.is_option() && one.value.empty()) continue;
    auto& words = one.is_option() ? request.options : request.arguments;
    for (const std::string& value : reader.options[i]->results())
      words.push_back(is_path(one) ? given_path(value) : value);
  }
}

std::string print_help(const CLI::App* app) {
  const Subcommand* command = app->get_parent() ? find_command(app->get_name()) : nullptr;
  return command ? help_text(*command) : help_text();
}

// CLI11 says of a misspelt command only that it needs one.
int tell_wrong_use(const CLI::App& app, const CLI::ParseError& e) {
  std::string what = escape(e.what());
  const std::vector<std::string> rest = app.remaining(true);
  if (app.get_subcommands().empty() && !rest.empty() && !rest[0].starts_with('-')) {
    std::vector<std::string_view> names;
    for (const Subcommand& one : all_commands()) names.push_back(one.name);
    what = "there is no command " + quote(rest[0]);
    if (const auto close = nearest(rest[0], names)) what += ", did you mean " + quote(*close) + "?";
  }
  const auto parsed = app.get_subcommands();
  const std::string of = parsed.empty() ? "" : parsed[0]->get_name() + " ";
  std::fprintf(stderr, "superctl: %s; see 'superctl %s--help'\n", what.c_str(), of.c_str());
  return 2;
}

}  // namespace

std::variant<Request, int> parse_superctl_options(int argc, char** argv) {
  CLI::App app;
  app.formatter_fn(
      [](const CLI::App* of, const std::string&, CLI::AppFormatMode) { return print_help(of); });
  app.set_version_flag("--version", "superctl " SUPERD_VERSION);
  app.require_subcommand(1);
  Request request;
  app.add_flag("--json", request.json);
  app.add_option("--socket", request.socket);
  std::vector<Reader> readers;
  for (const Subcommand& command : all_commands()) readers.push_back(reader_of(command, app));
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    return tell_wrong_use(app, e);
  }
  const auto asked = std::find_if(readers.begin(), readers.end(),
                                  [](const Reader& one) { return one.app->parsed(); });
  take(*asked, request);
  return request;
}

}  // namespace superd
