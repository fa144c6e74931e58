"""Reports when an address is added to the firewall: `firewall-events.py nft`, or `firewall-events.py ipset SET`. Runs inside the network namespace.

nft: the kernel sends events when a transaction is committed (netlink multicast group NFNLGRP_NFTABLES); this program receives them.
ipset: the kernel sends no events for sets, so this program looks up one address every half millisecond.

Standard input has one order a line. Each answer is one line. Times are nanoseconds of CLOCK_MONOTONIC:
  want ADDRESS  ->  seen ADDRESS TIME
  count N       ->  counted N TIME   when N different addresses have been added since `reset`; TIME is the time of the last addition
  reset         ->  reset N          sets the count to zero; N is the old count
Prints `ready` first, and `lost` when the kernel has dropped events.
"""
import os
import select
import socket
import struct
import subprocess
import sys
import time

NETLINK_NETFILTER, SOL_NETLINK, ADD_MEMBERSHIP, SO_RCVBUFFORCE = 12, 270, 1, 33
GROUP_NFTABLES = 7
NEW_ELEMENTS = (10 << 8) | 12  # NFNL_SUBSYS_NFTABLES, NFT_MSG_NEWSETELEM
IPSET_TEST = (6 << 8) | 11  # NFNL_SUBSYS_IPSET, IPSET_CMD_TEST
NESTED = 1 << 15


def say(*words):
    print(*words, flush=True)


def attributes(data):
    place = 0
    while place + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, place)
        if length < 4:
            return
        yield kind & 0x3FFF, data[place + 4 : place + length]
        place += (length + 3) & ~3


def nested(data, kind):
    return next((inner for name, inner in attributes(data) if name == kind), b"")


class Nft:
    """Keeps the addresses in nftables, each with the time at which the kernel reported it."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 256 << 20)
        self.socket.bind((0, 0))
        self.socket.setsockopt(SOL_NETLINK, ADD_MEMBERSHIP, GROUP_NFTABLES)
        self.came = {}
        self.last = 0

    def reset(self):
        self.came.clear()

    def read(self):
        try:
            data = self.socket.recv(1 << 20)
        except OSError:
            say("lost")
            return
        now = time.monotonic_ns()
        place = 0
        while place + 16 <= len(data):
            length, kind = struct.unpack_from("=IH", data, place)
            if length < 16:
                return
            if kind == NEW_ELEMENTS:
                self.take(data[place + 20 : place + length], now)
            place += (length + 3) & ~3

    def take(self, message, now):
        for _, element in attributes(nested(message, 3)):  # NFTA_SET_ELEM_LIST_ELEMENTS
            flags = nested(element, 3)  # NFTA_SET_ELEM_FLAGS; 1: the end of an interval
            if flags and struct.unpack("!I", flags)[0] & 1:
                continue
            address = nested(nested(element, 1), 1)  # NFTA_SET_ELEM_KEY, NFTA_DATA_VALUE
            if len(address) == 4 and address not in self.came:
                self.came[address] = now
                self.last = now


class Ipset:
    """Looks up addresses in a set of ipset."""

    def __init__(self, name):
        self.name = name
        self.base = 0
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        self.socket.bind((0, 0))

    def holds(self, address):
        def attribute(kind, value):
            return struct.pack("=HH", len(value) + 4, kind) + value + b"\0" * (-len(value) % 4)

        entry = attribute(7 | NESTED, attribute(1 | NESTED, attribute(1 | 0x4000, address)))
        body = struct.pack("=BBH", socket.AF_INET, 0, 0) + attribute(1, b"\x06") + attribute(2, self.name.encode() + b"\0") + entry
        self.socket.send(struct.pack("=IHHII", 16 + len(body), IPSET_TEST, 5, 1, 0) + body)
        return struct.unpack_from("=i", self.socket.recv(65536), 16)[0] == 0

    def size(self):
        text = subprocess.run(["ipset", "list", "-t", self.name], capture_output=True, text=True, check=False).stdout
        return next((int(line.split(":")[1]) for line in text.splitlines() if line.startswith("Number of entries")), 0)


def orders():
    """Yields the lines of each read from standard input."""
    rest = b""
    while True:
        chunk = os.read(0, 65536)
        if not chunk:
            sys.exit(0)
        *lines, rest = (rest + chunk).split(b"\n")
        yield [line.decode().split() for line in lines]


def main():
    kind, *names = sys.argv[1:]
    watched = Nft() if kind == "nft" else Ipset(*names)
    is_nft = kind == "nft"
    incoming = orders()
    wanted, number = None, None
    say("ready")
    while True:
        waiting = wanted or number
        files = [0, watched.socket] if is_nft else [0]
        pause = None if is_nft or not waiting else 0.0005 if wanted else 0.02
        readable = select.select(files, [], [], pause)[0]
        if is_nft and watched.socket in readable:
            watched.read()
        for order, *rest in next(incoming) if 0 in readable else []:
            if order == "want":
                wanted = rest[0]
            elif order == "count":
                number = int(rest[0])
            elif is_nft:
                say("reset", len(watched.came))
                watched.reset()
            else:
                watched.base = watched.size()
                say("reset", watched.base)
        if wanted:
            address = socket.inet_aton(wanted)
            came = watched.came.get(address) if is_nft else time.monotonic_ns() if watched.holds(address) else None
            if came:
                say("seen", wanted, came)
                wanted = None
        if number:
            count = len(watched.came) if is_nft else watched.size() - watched.base
            if count >= number:
                say("counted", count, watched.last if is_nft else time.monotonic_ns())
                number = None


main()
