#!/usr/bin/env python3
"""What one CPU-second of the server does: turnixd on each engine beside Debian's turnserver.

Every server runs one relay thread under the same load of turnix-bench, one after the other, round by round;
the first round warms up and is dropped, the median of the others counts. CPU time is what the kernel charged
to the server's threads, and only datagrams that arrived count, so the figures hardly depend on what else the
machine does. The forwarder's are what no relay can beat on the same sockets. As root, everything runs in a
network namespace of its own, with the relay ports reserved."""

import argparse
import json
import os
import platform
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import namedtuple
from contextlib import contextmanager
from pathlib import Path

import report

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / "build/release"
LOOPBACK = "127.0.0.1"
START_SECONDS = 15
PORTS = (32768, 65535)

# A server that runs; `issue` yields a username and a password for it.
Served = namedtuple("Served", "process port issue")


def packets(run):
    return run["packets_per_cpu_second"]


def allocations(run):
    return run["allocations_per_cpu_second"]


def bytes_each(run):
    return run["server_rss_growth_bytes"] / run["allocations"]


def median_latency(run):
    return run["latency_us"]["p50"]


AT_80000 = "c2p --allocations 100 --rate 80000 --window 4096"

# What is measured, in the order of the table: the name, the options of turnix-bench, the figure. Loads with
# the same options share their runs.
LOADS = {
    "c2p 160 B, 100 allocations": ("c2p --allocations 100", packets),
    "p2c 160 B, 100 allocations": ("p2c --allocations 100", packets),
    "c2p 160 B, 1,000 allocations": ("c2p --allocations 1000", packets),
    "p2c 160 B, 1,000 allocations": ("p2c --allocations 1000", packets),
    "c2p 160 B, 5,000 allocations": ("c2p --allocations 5000 --window 512", packets),
    "p2c 160 B, 5,000 allocations": ("p2c --allocations 5000 --window 512", packets),
    "c2p 1,200 B, 1,000 allocations": ("c2p --allocations 1000 --payload 1200", packets),
    "p2c 1,200 B, 1,000 allocations": ("p2c --allocations 1000 --payload 1200", packets),
    "c2p 1,200 B in bursts of 8, GSO sender": (
        "c2p --allocations 100 --payload 1200 --burst 8 --gso", packets),
    "p2c 1,200 B in bursts of 8, GSO sender": (
        "p2c --allocations 100 --payload 1200 --burst 8 --gso", packets),
    "c2p 160 B at 80,000 a second": (AT_80000, packets),
    "c2p 160 B at 80,000 a second, median latency in µs": (AT_80000, median_latency),
    "Allocate and ChannelBind": ("alloc --allocations 2000", allocations),
    "bytes an idle allocation (RSS)": ("hold --allocations 5000", bytes_each),
}
LESS_IS_BETTER = {"bytes an idle allocation (RSS)", "c2p 160 B at 80,000 a second, median latency in µs"}


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


@contextmanager
def running(command, **options):
    process = subprocess.Popen([str(part) for part in command], **options)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=START_SECONDS)


def turnixd(kind, more=None):
    """A server: a context manager that yields what is Served.

    `kind` is an engine, with "/" and a number the microseconds of relay.coalesce_us; `more` are settings."""
    engine, _, coalesce_us = kind.partition("/")

    @contextmanager
    def serve(directory):
        made = subprocess.run([BUILD / "turnixd", "init", "--data", directory / "turnixd", "--json"],
                              check=True, capture_output=True)
        home = json.loads(made.stdout)
        settings = {
            "api.address": f"{LOOPBACK}:0",
            "status.address": None,
            "relay.listeners": [{"transport": "udp", "address": f"{LOOPBACK}:0"}],
            "relay.peers.unsafe_allow": [f"{LOOPBACK}/32"],
            "relay.ports.first": PORTS[0],
            "relay.ports.last": PORTS[1],
            "relay.workers": 1,
            "relay.engine": engine,
            "relay.coalesce_us": int(coalesce_us or 0),
            "relay.limits.allocations_per_credential_max": 65535,
            "relay.limits.unauthenticated_per_second": 65535,
            "relay.limits.unauthenticated_burst": 65535,
            "relay.limits.unauthenticated_net_per_second": 65535,
            "log.level": "warn",
            **(more or {}),
        }
        overrides = [part for key, value in settings.items()
                     for part in ("--set", f"{key}={json.dumps(value)}")]
        command = [BUILD / "turnixd", "run", "--config", home["config"], *overrides]
        with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            ready = json.loads(process.stdout.readline())
            if ready["engine"] != engine:
                raise SystemExit(f"this machine runs no {engine} engine")
            port = ready["listeners"][0]["address"].rsplit(":", 1)[1]
            yield Served(process, port, lambda: issue(ready["api"], home["token"]))
    return serve


