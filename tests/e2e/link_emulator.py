"""Joins network namespaces by links with loss, reordering, duplicates, delay, jitter, a rate and an MTU.

The kernel's own emulator (tc netem) is not everywhere. Here each namespace, this process's included, has
one TUN device whose packets this process reads, holds back for as long as the link asks for, and writes into
the device of the one that they are for. Needs CAP_NET_ADMIN and CAP_SYS_ADMIN, and a network namespace to
begin in that is not the machine's.

The argument is {"mtu": 1280, "places": {"here": ["10.77.0.1"], "north": ["10.77.1.1"]}}; the first place is
this namespace. When all is up, {"north": PID, …} is printed: /proc/PID/ns/net is the namespace. Then each
line {"between": ["north", "*"], "delay_ms": 40} or {"from": …, "to": …} changes links, and ok answers it:

  loss, duplicates, reorder   shares from 0 to 1; what is reordered is not held back
  delay_ms, jitter_ms         each packet's delay is delay_ms to delay_ms + jitter_ms
  rate_kbps                   0: no limit; what would wait for more than half a second is lost
  counted_bytes_min           packets of fewer bytes are not counted

{"counts": ["north", "here"]} is answered by {"taken": 10, "delivered": 9}: UDP packets that entered the link,
and those, copies included, that came out of it.
"""

import fcntl
import heapq
import ipaddress
import itertools
import json
import os
import random
import selectors
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
QUEUE_SECONDS_MAX = 0.5
PACKET_BYTES_MAX = 65536
UDP = 17


class Link:
    def __init__(self):
        self.loss = self.duplicates = self.reorder = 0
        self.delay_ms = self.jitter_ms = self.rate_kbps = 0
        self.counted_bytes_min = 0
        self.taken = self.delivered = 0
        self.free_at = 0.0

    def arrivals(self, now, size):
        """When a packet that leaves now arrives: never, once or twice."""
        if random.random() < self.loss:
            return []
        leaves = now
        if self.rate_kbps:
            leaves = max(now, self.free_at)
            if leaves - now > QUEUE_SECONDS_MAX:
                return []
            self.free_at = leaves = leaves + size * 8 / (self.rate_kbps * 1000)
        copies = 2 if random.random() < self.duplicates else 1
        return [leaves + self.delay() / 1000 for _ in range(copies)]

    def counts(self, packet):
        protocol = packet[9] if packet[0] >> 4 == 4 else packet[6]
        return protocol == UDP and len(packet) >= self.counted_bytes_min

    def delay(self):
        if random.random() < self.reorder:
            return 0
        return self.delay_ms + random.random() * self.jitter_ms


def run(*command):
    subprocess.run(command, check=True)


class Place:
    """A namespace and its device."""

    def __init__(self, number, addresses, mtu, is_here):
        self.device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
        name = f"link{number}"
        fcntl.ioctl(self.device, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
        self.holder = None
        inside = []
        if not is_here:
            self.holder = subprocess.Popen(["unshare", "--net", "sleep", "infinity"])
            own = os.stat("/proc/self/ns/net").st_ino
            while os.stat(f"/proc/{self.holder.pid}/ns/net").st_ino == own:
                time.sleep(0.01)
            run("ip", "link", "set", name, "netns", str(self.holder.pid))
            inside = ["nsenter", f"--net=/proc/{self.holder.pid}/ns/net"]
        run(*inside, "ip", "link", "set", "lo", "up")
        run(*inside, "ip", "link", "set", name, "mtu", str(mtu), "up")
        for address in addresses:
            family = "-4" if "." in address else "-6"
            run(*inside, "ip", family, "address", "add", address, "dev", name)
            run(*inside, "ip", family, "route", "replace", "default", "dev", name)


def destination_of(packet):
    version = packet[0] >> 4
    return bytes(packet[16:20]) if version == 4 else bytes(packet[24:40])


class Emulator:
    def __init__(self, mtu, places):
        self.places = {
            name: Place(number, addresses, mtu, number == 0)
            for number, (name, addresses) in enumerate(places.items())
        }
        self.place_at = {
            ipaddress.ip_address(address).packed: name
            for name, addresses in places.items()
            for address in addresses
        }
        self.links = {pair: Link() for pair in itertools.permutations(places, 2)}
        self.order = itertools.count()
        self.on_the_way = []

    def change(self, change):
        ends = change.pop("between", None)
        directions = [ends, ends[::-1]] if ends else [[change.pop("from"), change.pop("to")]]
        for (source, target), link in self.links.items():
            if any(one in ("*", source) and other in ("*", target) for one, other in directions):
                for key, value in change.items():
                    if not hasattr(link, key):
                        raise KeyError(key)
                    setattr(link, key, value)

    def answer(self, command):
        if "counts" in command:
            link = self.links[tuple(command["counts"])]
            return json.dumps({"taken": link.taken, "delivered": link.delivered})
        self.change(command)
        return "ok"

    def take(self, source, packet, now):
        target = self.place_at.get(destination_of(packet))
        if target is None or target == source:
            return
        link = self.links[source, target]
        link.taken += link.counts(packet)
        for at in link.arrivals(now, len(packet)):
            heapq.heappush(self.on_the_way, (at, next(self.order), target, link, packet))

    def hand_over(self, now):
        while self.on_the_way and self.on_the_way[0][0] <= now:
            _, _, target, link, packet = heapq.heappop(self.on_the_way)
            try:
                os.write(self.places[target].device, packet)
                link.delivered += link.counts(packet)
            except OSError:
                pass  # its queue is full: lost, as on a real link

    def read_all(self, source):
        try:
            while True:
                self.take(source, os.read(self.places[source].device, PACKET_BYTES_MAX), time.monotonic())
        except BlockingIOError:
            pass

    def serve(self):
        """Until the standard input ends."""
        selector = selectors.DefaultSelector()
        selector.register(sys.stdin, selectors.EVENT_READ)
        for name, place in self.places.items():
            selector.register(place.device, selectors.EVENT_READ, name)
        while True:
            wait = self.on_the_way[0][0] - time.monotonic() if self.on_the_way else None
            for key, _ in selector.select(None if wait is None else max(0.0, wait)):
                if key.data:
                    self.read_all(key.data)
                    continue
                line = sys.stdin.readline()
                if not line:
                    return
                print(self.answer(json.loads(line)), flush=True)
            self.hand_over(time.monotonic())

    def close(self):
        for place in self.places.values():
            if place.holder:
                place.holder.kill()
                place.holder.wait()


def main():
    emulator = Emulator(**json.loads(sys.argv[1]))
    try:
        holders = {name: place.holder for name, place in emulator.places.items() if place.holder}
        print(json.dumps({name: holder.pid for name, holder in holders.items()}), flush=True)
        emulator.serve()
    finally:
        emulator.close()


main()
