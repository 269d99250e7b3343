import { defineConfig } from "vitest/config";

// Workspace packages resolve to their TypeScript sources through the "source" export condition.
const resolve = { conditions: ["source"] };

export default defineConfig({
  resolve,
  ssr: { resolve: { conditions: ["source"], externalConditions: ["source"] } },
  test: {
    // Vitest leaves one processor free, which of two is half.
    maxWorkers: 2,
    // A busy machine is slow, not wrong.
    testTimeout: 30_000,
    projects: [
      {
        extends: true,
        // Run anywhere, what asks the kernel on a fake one. They keep no state between each other: they share their
        // modules, which takes a third of the time off.
        test: {
          name: "pure",
          isolate: false,
          include: ["{pure,linux,tools,cli,tests}/**/*.test.ts"],
          exclude: ["**/*.kernel.test.ts", "**/node_modules/**", "**/dist/**", "tests/guest/**"],
        },
      },
      {
        extends: true,
        test: {
          name: "kernel",
          include: ["{pure,linux,tools,cli,tests}/**/*.kernel.test.ts"],
          exclude: ["**/node_modules/**", "**/dist/**"],
          fileParallelism: false,
          // Other work on the machine comes between. Interrupts, disks' among them, run on top of any task, and a kernel may
          // have tasks that it runs no BPF programs in: the threads of the first process here.
          retry: 3,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        // The hook boots a guest, which runs on one processor, and runs all of a kernel's cases; it has its own limits.
        test: { name: "guest", include: ["tests/guest/**/*.test.ts"], hookTimeout: 3_600_000 },
      },
    ],
  },
});
