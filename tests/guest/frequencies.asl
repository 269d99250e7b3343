// What a guest's firmware says of the frequencies of its first two processors (tests/guest/run --frequencies): ACPI 6.5, 8.4.5.
// acpi-cpufreq sets one by writing a byte to a port: 0x80, which takes anything and does nothing.
DefinitionBlock ("", "SSDT", 2, "BEETRC", "PSTATES", 1)
{
  External (\_SB.CPUS.C000, ProcessorObj)
  External (\_SB.CPUS.C001, ProcessorObj)

  // MHz, mW, microseconds that a change takes and for which nothing else may happen, what is written, what is read then.
  Name (\STAT, Package () {
    Package () { 2400, 1000, 10, 10, 1, 1 },
    Package () { 2000, 800, 10, 10, 2, 2 },
    Package () { 1200, 500, 10, 10, 3, 3 }
  })
  Name (\PORT, Package () {
    ResourceTemplate () { Register (SystemIO, 8, 0, 0x80) },
    ResourceTemplate () { Register (SystemIO, 8, 0, 0x80) }
  })
  Scope (\_SB.CPUS.C000) {
    Method (_PSS) { Return (\STAT) }
    Method (_PCT) { Return (\PORT) }
    Method (_PPC) { Return (0) }
  }
  Scope (\_SB.CPUS.C001) {
    Method (_PSS) { Return (\STAT) }
    Method (_PCT) { Return (\PORT) }
    Method (_PPC) { Return (0) }
  }
}
