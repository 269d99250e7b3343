import { expect, test } from "vitest";
import { openHandles } from "../handle.ts";
import { fakeSys } from "../sys/fake.ts";
import { closeLinks } from "./close-links.ts";
import { Link } from "./link.ts";

test("slow links are closed together, the others at once, and each once", async () => {
  const sys = fakeSys();
  const fd = () => sys.btfLoad(new Uint8Array(0));
  const links = [
    new Link(sys, "raw-tracepoint", "a", [fd()]),
    new Link(sys, "uprobe-multi", "b", [fd()]),
    new Link(sys, "perf-event", "c", [fd(), fd()]),
    new Link(sys, "kprobe", "d", [fd()]),
  ];
  expect(openHandles().length).toBe(5);
  await closeLinks(links);
  for (const link of links) link[Symbol.dispose]();
  expect(sys.open.size).toBe(0);
  expect(openHandles()).toEqual([]);
});
