import { describe, expect, it } from "vitest";
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
  it("leaves the second signal its usual effect", () => {
    const before = process.listenerCount("SIGTERM");
    const seen: string[] = [];
    const watch = watchSignals(
      () => seen.push("stop"),
      () => seen.push("user"),
    );
    expect(process.listenerCount("SIGTERM")).toBe(before + 1);
    process.emit("SIGUSR1");
    process.emit("SIGTERM");
    expect(seen).toEqual(["user", "stop"]);
    expect(process.listenerCount("SIGTERM")).toBe(before);
    expect(process.listenerCount("SIGINT")).toBe(process.listenerCount("SIGHUP"));
    watch[Symbol.dispose]();
    expect(process.listenerCount("SIGUSR1")).toBe(0);
  });
});
