import { expect, test } from "vitest";
import { summariseVerifierLog } from "./verifier-log.ts";

test("Linux 6.x: the verdict, its instruction and its source line", () => {
  const log = `func#0 @0
0: R1=ctx() R10=fp0
; @x = *(uint64*)arg0 @ script.bt:3
0: (79) r6 = *(u64 *)(r1 +0)          ; R1=ctx() R6_w=scalar()
1: (b7) r2 = 1                        ; R2_w=1
; print(@x) @ script.bt:4
2: (79) r0 = *(u64 *)(r2 +8)
R2 invalid mem access 'scalar'
processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
  expect(summariseVerifierLog(log)).toEqual({
    text: "R2 invalid mem access 'scalar'",
    slot: 2,
    source: { text: "print(@x)", file: "script.bt", line: 4 },
  });
});

test("Linux 5.x: source lines without a place, statistics in several lines", () => {
  const log = `; int x = *p;
0: (bf) r6 = r1
1: (79) r7 = *(u64 *)(r6 +0)
R6 invalid mem access 'inv'
verification time 61 usec
stack depth 0
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
  expect(summariseVerifierLog(log)).toEqual({
    text: "R6 invalid mem access 'inv'",
    slot: 1,
    source: { text: "int x = *p;" },
  });
});

test("register states and jumps are no verdict", () => {
  const log = `0: R1=ctx() R10=fp0
0: (85) call bpf_get_current_pid_tgid#14      ; R0_w=scalar()
1: (55) if r0 != 0x0 goto pc+1

from 1 to 3: R0=scalar() R10=fp0
3: R0=scalar() R10=fp0
3: (95) exit
At program exit the register R0 has unknown scalar value should have been in [0, 1]
processed 5 insns (limit 1000000)
`;
  expect(summariseVerifierLog(log)).toEqual({
    text: "At program exit the register R0 has unknown scalar value should have been in [0, 1]",
    slot: 3,
  });
});

test("a log without instructions", () => {
  expect(summariseVerifierLog("missing btf func_info\nprocessed 0 insns (limit 1000000)\n")).toEqual({
    text: "missing btf func_info",
  });
  expect(summariseVerifierLog("")).toEqual({ text: "" });
  expect(summariseVerifierLog("processed 0 insns (limit 1000000)\n").text).toBe("processed 0 insns (limit 1000000)");
});

test("a verdict of two lines", () => {
  const log = `5: (85) call pc+3
caller:
 R6=ctx()
The sequence of 8193 jumps is too complex.
processed 9 insns
`;
  expect(summariseVerifierLog(log).text).toContain("The sequence of 8193 jumps is too complex.");
});
