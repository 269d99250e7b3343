import { builtin, different, type Row, shown, supported, testsOf } from "../row.ts";

const records = testsOf("pure/output/records.test.ts");
const trials = testsOf("cli/trials.kernel.test.ts");

/** JSON output (J). */
export const JSON_OUTPUT: readonly Row[] = [
  supported(
    "J1",
    "`attached_probes`",
    testsOf("linux/tracer/run.kernel.test.ts")("has a record a line"),
    records("the schema takes %s"),
  ),
  supported(
    "J2",
    "`lost_events`",
    records("the schema takes %s"),
    testsOf("linux/tracer/runtime-sites.test.ts")("has records of its own in JSON"),
  ),
  supported("J3", "`map`", shown("json: maps"), shown("json: count, sum, min, max"), shown("micro: 53 JSON maps")),
  supported("J4", "`stats`, of averages as well", shown("json: avg and stats"), shown("micro: 56 JSON avg")),
  supported(
    "J5",
    "`hist`, of linear histograms as well; bounds are inclusive",
    shown("json: hist"),
    shown("json: keyed lhist"),
  ),
  supported("J6", "`tseries`", builtin("tseries"), records("the schema takes %s")),
  supported(
    "J7",
    "`value`",
    shown("json: integers, strings, booleans"),
    shown("json: large numbers are strings"),
    shown("json: buffers are signed bytes"),
  ),
  supported("J8", "`printf`", shown("json: printf"), shown("json: escapes")),
  supported("J9", "`errorf`", shown("json: errorf")),
  supported("J10", "`warnf`", testsOf("linux/tracer/run.kernel.test.ts")("has a record a line")),
  supported("J11", "`time`", shown("json: time of no format")),
  supported(
    "J12",
    "`cat`",
    testsOf("linux/tracer/actions.test.ts")("show the start of a file, or why they cannot"),
    shown("builtins: a file in JSON"),
  ),
  supported("J13", "`join`", testsOf("linux/tracer/actions.test.ts")("join the strings that are there")),
  supported(
    "J14",
    "`syscall`: what `system` printed",
    testsOf("linux/tracer/actions.test.ts")("run a shell once what was printed is out"),
  ),
  different(
    "J15",
    "`helper_error`",
    "says how often, where that is more than once",
    shown("failures: failures as JSON"),
    records("the schema takes %s"),
  ),
  different(
    "J16",
    "`runtime_error`",
    "says how often, where that is more than once",
    shown("json: runtime errors"),
    shown("failures: how often"),
  ),
  supported("J17", "`test_result`", trials("have a record each with -f json")),
  supported(
    "J18",
    "`benchmark_result`",
    trials("are repeated until they have run for a millisecond"),
    records("the schema takes %s"),
  ),
];
