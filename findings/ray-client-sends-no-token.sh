#!/usr/bin/env bash
# Library:   ray 2.60.0 (ray start, ray.init("ray://...")).
# Guess:     a client on the machine of the head, with the same token file,
#            connects; and where a token is missing, the error says so.
# Behaviour: with ~/.ray/auth_token there, `ray start --head` asks for it. A
#            client does not send it unless RAY_AUTH_MODE=token is set before
#            Ray is imported. The error, after half a minute, is "ray client
#            connection timeout" and advises to check the port.
# Why the guess is wrong: ray.init() with an ordinary address finds the token by
#            itself; and the port is open and answers at once.
# Seen:      on one machine, loopback: 30 s and ConnectionError without the
#            variable; connected in seconds with it.
# For a sweep: a cluster that works from its own nodes looks unreachable from
#            everywhere else, and the search goes to the network.
set -euo pipefail
work=$(mktemp -d)
trap 'kill "${head:-}" 2>/dev/null || true; wait || true; rm -rf "$work"' EXIT
python3 -m venv --without-pip "$work/venv"
python3 -m pip --python "$work/venv/bin/python" install -qq \
    "ray[client]==2.60.0"
cd "$work"
export RAY_USAGE_STATS_ENABLED=0 HOME="$work"
unset RAY_AUTH_MODE RAY_AUTH_TOKEN RAY_AUTH_TOKEN_PATH
mkdir .ray
python3 -c 'import secrets; print(secrets.token_hex(32), end="")' >.ray/auth_token
read -r own client < <(python3 -c '
import socket
both = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(one.getsockname()[1] for one in both))')
"$work/venv/bin/ray" start --head --block --node-ip-address 127.0.0.1 --port "$own" \
    --ray-client-server-port "$client" --num-cpus 1 --include-dashboard false >head.log 2>&1 &
head=$!
for _ in $(seq 120); do
    python3 -c "import socket; socket.create_connection(('127.0.0.1', $client), 1)" 2>/dev/null && break
    sleep 1
done
cat >connect.py <<'PY'
import sys
import time

import ray

began = time.monotonic()
try:
    ray.init(sys.argv[1], logging_level="CRITICAL", log_to_driver=False)
except ConnectionError as error:
    print(f"{type(error).__name__}: {error}, after {time.monotonic() - began:.0f} s")
else:
    print("connected")
    ray.shutdown()
PY
without=$("$work/venv/bin/python" -W ignore connect.py "ray://127.0.0.1:$client" 2>log)
with=$(RAY_AUTH_MODE=token "$work/venv/bin/python" -W ignore connect.py "ray://127.0.0.1:$client" 2>log)
echo "as it comes: $without"
echo "RAY_AUTH_MODE=token: $with"
[[ $without == *"connection timeout"* ]]
[[ $with == connected ]]
