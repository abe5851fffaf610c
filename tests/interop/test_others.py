# SPDX-License-Identifier: MIT
"""Mail up to a mailbox, a screen up to its first bytes, a compilation, and finger."""

import os
import re
import smtplib
import struct
from email.message import EmailMessage
from pathlib import Path

import pytest

from clients import connect
from machine import UID, own
from patience import DEADLINE, wait_until

EXIM = """
primary_hostname = mail.example.org
domainlist local_domains = example.org
spool_directory = {room}/spool
log_file_path = {room}/spool/%slog
acl_smtp_rcpt = rcpt
acl_smtp_data = data
keep_environment =
begin acl
rcpt:
  accept domains = +local_domains
         verify = recipient
  deny message = relaying is not for you
data:
  accept
begin routers
local:
  driver = accept
  check_local_user
  transport = mailbox
begin transports
mailbox:
  driver = appendfile
  file = {room}/mail/$local_part_data
  group = nogroup
  delivery_date_add
"""


@pytest.fixture
def mail(serve, room, machine):
    """exim reads /etc/exim4/exim4.conf; its spool and its mailboxes are in the room."""
    for name, owner in (("spool", "Debian-exim"), ("mail", UID), ("exim4", "root")):
        (room / name).mkdir()
        own(room / name, owner)
    (room / "exim4" / "exim4.conf").write_text(EXIM.format(room=room))
    machine.lay_over("/etc/exim4", room / "exim4")
    return serve("smtp")


def test_mail_is_delivered(mail, room):
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.net", "visitor@example.org", "Hi"
    message.set_content("One line.\n.A line with a dot.\nFrom the start of a line.\n")
    with smtplib.SMTP("127.0.0.1", mail.port("smtp"), timeout=DEADLINE) as client:
        client.send_message(message)
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="relaying is not for you"):
            client.sendmail("a@example.net", ["b@example.com"], b"no")
    box = room / "mail" / "visitor"
    wait_until(lambda: box.exists() and box.read_text().endswith("\n\n"), lambda: tail(room))
    text = box.read_text()
    assert text.startswith("From a@example.net ")
    assert "\nOne line.\n.A line with a dot.\n>From the start of a line.\n" in text
    assert re.search(r"^Received: from \[127\.0\.0\.1\]$", text, re.M), text


def tail(room):
    return "\n".join(log.read_text() for log in (room / "spool").glob("*log"))


def receive(connection, count):
    data = b""
    while len(data) < count:
        more = connection.recv(count - len(data))
        assert more, f"the connection ended after {data!r}"
        data += more
    return data


def greet(connection):
    """RFC 6143, 7.1 and 7.3: version, no security, a shared screen; its width, height and name."""
    version = receive(connection, 12)
    assert version.startswith(b"RFB 003.00")
    connection.sendall(b"RFB 003.008\n")
    kinds = receive(connection, receive(connection, 1)[0])
    assert 1 in kinds
    connection.sendall(b"\x01")
    assert receive(connection, 4) == b"\0\0\0\0"
    connection.sendall(b"\x01")
    width, height, _, length = struct.unpack(">HH16sI", receive(connection, 24))
    return width, height, receive(connection, length)


@pytest.fixture
def displays(room, machine):
    """X's sockets are in one place for the whole machine: Xvnc finds another there."""
    place = Path("/tmp/.X11-unix")
    was_there = place.exists()
    place.mkdir(mode=0o1777, exist_ok=True)
    (room / "displays").mkdir()
    (room / "displays").chmod(0o1777)
    machine.lay_over(str(place), room / "displays")
    yield
    if not was_there:
        place.rmdir()


def test_vnc_gives_each_viewer_a_screen(serve, displays):
    port = serve("vnc").port("vnc")
    with connect(port) as one:
        assert greet(one)[:2] == (1280, 800)
        with connect(port) as other:
            assert greet(other)[:2] == (1280, 800)
        one.sendall(struct.pack(">BBHHHH", 3, 0, 0, 0, 16, 16))  # FramebufferUpdateRequest
        kind, rectangles = struct.unpack(">BxH", receive(one, 4))
        assert kind == 0 and rectangles > 0


def test_distcc_compiles(serve, room, run):
    daemon = serve("distcc")
    (room / "x.c").write_text('#include <stdio.h>\nint main(void) { return puts("far") < 0; }\n')
    settings = {
        "DISTCC_HOSTS": f"127.0.0.1:{daemon.port('distcc')}",
        "DISTCC_DIR": str(room),
        "DISTCC_FALLBACK": "0",
    }
    run("distcc", "gcc", "-c", "x.c", "-o", "x.o", **settings)
    assert daemon.log.event("distcc", "ended")["exit"] == "0"
    run("gcc", "x.o", "-o", "x")
    assert run(room / "x") == "far\n"
    (room / "x.c").write_text("this is no C\n")
    assert "error: unknown type name" in run("distcc", "gcc", "-c", "x.c", fails=True, **settings)


def test_finger_tells_of_a_user(serve, run):
    """The client knows one port only, so the test has an address of its own in 127.0.0.0/8."""
    number = os.getpid()
    address = f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255 | 1}"
    serve("finger", address=f"{address}:79")
    said = run("finger", f"visitor@{address}")
    assert "Login: visitor" in said and "Name: Vera Visitor" in said
    assert "supply a username" in run("finger", f"@{address}")