def issue(api, token):
    request = urllib.request.Request(
        api + "/api/v1/credentials/ice", data=b'{"ttl":3600}',
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request) as response:
        turn = next(server for server in json.load(response)["iceServers"] if "username" in server)
    return turn["username"], turn["credential"]


@contextmanager
def turnserver(directory):
    port = free_port()
    command = ["turnserver", "-n", "-L", LOOPBACK, "-E", LOOPBACK, "-p", port, "-a", "-u", "bench:bench",
               "-r", "bench", "--relay-threads", "1", "--allow-loopback-peers", "--no-cli", "--no-tls",
               "--no-dtls", "--min-port", PORTS[0], "--max-port", PORTS[1],
               "--userdb", directory / "turndb", "--pidfile", directory / "turnserver.pid",
               "--log-file", "stdout"]  # it opens TCP on the same port
    with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until_listening(port)
        yield Served(process, port, lambda: ("bench", "bench"))


@contextmanager
def forwarder(directory):
    """Relays without a protocol's checks: what the kernel leaves to win on the way of the shared engine."""
    command = [BUILD / "turnix-forwarder", LOOPBACK, PORTS[0]]
    with running(command, stdout=subprocess.PIPE, text=True) as process:
        port = process.stdout.readline().strip().rsplit(":", 1)[1]
        yield Served(process, port, lambda: ("nobody", "nothing"))


def wait_until_listening(port):
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection((LOOPBACK, port)).close()
            return
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


def generator(load, served, seconds):
    """The command that puts this load on a server, with a credential of its own."""
    username, password = served.issue()
    command = [BUILD / "turnix-bench", *load.split(), "--server", f"{LOOPBACK}:{served.port}",
               "--username", username, "--password", password,
               "--pid", served.process.pid, "--seconds", seconds]
    return [str(part) for part in command]


def is_compared(name, options, figure):
    """Does the load say something of the server? The forwarder grants every request and takes joined
    datagrams for one; what lets datagrams gather does so below saturation."""
    if name == "forwarder":
        return figure is packets and "--gso" not in options
    return "/" not in name or "--rate" in options


def measure(server, load, seconds):
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as served:
        told = subprocess.run(generator(load, served, seconds), check=True, capture_output=True, text=True)
    return json.loads(told.stdout)


def enter_namespace():
    """Starts again in a network namespace where the relay ports are reserved, when that is allowed."""
    if os.geteuid() != 0 or os.environ.get("TURNIX_BENCH_NAMESPACE"):
        return
    reserve = ("ip link set lo up && "
               f"echo {PORTS[0]}-{PORTS[1]} > /proc/sys/net/ipv4/ip_local_reserved_ports && "
               "echo 10000 32767 > /proc/sys/net/ipv4/ip_local_port_range && exec \"$@\"")
    os.environ["TURNIX_BENCH_NAMESPACE"] = "1"
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", reserve, "sh", sys.executable, *sys.argv])


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4, help="runs of each server, the first dropped")
    parser.add_argument("--seconds", type=int, default=3, help="of each run")
    parser.add_argument("--engines", default="epoll,uring,shared,shared/150", help="of turnixd")
    parser.add_argument("--only", default="", help="loads whose name contains this")
    parser.add_argument("--write", action="store_true",
                        help="put what was measured into docs/, beside what stands there of other loads")
    return parser.parse_args()


def main():
    asked = parse_arguments()
    enter_namespace()
    servers = {kind: turnixd(kind) for kind in asked.engines.split(",")}
    servers["forwarder"] = forwarder
    servers["turnserver"] = turnserver
    medians, runs = {}, {}
    for load, (options, figure) in LOADS.items():
        if asked.only not in load:
            continue
        compared = {name: server for name, server in servers.items() if is_compared(name, options, figure)}
        for number in range(asked.rounds if options not in runs else 0):
            for name, server in compared.items():
                run = measure(server, options, asked.seconds)
                print(f"{load}, round {number}, {name}: {run}", flush=True)
                if number > 0 or asked.rounds == 1:
                    runs.setdefault(options, {}).setdefault(name, []).append(run)
        medians[load] = {name: statistics.median(figure(run) for run in runs[options][name])
                         for name in compared}
    for load, figures in medians.items():
        print(f"{load}: " + ", ".join(f"{name} {figure:,.0f}" for name, figure in figures.items()))
    if asked.write:
        page = report.Page(ROOT / "docs", order=LOADS, less_is_better=LESS_IS_BETTER)
        page.add(medians)
        # Without what a distribution or a host adds to it.
        kernel = platform.release().split("-")[0]
        page.write(f"kernel {kernel}, {os.cpu_count()} cores")


if __name__ == "__main__":
    sys.exit(main())
