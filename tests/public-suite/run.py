#!/usr/bin/env python3
"""Runs the runtime suite of a bpftrace checkout against any bpftrace-compatible command.

The checkout's own parser reads the test files (imported from --checkout at run time); running and judging is
done here, so that a test can never hang, tests can run side by side, and what the kernel cannot do at all is told
apart from what the tool under test cannot do. README.md has the meaning of the results.
"""
import sys
sys.dont_write_bytecode = True
import argparse
import collections
import functools
import json
import multiprocessing as mp
import os
import re
import selectors
import shutil
import signal
import subprocess
import sys
import time
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
import harness  # noqa: E402
import kernelprobe  # noqa: E402

ATTACHED = "__BPFTRACE_NOTIFY_PROBES_ATTACHED\n"
NO_AOT = "__BPFTRACE_NOTIFY_AOT_PORTABILITY_DISABLED"

# ---------------------------------------------------------------------------- reading the suite


def engine_features(checkout):
    """{feature name: the text in --info that means it is there}, as the suite's engine has them."""
    text = open(os.path.join(checkout, "tests/runtime/engine/runner.py")).read()
    found = {}
    for m in re.finditer(r'bpffeature\["(\w+)"\]\s*=\s*(?:output\.find\("([^"]*)"\))?', text):
        found[m.group(1)] = m.group(2)
    return found


def read_suite(checkout, workdir):
    """[(suite, [test])], tests with the fields of the engine's own TestStruct."""
    feats = engine_features(checkout)
    stub = types.ModuleType("runner")

    class Runner:
        @staticmethod
        def get_bpffeature():
            return feats

    stub.Runner = Runner
    sys.modules["runner"] = stub
    sys.path.insert(0, os.path.join(checkout, "tests/runtime/engine"))
    sys.dont_write_bytecode = True
    import parser as suite_parser  # the checkout's
    here = os.getcwd()
    os.chdir(workdir)
    try:
        suites = sorted(suite_parser.TestParser.read_all(False), key=lambda s: s[0])
    finally:
        os.chdir(here)
    return [(name, sorted(tests, key=lambda t: t.name)) for name, tests in suites]


def count_foreign_arch(checkout):
    """How many tests the parser leaves out because of ARCH, from the raw files."""
    n = 0
    root = os.path.join(checkout, "tests/runtime")
    for f in sorted(os.listdir(root)):
        p = os.path.join(root, f)
        if os.path.isfile(p) and not f.startswith("."):
            n += sum(1 for line in open(p) if line.startswith("NAME "))
    return n


# ---------------------------------------------------------------------------- what a test needs of the kernel

PROVIDERS = {
    "kprobe": "kprobe", "k": "kprobe", "kretprobe": "kretprobe", "kr": "kretprobe",
    "fentry": "fentry", "kfunc": "fentry", "f": "fentry", "fexit": "fexit", "kretfunc": "fexit", "fr": "fexit",
    "tracepoint": "tracepoint", "t": "tracepoint", "rawtracepoint": "rawtracepoint", "rt": "rawtracepoint",
    "uprobe": "uprobe", "u": "uprobe", "uretprobe": "uprobe", "ur": "uprobe", "usdt": "uprobe", "U": "uprobe",
    "hardware": "hardware", "h": "hardware", "software": "software", "s": "software",
    "profile": "software", "p": "software", "interval": "software", "i": "software",
    "iter": "iter", "it": "iter", "watchpoint": "watchpoint", "w": "watchpoint",
    "asyncwatchpoint": "watchpoint", "aw": "watchpoint",
}
PROBE_RE = re.compile(r"(?:(?<=[\s;},'\"(\\/])|^)(%s):(?=[^\s:])([^\s{/,'\"]*)" %
                      "|".join(sorted(PROVIDERS, key=len, reverse=True)))


