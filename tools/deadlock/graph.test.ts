import { expect, test } from "vitest";
import { LockGraph, type LockOrder, nodeLinkData } from "./graph.ts";

const order = (first: number, second: number): LockOrder => ({
  first,
  second,
  tid: first * 10 + second,
  comm: "worker",
  firstStack: [{ address: "1", name: "outer" }],
  secondStack: [{ address: "2", name: "inner" }],
});
const pairs = (cycle: readonly LockOrder[] | undefined) => cycle?.map(({ first, second }) => [first, second]);

test("orders without a cycle", () => {
  const graph = new LockGraph();
  for (const [first, second] of [
    [1, 2],
    [2, 3],
    [1, 3],
    [3, 4],
    [1, 4],
  ])
    expect(graph.add(order(first, second))).toBeUndefined();
  expect(graph.mutexes).toEqual([1, 2, 3, 4]);
  expect(graph.orders).toHaveLength(5);
});

test("the shortest cycle that an order closes, from that order on", () => {
  const graph = new LockGraph();
  for (const [first, second] of [
    [1, 2],
    [2, 3],
    [3, 4],
    [1, 4],
    [4, 5],
  ])
    graph.add(order(first, second));
  expect(pairs(graph.add(order(4, 1)))).toEqual([
    [4, 1],
    [1, 4],
  ]);
  expect(pairs(graph.add(order(5, 2)))).toEqual([
    [5, 2],
    [2, 3],
    [3, 4],
    [4, 5],
  ]);
});

test("as node-link data", () => {
  const graph = new LockGraph();
  graph.add(order(100, 200));
  expect(JSON.parse(nodeLinkData(graph))).toEqual({
    directed: true,
    multigraph: false,
    graph: {},
    nodes: [{ id: 100 }, { id: 200 }],
    links: [
      {
        source: 0,
        target: 1,
        thread_pid: 1200,
        thread_comm: "worker",
        first_mutex_stack: ["outer"],
        second_mutex_stack: ["inner"],
      },
    ],
  });
});
