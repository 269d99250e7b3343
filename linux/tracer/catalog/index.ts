/** What can be probed on this machine. */
export { type KernelFunction, type KernelFunctionSources, KernelFunctions } from "./kernel-functions.ts";
export { KernelTypes, type ModuleTypes } from "./kernel-types.ts";
export { type ListOptions, listProbes } from "./list.ts";
export { MachineCatalog, type MachineCatalogOptions } from "./machine-catalog.ts";
export * from "./perf-events.ts";
export { Tracefs, type TracepointName } from "./tracefs.ts";
export { UserBinaries } from "./user-functions.ts";
export { type CommandProcess, resolveUserTargets, UserTargetError, type UserTargetOptions } from "./user-targets.ts";
export { hasWildcard, matcher } from "./wildcard.ts";
