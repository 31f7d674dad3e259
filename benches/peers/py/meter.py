"""Runs commands, one a line as JSON, and says what each took.

It is started first and stays small, since the most memory that a system counts for a process begins with what the one that
started it held.
"""
import json, os, subprocess, sys, time

for line in sys.stdin:
    start = time.perf_counter()
    child = subprocess.Popen(json.loads(line), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    print(json.dumps(dict(exit=child.returncode, wall_s=time.perf_counter() - start,
                          cpu_s=used.ru_utime + used.ru_stime, peak_kb=used.ru_maxrss)), flush=True)
