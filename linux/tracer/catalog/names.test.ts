import { describe, expect, it } from "vitest";
import { withoutParameters } from "./demangled-name.ts";
import { findPerfEvent, HARDWARE_EVENTS, perfEventNames, SOFTWARE_EVENTS } from "./perf-events.ts";

it.each([
  ["shop::Order::total(int)", "shop::Order::total"],
  ["a::f(int) const", "a::f"],
  ["a::f(void (*)(int), b<c(d)>)", "a::f"],
  ["f<void (int)>(int)", "f<void (int)>"],
  ["A::operator()(int) const", "A::operator()"],
  ["A::operator()", "A::operator()"],
  ["(anonymous namespace)::f(char)", "(anonymous namespace)::f"],
  ["plain", "plain"],
  ["unbalanced)", "unbalanced)"],
  ["f(int) [clone .cold]", "f"],
])("%s without parameters is %s", (demangled, name) => {
  expect(withoutParameters(demangled)).toBe(name);
});

describe("perf events", () => {
  it("are found by name and alias", () => {
    expect(findPerfEvent(SOFTWARE_EVENTS, "cs")).toMatchObject({
      name: "context-switches",
      config: 3,
      defaultPeriod: 1000,
    });
    expect(findPerfEvent(HARDWARE_EVENTS, "cycles")).toMatchObject({
      name: "cpu-cycles",
      config: 0,
      defaultPeriod: 1_000_000,
    });
    expect(findPerfEvent(HARDWARE_EVENTS, "cs")).toBeUndefined();
  });

  it("are all listed, with aliases, sorted", () => {
    expect(perfEventNames(SOFTWARE_EVENTS)).toHaveLength(14);
    expect(perfEventNames(HARDWARE_EVENTS)).toHaveLength(12);
    expect(perfEventNames(SOFTWARE_EVENTS).slice(2, 5)).toEqual(["context-switches", "cpu", "cpu-clock"]);
  });

  it("have distinct configs", () => {
    for (const events of [SOFTWARE_EVENTS, HARDWARE_EVENTS]) {
      expect(new Set(events.map((event) => event.config)).size).toBe(events.length);
    }
  });
});
