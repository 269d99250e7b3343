/** Why a virtual machine was left, in the words that the kernel has for it. */

/** Which numbers they are: KVM_ISA_VMX and KVM_ISA_SVM of arch/x86/kvm/trace.h. */
const VMX = 1;
const SVM = 2;
/** Above are flags: arch/x86/include/uapi/asm/vmx.h. */
const VMX_REASON_MASK = 0xffff;

/** The name of a reason, or its number. */
export type ReasonName = (isa: number, reason: number) => string;

/** Reads the names from the format of the tracepoint kvm:kvm_exit: first those of Intel's processors, then of AMD's. */
export function reasonNames(format: string): ReasonName {
  const [, vmx = "", svm = ""] = format.split("__print_symbolic(");
  const names = new Map([
    [VMX, readList(vmx)],
    [SVM, readList(svm)],
  ]);
  return (isa, exitReason) => {
    const reason = isa === VMX ? exitReason & VMX_REASON_MASK : exitReason;
    return names.get(isa)?.get(reason) ?? `0x${reason.toString(16)}`;
  };
}

/** `{ 0x040 + 1, "DB excp" }` */
function readList(text: string): ReadonlyMap<number, string> {
  const items = text.matchAll(/\{\s*(0x[0-9a-f]+|\d+)(?:\s*\+\s*(\d+))?\s*,\s*"([^"]+)"\s*\}/gi);
  return new Map(Array.from(items, ([, base, more, name]) => [Number(base) + Number(more ?? 0), name]));
}
