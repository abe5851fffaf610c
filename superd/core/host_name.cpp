// SPDX-License-Identifier: MIT
// Names by RFC 1123, ASCII only: no locale.
#include "superd/core/host_name.hpp"

#include <algorithm>

namespace superd {
namespace {

constexpr std::size_t longest_label = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return c >= 'a' && c <= 'z'; }

char lowered(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > longest_label) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_letter(c) || is_digit(c) || c == '-'; });
}

// Decimal, octal or hexadecimal: what the resolver would read as an address rather than look up.
bool is_number(std::string_view label) {
  const auto is_hex = [](char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); };
  if (label.starts_with("0x")) return std::all_of(label.begin() + 2, label.end(), is_hex);
  return std::all_of(label.begin(), label.end(), is_digit);
}

}  // namespace

std::optional<std::string> read_host_name(std::string_view told) {
  if (told.ends_with('.')) told.remove_suffix(1);
  if (told.empty() || told.size() > longest_host_name) return std::nullopt;
  std::string name(told);
  std::transform(name.begin(), name.end(), name.begin(), lowered);
  std::string_view rest = name;
  for (;;) {
    const std::size_t dot = rest.find('.');
    const std::string_view label = rest.substr(0, dot);
    if (!is_label(label)) return std::nullopt;
    if (dot == rest.npos) return is_number(label) ? std::nullopt : std::optional(name);
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace superd
