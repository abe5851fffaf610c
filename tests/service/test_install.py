# SPDX-License-Identifier: MIT
"""'cmake --install': everything where Debian would have it, and an administrator's table left alone.
Needs no root."""

import os
import re
import subprocess

import pytest

from conftest import install

PROGRAMS = {
    "usr/sbin/superd", "usr/bin/superctl", "etc/init.d/superd", "usr/lib/superd/end-leftovers",
    "usr/lib/superd/services/hello/hello", "usr/lib/superd/services/upper/upper",
    "usr/lib/superd/services/quote/quote", "usr/lib/superd/services/whoami/whoami",
    "usr/lib/superd/services/http-hello/http-hello", "usr/lib/superd/services/metrics/metrics"}
TEXTS = {
    "etc/superd/superd.yaml", "usr/lib/systemd/system/superd.service",
    "usr/share/man/man8/superd.8", "usr/share/man/man8/superctl.8",
    "usr/share/man/man5/superd.yaml.5", "usr/share/doc/superd/LICENSE",
    "usr/share/doc/superd/README.md", "usr/share/doc/superd/HANDLERS.md",
    "usr/share/doc/superd/CONTROL.md", "usr/share/doc/superd/NEWS.md",
    "usr/share/doc/superd/examples/superd.yaml"}


def files_below(folder):
  return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_each_file_is_where_debian_would_have_it(tmp_path):
  install(tmp_path)
  found = files_below(tmp_path)
  assert PROGRAMS | TEXTS <= found
  assert {path.split("/")[0] for path in found} == {"etc", "usr"}
  assert (tmp_path / "etc/superd/superd.d").is_dir()
  for path in PROGRAMS:
    assert os.stat(tmp_path / path).st_mode & 0o777 == 0o755, path
  for name in ("superd-lookup", "superd-rpc"):
    assert os.stat(tmp_path / "usr/lib/superd" / name).st_mode & 0o777 == 0o711
  for path in TEXTS:
    assert os.stat(tmp_path / path).st_mode & 0o777 == 0o644, path


@pytest.mark.parametrize("prefix, etc", [("/usr", "/etc"), ("/opt/superd", "/opt/superd/etc")])
def test_files_name_the_places_of_their_prefix(tmp_path, prefix, etc):
  install(tmp_path, prefix)
  unit = (tmp_path / f".{prefix}/lib/systemd/system/superd.service").read_text()
  script = (tmp_path / f".{etc}/init.d/superd").read_text()
  table = (tmp_path / f".{etc}/superd/superd.yaml").read_text()
  assert f"ExecStart={prefix}/sbin/superd" in unit
  assert f"ExecReload={prefix}/bin/superctl reload" in unit
  assert f"ExecStopPost={prefix}/lib/superd/end-leftovers" in unit
  assert f"DAEMON={prefix}/sbin/superd\n" in script
  assert f"services_dir: {prefix}/lib/superd/services " in table
  named = f"--config {etc}/superd/superd.yaml"
  assert (named in unit) == (named in script) == (prefix != "/usr")
  assert not re.findall(r"@\w+@", unit + script + table)


def test_an_edited_table_stays_and_all_else_is_replaced(tmp_path):
  install(tmp_path)
  table, unit = tmp_path / "etc/superd/superd.yaml", tmp_path / "usr/lib/systemd/system/superd.service"
  own, delivered = tmp_path / "etc/superd/superd.d/own.yaml", table.read_text()
  table.write_text("services: {}\n")
  own.write_text("services: {}\n")
  unit.write_text("")
  assert f"Left as it is: {table}" in install(tmp_path)
  assert table.read_text() == own.read_text() == "services: {}\n"
  assert unit.read_text()
  assert (tmp_path / "usr/share/doc/superd/examples/superd.yaml").read_text() == delivered


def test_the_scripts_are_shell(tmp_path):
  install(tmp_path)
  for script in ("etc/init.d/superd", "usr/lib/superd/end-leftovers"):
    subprocess.run(["sh", "-n", tmp_path / script], check=True, timeout=20)


def test_leftovers_are_ended_only_for_a_service_that_was_stopped(tmp_path):
  """Started by hand, in whatever group this is, it ends nothing."""
  install(tmp_path)
  for result in ("success", "signal", ""):
    subprocess.run([tmp_path / "usr/lib/superd/end-leftovers"], check=True, timeout=20,
                   env={"PATH": os.environ["PATH"], "SERVICE_RESULT": result})
