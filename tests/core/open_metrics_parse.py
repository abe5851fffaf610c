#!/usr/bin/python3
# SPDX-License-Identifier: MIT
# Reads superd's OpenMetrics with a parser that isn't ours, and holds it to what that one lets pass.
#   open_metrics_parse.py SAMPLES     the program of open_metrics_samples.cpp

import re
import subprocess
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

ODD = {"a_b-c.d+e@f", 'say "hi"', "back\\slash", "\\", "two\nlines", "\r\t", "} 1 # EOF",
       'a,b="c"', "Grüße", "cut \N{REPLACEMENT CHARACTER}", "\N{REPLACEMENT CHARACTER}" * 2, ""}

NAME = r"superd_[a-z][a-z0-9_]*"
VALUE = r'"(?:[^"\\\n]|\\[\\n"])*"'
LABELS = rf"\{{[a-z_]+={VALUE}(?:,[a-z_]+={VALUE})*\}}"
SAMPLE = re.compile(rf"({NAME})(?:{LABELS})? [0-9]+(?:\.[0-9]+)?")
CANONICAL = re.compile(r"\+Inf|[0-9]+\.[0-9]+|[1-9](?:\.[0-9]+)?e[+-][0-9]{2}")
SUFFIXES = {"counter": {"_total"}, "gauge": {""}, "info": {"_info"},
            "histogram": {"_bucket", "_sum", "_count"}}


def families(samples, situation):
  text = subprocess.run([samples, situation], capture_output=True, check=True,
                        timeout=60).stdout.decode()
  lines_are_well_formed(text)
  return {family.name: family for family in text_string_to_metric_families(text)}


def lines_are_well_formed(text):
  """The grammar of the specification, each family begun by TYPE, UNIT (if any) and HELP."""
  *lines, end, nothing = text.split("\n")
  assert (end, nothing) == ("# EOF", "")
  seen, family, kind, told = set(), None, None, []
  for line in lines:
    if line.startswith("# "):
      _, what, name, words = line.split(" ", 3)
      if what == "TYPE":
        assert name not in seen, f"{name} comes twice"
        assert family is None or told[-1] == "HELP", f"{family} has no HELP"
        seen.add(name)
        family, kind, told = name, words, []
      assert name == family and words, line
      told.append(what)
      assert told == ["TYPE", "UNIT", "HELP"][: len(told)] or told == ["TYPE", "HELP"], line
      assert what != "UNIT" or name.endswith("_" + words), line
    else:
      sample = SAMPLE.fullmatch(line)
      assert sample and told[-1] == "HELP", line
      assert sample[1].removeprefix(family) in SUFFIXES[kind], line


def services_of(family):
  return {sample.labels["service"] for sample in family.samples}


def value(family, suffix="", **labels):
  found = [s.value for s in family.samples
           if s.name == family.name + suffix and labels.items() <= s.labels.items()]
  assert len(found) == 1, (family.name, suffix, labels, found)
  return found[0]


def nothing_happened(samples):
  all_of = families(samples, "nothing")
  assert value(all_of["superd_build"], "_info", version="0.0.0") == 1
  assert value(all_of["superd_uptime_seconds"]) == 90061.001
  assert value(all_of["superd_launch_latency_seconds"], "_count") == 0
  assert all_of["superd_starts"].samples == []
  for family in all_of.values():
    assert family.documentation.endswith("."), family.name


def names_are_odd(samples):
  all_of = families(samples, "odd")
  for name in ("starts", "launch_failures", "ends", "stops", "refusals", "running",
               "last_used_timestamp_seconds", "run_duration_seconds"):
    assert services_of(all_of["superd_" + name]) == ODD, name
  for service in ODD:
    assert value(all_of["superd_running"], service=service) == 1
    assert value(all_of["superd_refusals"], "_total", service=service, reason="rate") == 1
    assert value(all_of["superd_run_duration_seconds"], "_sum", service=service) == 61.246
  for sample in all_of["superd_launch_latency_seconds"].samples:
    assert CANONICAL.fullmatch(sample.labels.get("le", "+Inf")), sample


def services_are_many(samples):
  all_of = families(samples, "1000")
  assert services_of(all_of["superd_ends"]) == {f"service{i}" for i in range(1, 1001)}


for check in (nothing_happened, names_are_odd, services_are_many):
  check(sys.argv[1])
