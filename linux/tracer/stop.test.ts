import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { StopSwitch, watchSignals } from "./stop.ts";

describe("StopSwitch", () => {
  it("keeps the first reason", async () => {
    const stop = new StopSwitch();
    stop.stop("exit");
    expect(stop.isSignalled).toBe(false);
    stop.stop("signal");
    expect(await stop.stopped).toBe("exit");
    expect(stop.isSignalled).toBe(true);
  });

  it("passes on what a callback throws", async () => {
    const stop = new StopSwitch();
    stop.guard(() => {
      throw new Error("broken");
    })();
    await expect(stop.stopped).rejects.toThrow("broken");
  });
});

describe("watchSignals", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it("leaves the second signal its usual effect, unless it follows at once", () => {
    const kill = vi.spyOn(process, "kill").mockReturnValue(true);
    const before = process.listenerCount("SIGTERM");
    const seen: string[] = [];
    const watch = watchSignals(
      () => seen.push("stop"),
      () => seen.push("user"),
    );
    expect(process.listenerCount("SIGTERM")).toBe(before + 1);
    process.emit("SIGUSR1");
    process.emit("SIGTERM", "SIGTERM");
    process.emit("SIGINT", "SIGINT");
    expect(seen).toEqual(["user", "stop"]);
    expect(kill).not.toHaveBeenCalled();
    vi.advanceTimersByTime(500);
    process.emit("SIGINT", "SIGINT");
    expect(kill).toHaveBeenCalledExactlyOnceWith(process.pid, "SIGINT");
    expect(process.listenerCount("SIGTERM")).toBe(before);
    expect(process.listenerCount("SIGINT")).toBe(process.listenerCount("SIGHUP"));
    watch[Symbol.dispose]();
    expect(process.listenerCount("SIGUSR1")).toBe(0);
  });

  it("a signal at the end of a run changes nothing any more", () => {
    const before = process.listenerCount("SIGINT");
    const seen: string[] = [];
    watchSignals(
      () => seen.push("stop"),
      () => {},
    )[Symbol.dispose]();
    process.emit("SIGINT", "SIGINT");
    expect(seen).toEqual([]);
    vi.advanceTimersByTime(500);
    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
