// SPDX-License-Identifier: MIT
// Checks that a file is text, runs the parser over it, and turns its exceptions into diagnostics.
#include "superd/config/yaml.hpp"

#include <algorithm>
#include <sstream>

#include <yaml-cpp/parser.h>

#include "superd/base/utf8.hpp"
#include "superd/config/yaml_builder.hpp"
#include "superd/config/yaml_fault.hpp"

namespace superd {
namespace {

Place place_of_byte(const Source& source, std::size_t at) {
  const std::string_view before = std::string_view(source.text).substr(0, at);
  const std::size_t newline = before.rfind('\n');
  const std::string_view line = newline == before.npos ? before : before.substr(newline + 1);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  return {source.file, static_cast<int>(lines) + 1, static_cast<int>(count_characters(line)) + 1};
}

// yaml-cpp guesses at encodings and replaces what it can't read; a configuration is UTF-8 or
// refused.
bool is_text(const Source& source, Report& report) {
  const std::size_t invalid = first_invalid_utf8(source.text);
  if (invalid != std::string::npos) {
    report.error(place_of_byte(source, invalid), "a byte that isn't UTF-8; save the file as UTF-8");
    return false;
  }
  const std::size_t nul = source.text.find('\0');
  if (nul != std::string::npos) {
    report.error(place_of_byte(source, nul), "a NUL byte; this is no text");
    return false;
  }
  return true;
}

void parse_documents(const Source& source, YamlBuilder& builder) {
  std::istringstream stream(source.text);
  YAML::Parser parser(stream);
  while (parser.HandleNextDocument(builder)) {
  }
}

NodePtr nothing_in(const Source& source) {
  auto node = std::make_shared<Node>();
  node->place = {source.file, 0, 0};
  return node;
}

}  // namespace

NodePtr parse_yaml(const Source& source, Report& report) {
  if (!is_text(source, report)) return nullptr;
  YamlBuilder builder(source, report);
  try {
    parse_documents(source, builder);
  } catch (const UnfitYaml& refused) {
    report.error(builder.place(refused.mark), refused.msg);
    return nullptr;
  } catch (const YAML::Exception& exception) {
    const YamlFault fault = explain_fault(exception, source, builder.unclosed());
    report.error(builder.place(fault.mark), fault.message);
    return nullptr;
  }
  return builder.root() ? builder.root() : nothing_in(source);
}

}  // namespace superd
