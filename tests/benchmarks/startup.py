"""What starting a web process costs, and what `import stripe` adds when it is first needed."""

import json
import statistics
import subprocess
import sys

from tests.benchmarks.servers import ROOT, environment

RUNS = 5
PROBE = """
import json, resource, sys, time
started = time.perf_counter()
{imports}
from wsgi import app
{serve}
print(json.dumps([
    time.perf_counter() - started,
    resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "stripe" in sys.modules,
]))
"""
CASES = {
    "start, then one /support": ("", "assert app.test_client().get('/support').status_code == 200"),
    "the same with stripe imported": (
        "import stripe",
        "assert app.test_client().get('/support').status_code == 200",
    ),
}


def run(stripe_url: str) -> None:
    """Start a few processes of each kind and print medians."""
    variables = environment("sqlite:////nonexistent/bench.db", stripe_url, 9)
    for name, (imports, serve) in CASES.items():
        code = PROBE.format(imports=imports, serve=serve)
        probes = [_probe(code, variables) for _ in range(RUNS + 1)][1:]
        seconds = statistics.median(probe[0] for probe in probes)
        memory = statistics.median(probe[1] for probe in probes)
        print(f"{name:34} {seconds:.2f} s   {memory:.0f} MiB   stripe imported: {probes[0][2]}")


def _probe(code: str, variables: dict[str, str]) -> tuple[float, float, bool]:
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=True)
    seconds, memory, imported = json.loads(done.stdout)
    return seconds, memory, imported
