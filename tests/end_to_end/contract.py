# SPDX-License-Identifier: MIT
"""What the program `contract` saw when superd started it."""

from collections import defaultdict

from clients import ask


class Contract:
    def __init__(self, text):
        self.values = defaultdict(list)
        for line in text.decode().splitlines():
            name, _, value = line.partition("\t")
            self.values[name].append(value)

    def __getitem__(self, name):
        (value,) = self.values[name]
        return value

    @property
    def environment(self):
        return dict(line.split("=", 1) for line in self.values["environment"])

    @property
    def descriptors(self):
        """{0: ["blocking", "socket:[4711]"], …}"""
        lines = (line.split(" ", 2) for line in self.values["fd"])
        return {int(number): [mode, target] for number, mode, target in lines}

    @property
    def groups(self):
        return sorted(int(group) for group in self["Groups"].split())


def contract_of(superd, program, keys=None, **options):
    """Starts superd with a service that shows its contract, and asks it once."""
    daemon = superd({"contract": {"run": program("contract"), **(keys or {})}}, **options)
    return Contract(ask(daemon.port("contract")))
