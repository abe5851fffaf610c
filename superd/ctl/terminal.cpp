// SPDX-License-Identifier: MIT
// ncurses, without its macros, which take words like `timeout` and `move` from everybody.
#include "superd/ctl/terminal.hpp"

#include <langinfo.h>

#include <clocale>
#include <csignal>
#include <string_view>

#define NCURSES_NOMACROS
#include <ncurses.h>

namespace superd {
namespace {

struct Binding {
  int code;
  TopKey key;
};

constexpr Binding bindings[] = {
    {KEY_UP, TopKey::up},         {'k', TopKey::up},
    {KEY_DOWN, TopKey::down},     {'j', TopKey::down},
    {KEY_PPAGE, TopKey::page_up}, {KEY_NPAGE, TopKey::page_down},
    {KEY_HOME, TopKey::first},    {KEY_END, TopKey::last},
    {'\t', TopKey::pane},         {'s', TopKey::sort},
    {'x', TopKey::stop},          {'p', TopKey::pause},
    {'?', TopKey::help},          {'h', TopKey::help},
    {'y', TopKey::yes},           {'q', TopKey::quit},
};

// In the order of TopStyle; no colours, which not every background bears.
constexpr attr_t styles[] = {A_NORMAL, A_BOLD, A_REVERSE, A_REVERSE | A_BOLD, A_BOLD};

// What is cut ends in "…", and services may have names in any script.
void want_utf8() {
  std::setlocale(LC_CTYPE, "");
  if (std::string_view(nl_langinfo(CODESET)) != "UTF-8") std::setlocale(LC_CTYPE, "C.UTF-8");
}

}  // namespace

Terminal::Terminal() {
  want_utf8();
  std::signal(SIGQUIT, SIG_IGN);  // it would end us with the terminal as it is now
  initscr();
  cbreak();
  noecho();
  nonl();
  keypad(stdscr, TRUE);
  set_escdelay(25);
  nodelay(stdscr, TRUE);
  curs_set(0);
}

Terminal::~Terminal() {
  endwin();
  std::signal(SIGQUIT, SIG_DFL);
}

std::size_t Terminal::width() const { return static_cast<std::size_t>(getmaxx(stdscr)); }
std::size_t Terminal::height() const { return static_cast<std::size_t>(getmaxy(stdscr)); }

void Terminal::draw(const std::vector<TopLine>& page) {
  werase(stdscr);
  int row = 0;
  for (const TopLine& line : page) {
    const attr_t style = styles[static_cast<std::size_t>(line.style)];
    wattrset(stdscr, static_cast<int>(style));
    mvwaddnstr(stdscr, row, 0, line.text.c_str(), static_cast<int>(line.text.size()));
    if (style & A_REVERSE) mvwchgat(stdscr, row, 0, -1, style, 0, nullptr);
    ++row;
  }
  wrefresh(stdscr);
}

std::optional<TopKey> Terminal::key() {
  const int code = wgetch(stdscr);
  if (code == ERR) return std::nullopt;
  for (const Binding& one : bindings) {
    if (one.code == code) return one.key;
  }
  return TopKey::other;
}

}  // namespace superd
