/** A machine that is not there, for tests. */
export { compiled, diagnosticsOf, errorsOf, irOf, said, type TestOptions, warningsOf } from "./compiled.ts";
export { testKernelTypes } from "./kernel-types.ts";
export { type RecordedMachine, recordedCatalog } from "./recorded-machine.ts";
export { testTarget } from "./target.ts";
export { TEST_MACHINE } from "./test-machine.ts";
export { testVm } from "./vm.ts";
