"""The wire before a node: a TUN device of this network namespace, which this process writes to and reads.

The argument is {"addresses": ["10.79.0.1", "2001:db8:79::1"]}: those of the device, to which every default
route leads. When it is up, "ok" is printed. Packets are IP packets in hexadecimal digits. Then each line is
answered by one:

  {"ask": PACKET, "wait_ms": 300}        the UDP packets that come out for its sender: the first within that
                                         time, others soon after it
  {"leaving": true}                      the UDP and TCP packets that have come out since the last command
  {"flood": [PACKET, …], "seconds": 10}  writes them, from the first again after the last, as fast as it can:
                                         how many; what comes out meanwhile is lost
"""

import fcntl
import itertools
import json
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
DEVICE = "wire0"
PACKET_BYTES_MAX = 65536
WRITES_BETWEEN_CLOCKS = 256
SOON_S = 0.05
NICENESS_MAX = 19
TCP = 6
UDP = 17


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def open_device(addresses):
    device = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH", DEVICE.encode(), IFF_TUN | IFF_NO_PI))
    ip("link", "set", "lo", "up")
    ip("link", "set", DEVICE, "up")
    for address in addresses:
        family = "-4" if "." in address else "-6"
        ip(family, "address", "add", address, "dev", DEVICE, *(["nodad"] if family == "-6" else []))
        ip(family, "route", "add", "default", "dev", DEVICE)
    return device


def ends_of(packet):
    """Source, destination and protocol."""
    if packet[0] >> 4 == 4:
        return packet[12:16], packet[16:20], packet[9]
    return packet[8:24], packet[24:40], packet[6]


def read_all(device):
    try:
        while True:
            yield os.read(device, PACKET_BYTES_MAX)
    except BlockingIOError:
        pass


def ask(device, packet, wait_ms):
    for _ in read_all(device):
        pass
    os.write(device, packet)
    sender = ends_of(packet)[0]
    answers = []
    end = time.monotonic() + wait_ms / 1000
    while (left := end - time.monotonic()) > 0:
        select.select([device], [], [], left)
        came = [each for each in read_all(device) if ends_of(each)[1:] == (sender, UDP)]
        if came and not answers:
            end = time.monotonic() + SOON_S
        answers += came
    return [each.hex() for each in answers]


def flood(device, packets, seconds):
    os.nice(NICENESS_MAX)  # who floods is elsewhere, and takes none of the node's time
    written = 0
    end = time.monotonic() + seconds
    every = itertools.cycle(packets)
    while time.monotonic() < end:
        for packet in itertools.islice(every, WRITES_BETWEEN_CLOCKS):
            os.write(device, packet)
        written += WRITES_BETWEEN_CLOCKS
    return written


def main():
    device = open_device(**json.loads(sys.argv[1]))
    print(json.dumps("ok"), flush=True)
    for line in sys.stdin:
        command = json.loads(line)
        if "leaving" in command:
            answer = [each.hex() for each in read_all(device) if ends_of(each)[2] in (TCP, UDP)]
        elif "ask" in command:
            answer = ask(device, bytes.fromhex(command["ask"]), command["wait_ms"])
        else:
            answer = flood(device, [bytes.fromhex(each) for each in command["flood"]], command["seconds"])
        print(json.dumps(answer), flush=True)


main()
