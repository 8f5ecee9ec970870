#!/usr/bin/env python3
"""Credentials issued per CPU-second of the server, and how long an issue takes at half of the aim.

Over keep-alive HTTP and HTTPS, by turnix-issue-load. CPU time is what the kernel charged to all threads of
the server, the database's included."""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path

from compare import BUILD, LOOPBACK, running

AIM_PER_CPU_SECOND = 20_000
UNLIMITED = 1_000_000


def issue(scheme, rate, seconds, directory):
    made = subprocess.run([BUILD / "turnixd", "init", "--data", directory / "turnixd", "--json"],
                          check=True, capture_output=True)
    home = json.loads(made.stdout)
    settings = {
        "api.address": f"{LOOPBACK}:0",
        "relay.listeners": [{"transport": "udp", "address": f"{LOOPBACK}:0"}],
        "relay.workers": 1,
        "relay.engine": "epoll",
        "api.limits.requests_per_second_per_token": UNLIMITED,
        "api.limits.requests_burst_per_token": UNLIMITED,
        "log.level": "warn",
    }
    if scheme == "https":
        settings |= {"api.tls.certificate": str(directory / "turnixd/certificate.pem"),
                     "api.tls.private_key": str(directory / "turnixd/private_key.pem")}
    overrides = [part for key, value in settings.items() for part in ("--set", f"{key}={json.dumps(value)}")]
    command = [BUILD / "turnixd", "run", "--config", home["config"], *overrides]
    with running(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        port = json.loads(process.stdout.readline())["api"].rsplit(":", 1)[1]
        load = [BUILD / "turnix-issue-load", "--port", port, "--token", home["token"], "--pid", process.pid,
                "--rate", rate, "--seconds", seconds, *(["--tls"] if scheme == "https" else [])]
        told = subprocess.run([str(part) for part in load], check=True, capture_output=True, text=True)
    return json.loads(told.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=5, help="of each run")
    seconds = parser.parse_args().seconds
    print("| | as fast as it goes: a CPU-second | at 10,000 a second: p50, p99 |\n| --- | ---: | ---: |")
    for scheme in ("http", "https"):
        runs = []
        for rate in (0, AIM_PER_CPU_SECOND // 2):
            with tempfile.TemporaryDirectory() as directory:
                runs.append(issue(scheme, rate, seconds, Path(directory)))
        fast, paced = runs
        if fast["failed"] or paced["failed"]:
            raise SystemExit(f"answers other than 200: {runs}")
        print(f"| {scheme.upper()} | {fast['issued_per_cpu_second']:,} ({fast['per_second']:,} a second) | "
              f"{paced['latency_us']['p50'] / 1000:.2f} ms, {paced['latency_us']['p99'] / 1000:.2f} ms "
              f"({paced['per_second']:,} a second) |", flush=True)


if __name__ == "__main__":
    main()
