#!/usr/bin/env python3
"""A hundred thousand idle allocations on the shared engine: memory, time, and what they cost the others.

As root, in a network namespace of its own: the clients come from several loopback addresses, and the relay
has several to relay from, since one has no more than 65,535 ports. The sockets of all these clients slow the
kernel down, so that what the allocations cost shows beside a second server, which has none of them."""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import compare

RELAY_ADDRESSES = [f"127.0.1.{number}" for number in range(1, 5)]
EMPTY_ADDRESSES = ["127.0.4.1"]
CROWDS = 8  # generators: a process has no more than 20,000 descriptors on some machines
HOLD_SECONDS = 590  # shorter than an allocation's lifetime
BUSY = "c2p --allocations 1000"
# Without an address of its own a socket wants a port that is free on all of them.
BUSY_ADDRESS = "127.0.3.1"


def settings(addresses, allocations):
    return {
        "relay.addresses": [{"local": address} for address in addresses],
        "relay.limits.sessions_max": allocations + 2_000,
    }


def run_busy(served, seconds):
    command = compare.generator(f"{BUSY} --from {BUSY_ADDRESS}", served, seconds)
    told = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(told.stdout)["packets_per_cpu_second"]


def hold(stack, served, number, allocations):
    """Starts a crowd and waits until its allocations stand; what turnix-bench tells of them."""
    load = f"hold --allocations {allocations} --from 127.0.2.{number + 1}"
    command = compare.generator(load, served, HOLD_SECONDS)
    crowd = stack.enter_context(compare.running(command, stdout=subprocess.PIPE, text=True))
    return json.loads(crowd.stdout.readline())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--allocations", type=int, default=100_000)
    parser.add_argument("--engine", default="shared")
    parser.add_argument("--seconds", type=int, default=3, help="of each run of the busy clients")
    parser.add_argument("--rounds", type=int, default=4, help="of these runs, the first dropped")
    asked = parser.parse_args()
    if os.geteuid() != 0:
        raise SystemExit("needs root, for a network namespace and for the shared engine")
    compare.enter_namespace()
    with ExitStack() as stack:
        full = started(stack, asked, RELAY_ADDRESSES)
        empty = started(stack, asked, EMPTY_ADDRESSES)
        run_busy(full, asked.seconds)  # what the first datagrams touch is not the allocations'
        descriptors = Path(f"/proc/{full.process.pid}/fd")
        open_before = len(list(descriptors.iterdir()))
        crowds = []
        for number in range(CROWDS):
            crowds.append(hold(stack, full, number, asked.allocations // CROWDS))
            print(crowds[-1], flush=True)
        opened = len(list(descriptors.iterdir())) - open_before
        runs = {"none": [], "all": []}
        for _ in range(asked.rounds):
            runs["none"].append(run_busy(empty, asked.seconds))
            runs["all"].append(run_busy(full, asked.seconds))
        report(crowds, opened, {name: statistics.median(figures[1:]) for name, figures in runs.items()})


def started(stack, asked, addresses):
    directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    server = compare.turnixd(asked.engine, settings(addresses, asked.allocations))
    return stack.enter_context(server(directory))


def report(crowds, opened, busy):
    def total(member):
        return sum(crowd[member] for crowd in crowds)

    held, spent = total("allocations"), total("server_cpu_seconds")
    print(f"{held:,} allocations: {total('server_rss_growth_bytes') / held:,.0f} bytes each (RSS), "
          f"{opened} descriptors in all, set up in {spent:.1f} CPU-seconds ({held / spent:,.0f} a second)")
    print(f"{BUSY}: {busy['all']:,.0f} datagrams a CPU-second beside them, "
          f"{busy['none']:,.0f} on a server without them")


if __name__ == "__main__":
    sys.exit(main())