def attach_points(text):
    text = re.sub(r"\b(struct|union|enum)\s+\w*\s*\{(?:[^{}]|\{[^{}]*\})*\}", " ", text)  # bit fields look like probes
    text = re.sub(r"printf\(\s*\\?\"(?:[^\"\\]|\\.)*\"", "printf(", text)
    return [(PROVIDERS[m.group(1)], m.group(2)) for m in PROBE_RE.finditer(text)]


def program_text(test, workdir):
    text = test.prog or test.run
    for path in re.findall(r"(runtime/scripts/[\w./-]+\.bt)", text):
        try:
            text += "\n" + re.sub(r"//.*|/\*.*?\*/", "", open(os.path.join(workdir, path)).read())
        except OSError:
            pass
    return text


@functools.lru_cache(1)
def kernel_symbols():
    return {line.split()[2] for line in open("/proc/kallsyms")}


def kernel_needs(test, workdir, caps):
    """The first thing that this test needs and this kernel has not, or None. The tool is not asked."""
    text = program_text(test, workdir)
    listing = bool(test.run) and re.search(r"\{\{BPFTRACE\}\}[^|;]*?\s(-l\w*|--list)(\s|$)", test.run)
    no_attach = listing or test.will_fail or "--dry-run" in text or "{{BPFTRACE}}" not in (test.run or "{{BPFTRACE}}")
    if not no_attach:
        for cap, rest in attach_points(text):
            if "missing_probes" in text and cap in ("kprobe", "kretprobe", "fentry", "fexit") \
                    and re.fullmatch(r"\w+", rest) and rest not in kernel_symbols():
                continue  # is meant to be missing
            if not caps[cap]["ok"]:
                return "%s: %s" % (cap, caps[cap]["why"])
            if cap in ("tracepoint",) and "*" not in rest and "?" not in rest and "$" not in rest:
                m = re.match(r"(\w+):(\w+)$", rest)
                if m and "nonsense" not in rest and not kernelprobe.tracepoint_exists(*m.groups()) \
                        and "missing_probes" not in text:
                    return "tracepoint %s:%s does not exist" % m.groups()
        if re.search(r"percpu_kaddr|/proc/kallsyms", text) and not caps["kallsyms_data"]["ok"]:
            return "kallsyms_data: " + caps["kallsyms_data"]["why"]
        if re.search(r"\boverride\(|\boverride_return\(", text) and not caps["override_return"]["ok"]:
            return "override_return: " + caps["override_return"]["why"]
    if not listing:
        for feature in test.feature_requirement:
            if feature in caps and not caps[feature]["ok"]:
                return "%s: %s" % (feature, caps[feature]["why"])
        for feature in test.neg_feature_requirement:
            if feature in caps and caps[feature]["ok"]:
                return "only for kernels without " + feature
    return None


def version(v):
    return tuple(int(x) for x in re.findall(r"\d+", v.split("-")[0]))[:3]


def env_skip(test, workdir, env):
    kernel = version(os.uname()[2])
    if test.kernel_min and version(test.kernel_min) > kernel:
        return "needs kernel >= " + test.kernel_min
    if test.kernel_max and version(test.kernel_max) < kernel:
        return "needs kernel <= " + test.kernel_max
    if test.skip_if_env_has and os.environ.get(test.skip_if_env_has[0], "") == test.skip_if_env_has[1]:
        return "environment %s=%s" % test.skip_if_env_has
    for req in test.requirement:
        rc, _, _ = harness.run_bounded(req, 20, env=env, cwd=workdir, shell=True)
        if rc != 0:
            return "unmet: " + req
    return None


# ---------------------------------------------------------------------------- judging


