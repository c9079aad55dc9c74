"""What the peers proxy-* share: npm-ws behind a reverse proxy.

The proxy gets its listening socket from here: so any free port will do, and
nobody else can take it in between.
"""
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import threading

PEERS = pathlib.Path(__file__).resolve().parent
DEBIAN = PEERS.parents[1] / "build" / "peers" / "debian"


def program(path):
    """What script/bootstrap has unpacked; or what the system has installed."""
    for found in (DEBIAN / path, pathlib.Path("/", path)):
        if found.exists():
            return str(found)
    sys.exit(f"{path} is not there: script/bootstrap peers")


def ended(child):
    """Ends when the proxy or the server behind it does."""
    child.wait()
    signal.raise_signal(signal.SIGTERM)


def stop(children):
    for child in children:
        child.terminate()
    for child in children:
        child.wait()


def run(start, port="0", *files):
    """`start(folder, listening, port, files)`: the proxy's Popen.

    `folder` is empty, and goes when the proxy does; `listening` is the socket
    to serve, `port` the one of the server behind, `files` CERT and KEY.
    """
    # Behind the handler, a second signal must not end the cleaning up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(0))
    children = []
    with tempfile.TemporaryDirectory(prefix="wsspec-proxy-") as folder:
        try:
            behind = subprocess.Popen(
                [PEERS / "npm-ws" / "serve", "0"], stdout=subprocess.PIPE, text=True
            )
            children.append(behind)
            line = behind.stdout.readline()
            if not line.startswith("ready "):
                sys.exit("the server behind the proxy does not start")
            listening = socket.create_server(("127.0.0.1", int(port)), backlog=512)
            children.append(start(folder, listening, line.split()[1], files))
            # The socket listens already: who connects now is served soon.
            print("ready", listening.getsockname()[1], flush=True)
            listening.close()
            for child in children:
                threading.Thread(target=ended, args=[child], daemon=True).start()
            signal.pause()
        finally:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stop(children)
