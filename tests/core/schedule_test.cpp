// SPDX-License-Identifier: MIT
// Windows as they are written, and when they are open; days that daylight saving makes short or
// long.
#include "superd/core/schedule.hpp"

#include "tests/catch.hpp"

using namespace superd;

namespace {

enum Day : unsigned { sun, mon, tue, wed, thu, fri, sat };

LocalTime at(Day day, unsigned hour, unsigned minute = 0) { return {day, hour * 60 + minute}; }

std::string read(const std::string& text) {
  const auto window = parse_window(text);
  return window ? to_text(*window) : window.error().text;
}

Schedule hours(std::initializer_list<const char*> windows) {
  Schedule schedule;
  for (const char* text : windows) schedule.windows.push_back(*parse_window(text));
  return schedule;
}

}  // namespace

TEST_CASE("windows are read as they are written") {
  struct Row {
    const char *text, *means;
  };
  static const std::string remedy =
      "give days and times, such as Mon-Fri 08:00-18:00, Sat or 22:00-06:00";
  const Row row = GENERATE_COPY(values<Row>({
      {"Mon-Fri 08:00-18:00", "Mon-Fri 08:00-18:00"},
      {"mon-FRI 8:00-18:00", "Mon-Fri 08:00-18:00"},
      {"Monday-friday 08:00-18:00", "Mon-Fri 08:00-18:00"},
      {"Sat 22:00-02:00", "Sat 22:00-02:00"},
      {"Sat", "Sat"},
      {"Sat 00:00-24:00", "Sat"},
      {"Sat-Sun", "Sat-Sun"},
      {"Fri-Mon 10:00-11:00", "Fri-Mon 10:00-11:00"},
      {"Sun-Mon", "Sun-Mon"},
      {"Sun-Sat", "00:00-24:00"},
      {"Mon-Sun 01:00-02:00", "01:00-02:00"},
      {"Mon,Wed-Fri  9:30-12:00", "Mon,Wed-Fri 09:30-12:00"},
      {"Mon,Sun", "Sun-Mon"},
      {"22:00-06:00", "22:00-06:00"},
      {"00:00-24:00", "00:00-24:00"},
      {"24:00-02:00", "24:00 only ends a day; give 00:00 for its beginning"},
      {"08:00-08:00", "it ends when it begins; give 00:00-24:00 for the whole day"},
      {"08:00-24:01", remedy.c_str()},
      {"08:00-25:00", remedy.c_str()},
      {"08:60-10:00", remedy.c_str()},
      {"8-18", remedy.c_str()},
      {"08:00", remedy.c_str()},
      {"08:0-10:00", remedy.c_str()},
      {"Mo 08:00-10:00", remedy.c_str()},
      {"Mon-", remedy.c_str()},
      {"Mon,,Tue", remedy.c_str()},
      {"Mon 08:00-10:00 x", remedy.c_str()},
      {"Mon ", remedy.c_str()},
      {"", remedy.c_str()},
  }));
  CAPTURE(row.text);
  CHECK(read(row.text) == row.means);
}

TEST_CASE("without windows it is always open") { CHECK(is_open({}, at(sun, 3))); }

TEST_CASE("a window is open from its first minute to before its last") {
  const Schedule schedule = hours({"Mon-Fri 08:00-18:00"});
  CHECK(!is_open(schedule, at(mon, 7, 59)));
  CHECK(is_open(schedule, at(mon, 8)));
  CHECK(is_open(schedule, at(fri, 17, 59)));
  CHECK(!is_open(schedule, at(fri, 18)));
  CHECK(!is_open(schedule, at(sat, 12)));
  CHECK(!is_open(schedule, at(sun, 12)));
}

TEST_CASE("what ends before it begins goes on into the next day, of the week's last day too") {
  const Schedule saturday = hours({"Sat 22:00-02:00"});
  CHECK(!is_open(saturday, at(sat, 1)));
  CHECK(!is_open(saturday, at(sat, 21, 59)));
  CHECK(is_open(saturday, at(sat, 22)));
  CHECK(is_open(saturday, at(sun, 0)));
  CHECK(is_open(saturday, at(sun, 1, 59)));
  CHECK(!is_open(saturday, at(sun, 2)));
  CHECK(!is_open(saturday, at(sun, 22)));
  const Schedule sunday = hours({"Sun 23:00-01:00"});
  CHECK(is_open(sunday, at(mon, 0, 59)));
  CHECK(!is_open(sunday, at(sun, 0, 59)));
  const Schedule nights = hours({"22:00-06:00"});
  CHECK(is_open(nights, at(wed, 5, 59)));
  CHECK(is_open(nights, at(wed, 22)));
  CHECK(!is_open(nights, at(wed, 6)));
  const Schedule to_midnight = hours({"Fri 22:00-24:00"});
  CHECK(is_open(to_midnight, at(fri, 23, 59)));
  CHECK(!is_open(to_midnight, at(sat, 0)));
  const Schedule from_midnight = hours({"Fri 22:00-00:00"});
  CHECK(is_open(from_midnight, at(fri, 23, 59)));
  CHECK(!is_open(from_midnight, at(sat, 0)));
}

TEST_CASE("of several windows one is enough") {
  const Schedule schedule = hours({"Mon 08:00-12:00", "Mon 13:00-17:00", "Sat-Mon 23:00-01:00"});
  CHECK(is_open(schedule, at(mon, 11)));
  CHECK(!is_open(schedule, at(mon, 12)));
  CHECK(is_open(schedule, at(mon, 13)));
  CHECK(is_open(schedule, at(tue, 0, 30)));
  CHECK(!is_open(schedule, at(sat, 0, 30)));
  CHECK(to_text(schedule) == "Mon 08:00-12:00, Mon 13:00-17:00, Sat-Mon 23:00-01:00");
}

TEST_CASE("a week of minutes is open as long as its windows say") {
  struct Row {
    const char* window;
    int minutes;
  };
  const Row row = GENERATE(values<Row>({{"Mon-Fri 08:00-18:00", 5 * 600},
                                        {"22:00-06:00", 7 * 480},
                                        {"Sat 22:00-02:00", 240},
                                        {"Fri-Mon", 4 * 1440},
                                        {"Sun 23:59-24:00", 1},
                                        {"00:00-24:00", 7 * 1440},
                                        {"12:00-11:59", 7 * 1440 - 7}}));
  int open = 0;
  for (unsigned day = 0; day < 7; ++day) {
    for (unsigned minute = 0; minute < 1440; ++minute) {
      open += is_open(hours({row.window}), {day, minute}) ? 1 : 0;
    }
  }
  CAPTURE(row.window);
  CHECK(open == row.minutes);
}