def expect_ok(expect, output, test, workdir):
    def literal(s):
        return re.search(r"^\s*%s\s*$" % re.escape(s), output, re.M)

    if expect.mode == "text":
        return bool(literal(expect.expect))
    if expect.mode == "text_none":
        return not literal(expect.expect)
    if expect.mode == "regex":
        return bool(re.search(expect.expect, output, re.M))
    if expect.mode == "regex_none":
        return not re.search(expect.expect, output, re.M)
    want = open(os.path.join(workdir, expect.expect)).read().strip()
    got = output.strip()
    if expect.mode == "file":
        if test.localize_ts >= 0:
            want = time.strftime(want, time.localtime(test.localize_ts))
        return got == want
    try:
        if expect.expect.endswith(".ndjson"):
            w, g = want.splitlines(), got.splitlines()
            return len(w) == len(g) and all(json.loads(a) == json.loads(b) for a, b in zip(g, w))
        return len(got.splitlines()) == 1 and json.loads(got) == json.loads(want)
    except ValueError:
        return False


# ---------------------------------------------------------------------------- running one test


class Case:
    def __init__(self, opts, workdir, launcher_dir):
        self.o, self.wd, self.ld = opts, workdir, launcher_dir
        self.tool = os.path.join(launcher_dir, "bpftrace")
        self.base_path = os.environ.get("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")

    def command(self, test, nsenter):
        flag = "" if self.o.no_verify_flag else " --verify-llvm-ir"
        pre = " ".join(nsenter) + " " if nsenter else ""
        if test.run:
            return pre + test.run.replace("{{BPFTRACE}}", self.tool + flag)
        js = "-q -f json" if test.expects and test.expects[0].mode == "json" else ""
        return pre + "%s %s%s -e '%s'" % (self.tool, js, flag, test.prog.replace("'", "'\\''"))

    def run(self, test):
        """-> (result, reason, output)"""
        pidfile = os.path.join(self.wd, "sut.pids")
        open(pidfile, "w").close()
        side = dict(os.environ, PATH=self.ld + ":" + self.base_path, SUT_PIDFILE=pidfile)
        if test.setup:
            rc, out, _ = harness.run_bounded(test.setup, 20, env=side, cwd=self.wd, shell=True)
            if rc != 0:
                return "skip-env", "SETUP failed: " + out[-200:], out
        try:
            return self._run(test, pidfile, side)
        finally:
            left = not harness.reap_all()
            if test.cleanup:
                harness.run_bounded(test.cleanup, 20, env=side, cwd=self.wd, shell=True)
            if left:
                os._exit(70)  # a process that cannot be ended: the parent starts a fresh worker

    def _start(self, argv, env, shell=False):
        return subprocess.Popen(argv, shell=shell, executable=harness.SHELL if shell else None, cwd=self.wd, env=env, start_new_session=True,
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _wait_comm(self, root, name, limit):
        end = time.time() + limit
        while time.time() < end:
            for pid, comm, state in harness.descendants(root) + [(root, (harness._stat(root) or ("",))[0], "")]:
                if comm == name[:15] and state != "Z":
                    return pid
            time.sleep(0.05)
        return None

    def _run(self, test, pidfile, side):
        o = self.o
        limit = test.timeout * o.scale
        nsenter, before_pid = [], None
        if test.new_pidns:
            p = self._start(["unshare", "--fork", "--pid", "--mount-proc", "-r", "--kill-child", "--"] +
                            test.befores[0].split(), side)
            end, first = time.time() + limit, None
            while time.time() < end and not first:
                first = next((pid for pid, _, st in harness.descendants(p.pid) if st != "Z"), None)
                time.sleep(0.05)
            if not first:
                return "fail", "no process came up in the new pid namespace", ""
            nsenter = ["nsenter", "-p", "-m", "-t", str(first)]
            for b in test.befores[1:]:
                q = self._start(nsenter + [os.path.join(self.wd, x) if x.startswith("./") else x for x in b.split()], side)
                if not self._wait_comm(q.pid, os.path.basename(b.split()[0]), limit):
                    return "fail", "BEFORE did not come up: " + b, ""
        else:
            for i, b in enumerate(test.befores):
                p = self._start(b.split(), side)
                pid = self._wait_comm(p.pid, os.path.basename(b.split()[-1]), limit)
                if not pid:
                    return "fail", "BEFORE did not come up: " + b, ""
                if i == 0:
                    before_pid = pid
        call = self.command(test, nsenter)
        if before_pid:
            call = call.replace("{{BEFORE_PID}}", str(before_pid))
        env = {"test": test.name, "__BPFTRACE_NOTIFY_PROBES_ATTACHED": "1", NO_AOT: "1",
               "PATH": self.base_path, "SUT_PIDFILE": pidfile}
        if o.home:
            env["HOME"] = os.environ.get("HOME", "/root")
        env.update(test.env)
        p = subprocess.Popen(call, shell=True, executable=harness.SHELL, cwd=self.wd, env=env, start_new_session=True,
                             stdin=None if o.stdin else subprocess.DEVNULL,
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.set_blocking(p.stdout.fileno(), False)
        sel = selectors.DefaultSelector()
        sel.register(p.stdout, selectors.EVENT_READ)
        t0 = time.time()
        hard = t0 + o.timeout
        deadline = min(hard, t0 + o.attach_timeout * o.scale)
        out, attached, timed_out, kept_from, seen = b"", False, False, 0, 0
        ended = None
        while True:
            ready = sel.select(0.05)
            if ready:
                chunk = p.stdout.read(1 << 16)
                if chunk == b"":
                    break
                if chunk and len(out) < (8 << 20):
                    out += chunk
                while not attached:
                    nl = out.find(b"\n", seen)
                    if nl < 0:
                        break
                    line, seen = out[seen:nl + 1], nl + 1
                    if line == ATTACHED.encode():
                        attached = True
                        if test.has_exact_expect:
                            kept_from = seen
                        deadline = min(hard, time.time() + limit)
                        if test.after:
                            cmd = test.after
                            if test.new_pidns:
                                cmd = " ".join(nsenter + [os.path.join(self.wd, x) if x.startswith("./") else x
                                                          for x in cmd.split()])
                            self._start(cmd, side, shell=True)
            elif p.poll() is not None:
                ended = ended or time.time()
                if time.time() - ended > 2:  # the shell is gone, a child of it keeps the pipe open
                    break
            if time.time() > deadline:
                timed_out = True
                break
        if timed_out:
            harness.kill_group(p, signal.SIGTERM)
            end = time.time() + 1 * max(1, o.scale)
            while time.time() < end:
                if sel.select(0.05):
                    chunk = p.stdout.read(1 << 16)
                    if chunk == b"":
                        break
                    out += chunk or b""
            harness.kill_group(p, signal.SIGKILL)
        try:
            rc = p.wait(2)
        except subprocess.TimeoutExpired:
            harness.kill_group(p, signal.SIGKILL)
            rc = p.wait()
        harness.kill_group(p, signal.SIGKILL)
        p.stdout.close()
        text = out[kept_from:].decode("utf-8", "backslashreplace")
        if NO_AOT in text:
            return "skip-feature", "the tool says that ahead-of-time portability is off", text
        if not timed_out:
            if rc != test.return_code and not test.will_fail:
                return "fail", "exit status %s, wanted %s" % (rc, test.return_code), text
            if rc == 0 and test.will_fail:
                return "fail", "exit status 0, wanted a failure", text
        bad = [e for e in test.expects if not expect_ok(e, text, test, self.wd)]
        if bad:
            why = "%s %s" % (bad[0].mode, bad[0].expect[:160].replace("\n", "\\n"))
            return "fail", ("timed out; " if timed_out else "") + "unmet: " + why, text
        return "pass", "timed out" if timed_out else "", text


# ---------------------------------------------------------------------------- workers

SHARED_RE = re.compile(r"/t[m]p/|mountns|netns|bpftool|NEW_PIDNS|nft |unshare|pkill|profile:|hardware|watchpoint|multi_thread|ip link")


def worker(conn, opts, workdir, launcher_dir, tests):
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for sig in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(sig, signal.SIG_DFL)
    harness.become_subreaper()
    case = Case(opts, workdir, launcher_dir)
    while True:
        i = conn.recv()
        if i is None:
            return
        t0 = time.time()
        try:
            r = case.run(tests[i])
        except Exception as e:  # a broken test is a result, not the end of the run
            harness.reap_all()
            r = ("fail", "harness: %r" % e, "")
        conn.send((i, r[0], r[1], r[2][-opts.keep:], time.time() - t0))


def end_tree(proc):
    for pid, _, _ in harness.descendants(proc.pid):
        try:
            os.kill(pid, signal.SIGKILL)
        except OSError:
            pass
    if proc.is_alive():
        proc.kill()
    proc.join(5)


def run_queue(queue, jobs, opts, make_dir, launcher_dir, tests, report):
    slots = {}
    fresh = [0]

    def start():
        a, b = mp.Pipe()
        fresh[0] += 1
        p = mp.Process(target=worker, args=(b, opts, make_dir(), launcher_dir, tests))
        p.start()
        b.close()
        return [p, a, None, 0]

    free = [start() for _ in range(jobs)]
    queue = collections.deque(queue)
    busy = []
    while queue or busy:
        while queue and free:
            s = free.pop()
            s[2], s[3] = queue.popleft(), time.time()
            try:
                s[1].send(s[2])
                busy.append(s)
            except (BrokenPipeError, OSError):
                queue.appendleft(s[2])
                end_tree(s[0])
                free.append(start())
        mp.connection.wait([s[1] for s in busy], 0.5)
        for s in list(busy):
            got = None
            try:
                if s[1].poll():
                    got = s[1].recv()
            except (EOFError, OSError):
                got = (s[2], "fail", "the worker ended: a process of the test could not be killed", "", time.time() - s[3])
            if got is None and time.time() - s[3] > opts.timeout + 60:
                got = (s[2], "fail", "stuck past the hard limit", "", time.time() - s[3])
            if got:
                busy.remove(s)
                report(*got)
                if s[0].is_alive() and not got[2].startswith(("the worker", "stuck")):
                    free.append(s)
                else:
                    end_tree(s[0])
                    free.append(start())
    for s in free:
        try:
            s[1].send(None)
        except OSError:
            pass
        s[0].join(3)
        end_tree(s[0])


# ---------------------------------------------------------------------------- main


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--checkout", default=os.environ.get("BPFTRACE_CHECKOUT", __import__("tempfile").gettempdir() + "/peers/bpftrace"))
    ap.add_argument("--testprogs", default=os.environ.get("BPFTRACE_TESTPROGS", __import__("tempfile").gettempdir() + "/peers/bpftrace-testprogs"),
                    help="a folder with the built testprogs/ and testlibs/")
    ap.add_argument("--bpftrace", default="bpftrace", help="the command under test, a command line")
    ap.add_argument("--filter", default="", help="regex over suite.name")
    ap.add_argument("--exclude", default="", help="regex over suite.name")
    ap.add_argument("--only-from", default="", metavar="JSON[:RESULT,..]",
                    help="run only the tests that had that result (default pass) in an earlier run")
    ap.add_argument("--jobs", type=int, default=1)
    ap.add_argument("--timeout", type=float, default=60, help="hard limit of one test, seconds")
    ap.add_argument("--attach-timeout", type=float, default=10, help="time to attach, as in the suite's engine")
    ap.add_argument("--scale", type=float, default=1, help="multiply the suite's own time limits (slow machines)")
    ap.add_argument("--json", default="")
    ap.add_argument("--keep", type=int, default=1500, help="bytes of output kept per failing test (in --failures)")
    ap.add_argument("--failures", default="", help="write the output of failing tests here")
    ap.add_argument("--no-verify-flag", action="store_true", help="do not pass --verify-llvm-ir (old tools)")
    ap.add_argument("--drop-flag", action="append", default=[], help="take this flag away before the tool sees it")
    ap.add_argument("--extra", action="append", default=[], help="give the tool this flag first")
    ap.add_argument("--retry", type=int, default=0, help="run failing tests again, one at a time, up to N times")
    ap.add_argument("--home", action="store_true", help="also pass HOME to the tool")
    ap.add_argument("--stdin", action="store_true", help=argparse.SUPPRESS)
    ap.add_argument("--workdir", default="", help="where to work; default a fresh folder in /tmp")
    ap.add_argument("--hold-btf", action="store_true",
                    help="keep a BTF object loaded meanwhile; current bpftrace needs it on a kernel without module BTF")
    ap.add_argument("--run-unsupported", action="store_true", help="run even what the kernel probe rules out")
    ap.add_argument("--list", action="store_true", help="only say what would run")
    ap.add_argument("--verbose", action="store_true")
    o = ap.parse_args()
    if os.geteuid() != 0:
        sys.exit("must be root")

    work = o.workdir or harness.tempdir("bt-suite-")
    os.makedirs(work, exist_ok=True)
    launcher_dir = os.path.join(work, "bin")
    tool = harness.make_launcher(launcher_dir, o.bpftrace, o.drop_flag, o.extra)
    count = [0]

    def make_dir():
        count[0] += 1
        d = os.path.join(work, "w%d" % count[0])
        os.makedirs(d, exist_ok=True)
        if not os.path.exists(d + "/runtime"):
            os.symlink(os.path.join(o.checkout, "tests/runtime"), d + "/runtime")
        for sub in ("testprogs", "testlibs"):  # own copies: a uprobe then sees this worker's programs only
            shutil.copytree(os.path.join(o.testprogs, sub), os.path.join(d, sub), dirs_exist_ok=True, symlinks=True)
        return d

    wd0 = make_dir()
    suites = read_suite(o.checkout, wd0)
    caps = kernelprobe.probe()
    if o.hold_btf and kernelprobe.hold_btf() < 0:
        sys.exit("could not load a BTF object")
    rc, info, _ = harness.run_bounded([tool, "--info"], 60)
    feats = engine_features(o.checkout)
    said = {f: (s in info) for f, s in feats.items() if s}
    mismatch = {f: {"tool": v, "kernel": caps[f]["ok"]} for f, v in said.items() if f in caps and caps[f]["ok"] != v}

    only = None
    if o.only_from:
        path, _, kinds = o.only_from.partition(":")
        kinds = (kinds or "pass").split(",")
        only = {n for n, r in json.load(open(path))["tests"].items() if r in kinds}
    all_tests, names = [], []
    for suite, tests in suites:
        seen = collections.Counter()
        for t in tests:
            seen[t.name] += 1
            n = "%s.%s" % (suite, t.name) + ("#%d" % seen[t.name] if seen[t.name] > 1 else "")
            if o.filter and not re.search(o.filter, n) or o.exclude and re.search(o.exclude, n) or only is not None and n not in only:
                continue
            all_tests.append(t)
            names.append(n)

    results = {}
    queue, serial = [], []
    env = dict(os.environ, PATH=launcher_dir + ":" + os.environ.get("PATH", ""))
    for i, t in enumerate(all_tests):
        why = kernel_needs(t, wd0, caps)
        if why and not o.run_unsupported:
            results[i] = ("unsupported-here", why, "", 0)
            continue
        why = env_skip(t, wd0, env)
        if why:
            results[i] = ("skip-env", why, "", 0)
            continue
        # features of the tool's own build: the tool is believed, but the test stays in the denominator
        lacks = [f for f in t.feature_requirement if f not in caps and f in said and not said[f]]
        has = [f for f in t.neg_feature_requirement if f not in caps and said.get(f)]
        if lacks or has:
            results[i] = ("skip-feature", "the tool's --info: " + ",".join(["no " + f for f in lacks] + has), "", 0)
            continue
        blob = " ".join([t.run, t.prog, t.after, t.setup, t.cleanup] + t.befores)
        (serial if SHARED_RE.search(blob) or t.new_pidns else queue).append(i)

    if o.list:
        for i, n in enumerate(names):
            print("%-60s %s" % (n, results[i][0] + " " + results[i][1] if i in results else "run"))
        return

    fail_out = open(o.failures, "w") if o.failures else None
    t_start = time.time()

    def report(i, res, why, out, secs):
        results[i] = (res, why, out, secs)
        if o.verbose:
            print("%-8s %6.1fs %s%s" % (res, secs, names[i], "  [" + why + "]" if why else ""), flush=True)

    first = [wd0]

    def next_dir():
        return first.pop() if first else make_dir()

    if queue:
        run_queue(queue, max(1, min(o.jobs, len(queue))), o, next_dir, launcher_dir, all_tests, report)
    if serial:
        run_queue(serial, 1, o, next_dir, launcher_dir, all_tests, report)
    for _ in range(o.retry):
        again = [i for i in range(len(all_tests)) if results[i][0] == "fail"]
        if again:
            run_queue(again, 1, o, make_dir, launcher_dir, all_tests, report)
            for i in again:
                if results[i][0] == "pass":
                    results[i] = ("pass", (results[i][1] + " (not at the first try)").strip()) + results[i][2:]
    if fail_out:
        for i, n in enumerate(names):
            if results[i][0] == "fail":
                fail_out.write("=== %s: %s\n%s\n" % (n, results[i][1], results[i][2]))
        fail_out.close()

    kinds = ["pass", "fail", "skip-feature", "skip-env", "unsupported-here"]
    per = collections.OrderedDict()
    for i, n in enumerate(names):
        s = per.setdefault(all_tests[i].suite, collections.Counter())
        s[results[i][0]] += 1
        s["total"] += 1
    tot = collections.Counter()
    print("%-16s %6s %9s %6s %6s %8s %8s %12s" % ("suite", "total", "runnable", "pass", "fail", "no-feat", "skip-env", "unsupported"))
    for s, c in per.items():
        tot.update(c)
    for s, c in list(per.items()) + [("TOTAL", tot)]:
        runnable = c["total"] - c["skip-env"] - c["unsupported-here"]
        print("%-16s %6d %9d %6d %6d %8d %8d %12d" % (s, c["total"], runnable, c["pass"], c["fail"], c["skip-feature"],
                                                      c["skip-env"], c["unsupported-here"]))
    if mismatch:
        print("--info disagrees with the kernel on: " + ", ".join(sorted(mismatch)))
    print("tests in the files: %d, for this architecture: %d; took %.0f s" % (
        count_foreign_arch(o.checkout), sum(len(t) for _, t in suites), time.time() - t_start))
    if o.json:
        doc = {"command": o.bpftrace, "kernel": os.uname()[2], "options": {"scale": o.scale, "verify_flag": not o.no_verify_flag},
               "info_mismatch": mismatch, "totals": {k: tot[k] for k in kinds + ["total"]},
               "suites": {s: {k: c[k] for k in kinds + ["total"] if c[k]} for s, c in per.items()},
               "not_run": {n: results[i][1] for i, n in enumerate(names) if results[i][0] not in ("pass", "fail")},
               "tests": {n: results[i][0] for i, n in enumerate(names)}}
        with open(o.json, "w") as f:
            head = {k: v for k, v in doc.items() if k != "tests"}
            f.write(json.dumps(head, indent=1)[:-2] + ',\n "tests": {\n')
            f.write(",\n".join("  %s: %s" % (json.dumps(n), json.dumps(doc["tests"][n])) for n in sorted(doc["tests"])))
            f.write("\n }\n}\n")


if __name__ == "__main__":
    mp.set_start_method("fork")
    harness.whole(main)
