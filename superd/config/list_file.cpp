// SPDX-License-Identifier: MIT
// Line by line; a file that isn't a list has a fault in every line, so only the first are said.
#include "superd/config/list_file.hpp"

#include "superd/base/text.hpp"
#include "superd/config/rules.hpp"

namespace superd {
namespace {

constexpr std::size_t most_said = 20;

std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  line = line.substr(0, line.find('#'));
  const std::size_t first = line.find_first_not_of(blanks);
  if (first == line.npos) return {};
  return line.substr(first, line.find_last_not_of(blanks) - first + 1);
}

RuleListPtr read_lines(const Source& source, const Host& host, Report& report) {
  RuleDraft draft;
  std::size_t said = 0;
  int number = 0;
  for (std::string_view rest = source.text; !rest.empty() && said < most_said;) {
    const std::size_t end = rest.find('\n');
    const std::string_view word = trimmed(rest.substr(0, end));
    const Place place{source.file, ++number, 1};
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    if (word.empty()) continue;
    const auto warning = add_rule(word, static_cast<std::uint32_t>(number), host, draft);
    if (!warning) {
      report.error(place, quote(word) + " is no rule; " + warning.error().text);
      ++said;
    } else if (!warning->empty()) {
      report.warning(place, *warning);
    }
  }
  if (said == most_said) report.error({source.file, number, 1}, "more faults are not said");
  return make_list(std::move(draft), source.file, *source.file, {}, report);
}

}  // namespace

LoadedList load_list(const std::string& path, const Host& host) {
  Report report;
  LoadedList loaded;
  auto source = read_source(path);
  if (source) {
    loaded.list = read_lines(report.keep(std::move(*source)), host, report);
  } else {
    report.error({std::make_shared<const std::string>(path), 0, 0}, source.error().text);
  }
  if (report.has_errors()) loaded.list.reset();
  loaded.diagnostics = report.take();
  return loaded;
}

Result<RuleListPtr> ListFiles::read(const std::string& path, const Host& host, Report& report) {
  if (const auto known = read_.find(path); known != read_.end()) return known->second;
  auto source = read_source(path);
  Result<RuleListPtr> list =
      source ? as_result(read_lines(report.keep(std::move(*source)), host, report))
             : Result<RuleListPtr>(source.error());
  return read_.emplace(path, std::move(list)).first->second;
}

}  // namespace superd
