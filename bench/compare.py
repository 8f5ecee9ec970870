#!/usr/bin/env python3
"""Relayed packets per second of the server's own CPU time: turnixd beside Debian's turnserver.

Both serve the same turnutils_uclient load on loopback with one relay thread, alternating; the first round
warms up and is dropped. CPU time is what the kernel charged to the server's threads
(/proc/PID/task/*/schedstat), and only packets that came back count, so the figure hardly depends on what else
the machine does. The load is moderate: this shows what a packet costs, wake-ups included, not the highest
rate."""

import argparse
import json
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TURNIXD = ROOT / "build/release/turnixd"
LOOPBACK = "127.0.0.1"
START_SECONDS = 15


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


@contextmanager
def turnixd(directory):
    """Yields (process, port, username, password)."""
    made = subprocess.run([TURNIXD, "init", "--data", directory / "turnixd", "--json"],
                          check=True, capture_output=True)
    home = json.loads(made.stdout)
    settings = {
        "api.address": f"{LOOPBACK}:0",
        "relay.listeners": [{"transport": "udp", "address": f"{LOOPBACK}:0"}],
        "relay.peers.unsafe_allow": [f"{LOOPBACK}/32"],
        "relay.workers": 1,
        "log.level": "warn",
    }
    overrides = [part for key, value in settings.items() for part in ("--set", f"{key}={json.dumps(value)}")]
    command = [TURNIXD, "run", "--config", home["config"], *overrides]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        ready = json.loads(process.stdout.readline())
        request = urllib.request.Request(
            ready["api"] + "/api/v1/credentials/ice", data=b'{"ttl":3600}',
            headers={"Authorization": f"Bearer {home['token']}", "Content-Type": "application/json"})
        with urllib.request.urlopen(request) as response:
            turn = next(server for server in json.load(response)["iceServers"] if "username" in server)
        port = ready["listeners"][0]["address"].rsplit(":", 1)[1]
        yield process, port, turn["username"], turn["credential"]


@contextmanager
def turnserver(directory):
    """Yields (process, port, username, password)."""
    port = free_port()
    command = ["turnserver", "-n", "-L", LOOPBACK, "-E", LOOPBACK, "-p", port, "-a", "-u", "bench:bench",
               "-r", "bench", "--relay-threads", "1", "--allow-loopback-peers", "--no-cli", "--no-tls",
               "--no-dtls", "--userdb", directory / "turndb", "--pidfile", directory / "turnserver.pid",
               "--log-file", "stdout"]  # it opens TCP on the same port
    with running(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        wait_until_listening(port)
        yield process, port, "bench", "bench"


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


def cpu_seconds(process):
    stats = Path(f"/proc/{process.pid}/task").glob("*/schedstat")
    return sum(int(stat.read_text().split()[0]) for stat in stats) / 1e9


def measure(server, peer_port, load):
    """One run: {relayed, lost, per_cpu_second}. Each message that came back was relayed twice."""
    with tempfile.TemporaryDirectory() as name, server(Path(name)) as (process, port, username, password):
        before = cpu_seconds(process)
        client = subprocess.run(
            ["turnutils_uclient", "-c", "-u", username, "-w", password, "-p", str(port), "-e", LOOPBACK,
             "-r", str(peer_port), "-m", str(load.clients), "-n", str(load.messages), "-l", str(load.bytes),
             "-z", str(load.interval_ms), LOOPBACK], capture_output=True, text=True, check=True)
        spent = cpu_seconds(process) - before
    totals = re.search(r"start_mclient: tot_send_msgs=(\d+), tot_recv_msgs=(\d+)", client.stdout)
    sent, received = map(int, totals.groups())
    return {"relayed": 2 * received, "lost": sent - received, "per_cpu_second": 2 * received / spent}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=4, help="runs of each server, the first dropped")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--messages", type=int, default=1000, help="of each client")
    parser.add_argument("--bytes", type=int, default=160)
    parser.add_argument("--interval-ms", type=int, default=5, help="between two messages of one client")
    return parser.parse_args()


def main():
    load = parse_arguments()
    servers = {"turnixd": turnixd, "turnserver": turnserver}
    runs = {name: [] for name in servers}
    peer_port = free_port()
    with running(["turnutils_peer", "-p", peer_port, "-L", LOOPBACK], stdout=subprocess.DEVNULL):
        for number in range(load.rounds):
            for name, server in servers.items():
                run = measure(server, peer_port, load)
                print(f"round {number} {name:10}  {run['per_cpu_second']:>9,.0f} packets/CPU-s"
                      f"  {run['relayed']:>9,} relayed  {run['lost']} lost", flush=True)
                if number > 0:
                    runs[name].append(run["per_cpu_second"])
    medians = {name: statistics.median(figures) for name, figures in runs.items()}
    print(f"\nmedian of {load.rounds - 1}: " +
          ", ".join(f"{name} {figure:,.0f}" for name, figure in medians.items()) +
          f"; ratio {medians['turnixd'] / medians['turnserver']:.2f}")


if __name__ == "__main__":
    sys.exit(main())
