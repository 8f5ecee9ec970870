#!/bin/sh
# Makes what the configuration names and the volume lacks, keeps the first token there, then becomes turnixd.
set -eu

configuration=/etc/turnixd/turnixd.yaml
token=$(turnixd init --config "$configuration")
if [ -n "$token" ]; then
  (umask 077 && echo "$token" >/var/lib/turnixd/first-token)
fi
exec turnixd "$@"
