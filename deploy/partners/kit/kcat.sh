#!/bin/sh
# Prints your events, the oldest first. It keeps no place: each time it begins at the beginning.
set -eu
cd "$(dirname "$0")"
exec kcat -b {address} {kcat} -X ssl.ca.location=broker-ca.crt -C -t {first} -o beginning -q -u "$@"
