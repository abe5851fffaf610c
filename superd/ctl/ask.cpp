// SPDX-License-Identifier: MIT
// Deadlines, and what goes where.
#include "superd/ctl/ask.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "superd/base/text.hpp"
#include "superd/ctl/answer_text.hpp"
#include "superd/ctl/conversation.hpp"
#include "superd/ctl/event_text.hpp"

namespace superd {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds usual_patience = 10s;
// A reload looks names up; an upgrade waits for the new superd to have read its table.
constexpr Milliseconds long_patience = 60s;

Milliseconds patience_for(const Request& request) {
  const bool slow = request.command->name == "reload" || request.command->name == "upgrade";
  return slow ? long_patience : usual_patience;
}

void print(const std::string& text) { std::fputs(text.c_str(), stdout); }

// Absent where the standard output is no terminal: then nothing is cut.
std::optional<std::size_t> terminal_width() {
  winsize size{};
  if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return std::nullopt;
  return size.ws_col;
}

SystemTime this_moment() {
  return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
}

std::string event_line(const std::string& line, bool json) {
  if (json) return line + "\n";
  const std::optional<Json> event = parse_object(line);
  return event ? event_text(*event) + "\n" : safe_lines(line);
}

// The lines after the first. Followers want each at once, also through a pipe.
Result<void> print_events(Conversation& conversation, const Request& request) {
  std::optional<Milliseconds> patience;
  if (!request.has("--follow")) patience = usual_patience;
  while (true) {
    const auto line = conversation.next_line(patience);
    if (!line) return line.error();
    if (!*line && !patience) return Error{"superd has ended", ECONNRESET};
    if (!*line) return {};
    print(event_line(**line, request.json));
    std::fflush(stdout);
  }
}

Result<Answer> first_line(Conversation& conversation, Milliseconds patience) {
  auto line = conversation.next_line(patience);
  if (!line) return line.error();
  if (!*line) return Error{"superd went away without an answer", ECONNRESET};
  return parse_answer(std::move(**line));
}

}  // namespace

Verdict complain(const Error& error, bool json) {
  const Verdict verdict = verdict_of(error);
  if (json)
    print(to_line(to_json(error, verdict)));
  else
    std::fprintf(stderr, "superctl: %s\n", error.text.c_str());
  return verdict;
}

Verdict ask(const Request& request, const std::string& socket) {
  auto conversation = Conversation::open(socket, request_words(request), usual_patience);
  if (!conversation) return complain(conversation.error(), request.json);
  const Result<Answer> answer = first_line(*conversation, patience_for(request));
  if (!answer) return complain(answer.error(), request.json);
  if (request.json) {
    print(answer->line + "\n");
  } else {
    std::fputs(complaint_text(answer->json).c_str(), stderr);
    if (answer->ok()) print(answer_text(request, answer->json, this_moment(), terminal_width()));
  }
  if (answer->ok() && request.command->name == "events") {
    std::fflush(stdout);
    if (const Result<void> told = print_events(*conversation, request); !told)
      return complain(told.error(), request.json);
  }
  return answer->verdict();
}

}  // namespace superd
