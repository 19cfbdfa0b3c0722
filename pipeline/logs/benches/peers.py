"""Reads a log with Python's parsers and prints how fast that was: peers.py TOOL FILE.

json is Python's own; jc (`pip install jc`) is what others parse ping's output with.
"""

import csv
import json
import sys
import time


def timed(name, size, action):
    start = time.thread_time()
    records = action()
    seconds = time.thread_time() - start
    print(f"  {name:16} {size / 1e6 / seconds:7.1f} MB/s  {records} records")


def main():
    tool, path = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        text = file.read()
    size = len(text.encode())
    if tool == "iperf3":

        def read():
            report = json.loads(text)
            return sum(len(slice["streams"]) + 1 for slice in report["intervals"])

        timed("Python's json", size, read)
    elif tool == "iperf2":

        def read():
            rows = csv.reader(text.splitlines())
            return sum(1 for row in rows if float(row[8]) >= 0 and int(row[7]) >= 0)

        timed("Python's csv", size, read)
    elif tool == "ping":
        try:
            import jc
        except ImportError:
            print("  jc isn't there: pip install jc")
            return
        timed("jc", size, lambda: len(jc.parse("ping", text, quiet=True)["responses"]))


main()
