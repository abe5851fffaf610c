// SPDX-License-Identifier: MIT
// reload -> prove -> come to rest -> exec.
#include "superd/server/upgrade.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>

#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "superd/base/text.hpp"
#include "superd/os/handing_on.hpp"
#include "superd/server/handover.hpp"

namespace superd {
namespace {

constexpr Milliseconds longest_proof{20'000};
constexpr Milliseconds longest_rest{1'000};

// The proof is launched like a handler, as superd itself: same environment, same directory.
HandlerPtr prover(const Invocation& invocation, const std::string& program,
                  const rlimit& descriptors) {
  RunHandler run{program, invocation.arguments};
  run.arguments.at(0) = program;
  run.arguments.insert(run.arguments.begin() + 1, check_upgrade_option);
  Process process;
  process.directory = invocation.directory;
  process.timeout = longest_proof;
  process.stop_grace = Milliseconds(0);
  for (char** one = environ; *one; ++one) {
    const std::string_view variable(*one);
    const std::size_t equals = variable.find('=');
    if (equals != variable.npos)
      process.environment.emplace_back(variable.substr(0, equals), variable.substr(equals + 1));
  }
  auto service = std::make_shared<Service>();
  service->name = "upgrade";
  service->activation = std::move(run);
  service->process = std::move(process);
  return std::make_shared<Handler>(std::move(service), descriptors);
}

std::string last_words(int file) {
  std::array<char, 16 * 1024> bytes;
  const off_t length = lseek(file, 0, SEEK_END);
  const ssize_t n = pread(file, bytes.data(), bytes.size(),
                          std::max<off_t>(0, length - static_cast<off_t>(bytes.size())));
  std::string words(bytes.data(), n > 0 ? static_cast<std::size_t>(n) : 0);
  while (!words.empty() && words.back() == '\n') words.pop_back();
  return words;
}

std::string how_it_ended(const Ending& ending) {
  if (ending.fault) return errno_text(ending.fault->error);
  if (ending.exit.stop == Stop::timeout) return "it gave no answer in 20 s";
  const int status = ending.exit.status;
  return WIFSIGNALED(status) ? "it ended by signal " + signal_name(WTERMSIG(status))
                             : "it ended with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

Result<std::optional<SavedState>> take_saved_state() {
  const char* const number = getenv(state_variable);
  if (!number) return std::optional<SavedState>();
  const std::string text = number;
  unsetenv(state_variable);
  const auto fd = parse_number(text, STDERR_FILENO + 1, std::numeric_limits<int>::max());
  if (!fd)
    return Error{std::string(state_variable) + " is " + quote(text) + ", not a descriptor", 0};
  const UniqueFd file(static_cast<int>(*fd));
  const auto content = whole_content(file.get());
  if (!content) return content.error();
  auto state = parse_saved_state(*content);
  if (!state) return state.error();
  return std::optional(std::move(*state));
}

Result<SavedState> state_to_check() {
  const auto content = whole_content(STDIN_FILENO);
  if (!content) return content.error();
  return parse_saved_state(*content);
}

// A program that was replaced on disk meanwhile is found by the name it had at the start.
Invocation this_invocation(int argc, char** argv) {
  std::error_code error;
  Invocation invocation;
  invocation.program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  invocation.directory = std::filesystem::current_path(error).string();
  if (error) invocation.directory = "/";
  invocation.arguments.assign(argv, argv + argc);
  return invocation;
}

ControlReply upgraded(const std::string& from, const std::string& to) {
  return success({{"from", from}, {"to", to}});
}

awaitable<std::string> Upgrade::become_next(std::string program, int asked_by) {
  if (program.empty()) program = invocation_.program;
  const ChangeOutcome outcome = co_await changes_.reload();
  if (!outcome.change) co_return "the table is wrong: " + outcome.first_error();
  const auto no_change = co_await changes_.hold();
  std::string fault = co_await fault_of(program);
  if (!fault.empty()) co_return program + ": " + fault;
  co_await come_to_rest();
  co_return exec(program, asked_by).text;
}

SavedState Upgrade::stock(int asked_by) const {
  SavedState state = take_stock(roster_, control_, runtime_);
  state.version = SUPERD_VERSION;
  state.descriptors = descriptors_;
  state.asked_by = asked_by;
  std::erase(state.unanswered_clients, asked_by);
  complete_(state);
  return state;
}

// Empty: it can take over.
awaitable<std::string> Upgrade::fault_of(const std::string& program) {
  const auto state = memory_file(to_json(stock(-1)));
  if (!state) co_return state.error().text;
  const auto as_input = reopened_to_read(state->get());
  if (!as_input) co_return as_input.error().text;
  const auto words = memory_file({});  // a pipe would be full where there are many warnings
  if (!words) co_return words.error().text;

  const HandlerPtr handler = prover(invocation_, program, descriptors_);
  auto child = runtime_.supervisor.start(handler, as_input->get(), words->get(), {});
  if (!child) co_return child.error().text;
  const Ending ending = co_await runtime_.supervisor.wait(**child);

  const std::string said = last_words(words->get());
  const bool is_fine = !ending.fault && ending.exit.status == 0;
  const std::size_t last_line = said.rfind('\n') + 1;  // npos + 1 is 0
  if (is_fine && std::string_view(said).substr(last_line).starts_with(proof_of_upgrade))
    co_return std::string();
  if (is_fine) co_return "it is no superd that can take over";
  co_return how_it_ended(ending) + (said.empty() ? "" : ": " + said);
}

// Nothing half done is handed on. Under load the moments at rest are short, but there are many.
awaitable<void> Upgrade::come_to_rest() {
  const auto deadline = Clock::now() + longest_rest;
  while (!runtime_.supervisor.finish_launches(longest_rest / 4) || !is_at_rest(runtime_) ||
         !roster_.has_finished()) {
    if (Clock::now() >= deadline) co_return;
    co_await boost::asio::post(runtime_.loop, boost::asio::use_awaitable);
  }
}

// From here on nothing is awaited: what was taken stock of stays true.
Error Upgrade::exec(const std::string& program, int asked_by) {
  SavedState state = stock(asked_by);
  const auto file = memory_file(to_json(state));
  if (!file) return file.error();
  auto spare = LogWriter::open(runtime_.reporter.log().settings());
  if (!spare) return spare.error();
  runtime_.reporter.write_to(std::move(*spare));  // the one before writes what it holds, and ends
  std::vector<int> descriptors = descriptors_of(state);
  descriptors.push_back(file->get());
  std::vector<std::string> arguments = invocation_.arguments;
  arguments.at(0) = program;
  return become(program, arguments, std::string(state_variable) + "=" + std::to_string(file->get()),
                invocation_.directory, descriptors);
}

}  // namespace superd
