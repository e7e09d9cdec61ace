"""What was measured on: the machine, its file systems, the programs and libraries."""
import os
import platform
import re
import subprocess


def first_line(words):
    try:
        lines = subprocess.run(words, capture_output=True, text=True, timeout=20).stdout.splitlines()
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return lines[0].strip() if lines else ""


def field_of(path, name):
    try:
        with open(path, encoding="utf-8") as lines:
            return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")
    except OSError:
        return ""


def file_system(path):
    """(kind, device) of the file system on which a path lies."""
    path, best = os.path.realpath(path), ("", "", "")
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        for line in lines:
            left, _, right = line.partition(" - ")
            point = left.split()[4].replace("\\040", " ")
            inside = path == point or path.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(best[0]):
                best = (point, right.split()[0], right.split()[1])
    return best[1], best[2]


def processors():
    return len(os.sched_getaffinity(0))


def cpu():
    """Virtual machines often hide the model; family and model number say what it is."""
    name = field_of("/proc/cpuinfo", "model name") or platform.machine()
    numbers = [field_of("/proc/cpuinfo", key) for key in ("cpu family", "model\t", "stepping")]
    return name + (f" (family {numbers[0]}, model {numbers[1]}, stepping {numbers[2]})" if all(numbers) else "")


def package(name):
    """The version of a library as pkg-config has it."""
    return first_line(["pkg-config", "--modversion", name]) or "unknown"


def lmdb():
    try:
        with open("/usr/include/lmdb.h", encoding="utf-8") as header:
            text = header.read()
        return ".".join(re.search(rf"#define MDB_VERSION_{part}\s+(\d+)", text).group(1) for part in ("MAJOR", "MINOR", "PATCH"))
    except (OSError, AttributeError):
        return package("lmdb")


def facts(build, memory, disk):
    """[(what, value)], in the order in which people ask."""
    total = int(field_of("/proc/meminfo", "MemTotal").split()[0]) / (1 << 20)
    commit = first_line(["git", "-C", os.path.dirname(os.path.abspath(__file__)), "describe", "--always", "--dirty"])
    rows = [("processor", cpu()), ("processors used", f"{processors()} of {os.cpu_count()}"), ("memory", f"{total:.0f} GiB"),
            ("kernel", f"{platform.system()} {platform.release()}"), ("system", field("/etc/os-release", "PRETTY_NAME"))]
    for what, path in (("in memory", memory), ("on disk", disk)):
        kind, device = file_system(path)
        rows.append((what, f"{os.path.dirname(path)}: {kind} on {device}"))
    return rows + [("countersign", f"{first_line([os.path.join(build, 'countersign'), '--version'])}, commit {commit or 'unknown'}"),
                   ("compiler", first_line(["gcc", "--version"])), ("libsodium", package("libsodium")), ("LMDB", lmdb()),
                   ("jansson", package("jansson"))]


def field(path, name):
    try:
        with open(path, encoding="utf-8") as lines:
            return next((line.partition("=")[2].strip().strip('"') for line in lines if line.startswith(name + "=")), "")
    except OSError:
        return ""


def load():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())
