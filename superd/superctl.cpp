// SPDX-License-Identifier: MIT
// superctl: the administrator's side of superd. What needs no daemon is answered here, the rest is
// asked of it.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <exception>

#include "superd/base/result.hpp"
#include "superd/ctl/ask.hpp"
#include "superd/ctl/check.hpp"
#include "superd/ctl/completion.hpp"
#include "superd/ctl/explain.hpp"
#include "superd/ctl/keys_text.hpp"
#include "superd/ctl/text.hpp"
#include "superd/ctl/top.hpp"
#include "superd/ctl/which_socket.hpp"
#include "superd/os/this_host.hpp"
#include "superd/superctl_options.hpp"
#include "superd/table_path.hpp"

namespace superd {
namespace {

void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

std::string argument(const Request& request) {
  return request.arguments.empty() ? std::string() : request.arguments[0];
}

Verdict check(const Request& request) {
  const std::string path = table_path(argument(request));
  const Loaded loaded = load(path, ThisHost());
  if (request.json) {
    print(to_line(check_json(path, loaded)));
  } else {
    std::fputs(to_text(loaded.diagnostics).c_str(), stderr);
    if (loaded.table) print(path + ": " + summary(*loaded.table) + ": ok\n");
  }
  return loaded.table ? Verdict::fine : Verdict::wrong;
}

Verdict keys(const Request& request) {
  const std::string name = argument(request);
  if (const Result<std::string> text = keys_text(name); !text)
    return complain(text.error(), request.json);
  else
    print(request.json ? to_line(*keys_json(name)) : *text);
  return Verdict::fine;
}

Result<std::string> socket_of(const Request& request) {
  return which_socket(request.socket, table_path({}), ThisHost());
}

Verdict completion(const Request& request) {
  const std::string shell = argument(request);
  if (shell == "services") {
    const Result<std::string> socket = socket_of(request);
    const std::string names = socket ? service_names(*socket) : "";
    print(request.json ? to_line({{"ok", true}, {"text", names}}) : names);
    return Verdict::fine;
  }
  const Result<std::string> script = completion_script(shell);
  if (!script) return complain(script.error(), request.json);
  print(request.json ? to_line({{"ok", true}, {"shell", shell}, {"text", *script}}) : *script);
  return Verdict::fine;
}

// Without asking superd: --config FILE.
Verdict explain_offline(const Request& request, const std::string& file) {
  const Loaded loaded = load(file, ThisHost());
  if (!loaded.table) {
    std::fputs(to_text(loaded.diagnostics).c_str(), stderr);
    return Verdict::wrong;
  }
  const auto explained = explain_by_table(request, *loaded.table);
  if (!explained) {
    complain(explained.error(), request.json);
    return Verdict::wrong;
  }
  print(request.json ? to_json(*explained) + "\n" : safe_lines(to_text(*explained)));
  return Verdict::fine;
}

Verdict ask_superd(const Request& request) {
  const Result<std::string> socket = socket_of(request);
  if (!socket) return complain(socket.error(), request.json);
  return request.command->name == "top" ? top(*socket, request.json) : ask(request, *socket);
}

Verdict answer(const Request& request) {
  if (request.command->name == "check") return check(request);
  if (request.command->name == "keys") return keys(request);
  if (request.command->name == "completion") return completion(request);
  const auto config = std::find(request.options.begin(), request.options.end(), "--config");
  if (config != request.options.end()) return explain_offline(request, *(config + 1));
  return ask_superd(request);
}

int superctl_main(int argc, char** argv) {
  const auto parsed = parse_superctl_options(argc, argv);
  if (const int* status = std::get_if<int>(&parsed)) return *status;
  const Verdict verdict = answer(std::get<Request>(parsed));
  if (std::fflush(stdout) != 0 || std::ferror(stdout)) {
    std::fprintf(stderr, "superctl: what it printed was lost: %s\n", errno_text(errno).c_str());
    return static_cast<int>(Verdict::failed);
  }
  return static_cast<int>(verdict);
}

}  // namespace
}  // namespace superd

int main(int argc, char** argv) {
  try {
    return superd::superctl_main(argc, argv);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "superctl: a bug: %s\n", e.what());
    return 1;
  }
}
