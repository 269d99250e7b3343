import { describe, expect, it } from "vitest";
import { demangle } from "./demangle.ts";

// What c++filt -i of GNU binutils 2.40 prints.
describe("C++", () => {
  it.each([
    ["_Z3foov", "foo()"],
    ["_Z3fooiPKcRd", "foo(int, char const*, double&)"],
    ["_ZN3foo3barEv", "foo::bar()"],
    ["_ZNK3Foo3barEv", "Foo::bar() const"],
    ["_ZNR1A1fEv", "A::f() &"],
    ["_ZNO1A1fEv", "A::f() &&"],
    ["_ZNKR1A1fEv", "A::f() const &"],
    ["_ZN12_GLOBAL__N_11fEv", "(anonymous namespace)::f()"],
    ["_ZN3FooC1Ev", "Foo::Foo()"],
    ["_ZN3FooC2ERKS_", "Foo::Foo(Foo const&)"],
    ["_ZN3FooD0Ev", "Foo::~Foo()"],
    ["_ZN1AILi1EEC1ERKS0_", "A<1>::A(A<1> const&)"],
    ["_ZNSt6vectorIiSaIiEED0Ev", "std::vector<int, std::allocator<int> >::~vector()"],
    ["_ZNSsC1Ev", "std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string()"],
    ["_ZNSolsEi", "std::ostream::operator<<(int)"],
    [
      "_ZSt4endlIcSt11char_traitsIcEERSt13basic_ostreamIT_T0_ES6_",
      "std::basic_ostream<char, std::char_traits<char> >& std::endl<char, std::char_traits<char> >(std::basic_ostream<char, std::char_traits<char> >&)",
    ],
    [
      "_ZNSt3mapIiSsSt4lessIiESaISt4pairIKiSsEEE4findERS3_",
      "std::map<int, std::string, std::less<int>, std::allocator<std::pair<int const, std::string> > >::find(int const&)",
    ],
    [
      "_ZNKSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE4sizeEv",
      "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >::size() const",
    ],
    ["_Z3addIiET_S0_S0_", "int add<int>(int, int)"],
    ["_Z3fooIJiEcEvv", "void foo<int, char>()"],
    ["_Z1fIJicEEvDpT_", "void f<int, char>(int, char)"],
    ["_Z1fIiLj3ELb1ELc65ELln5EEvv", "void f<int, 3u, true, (char)65, -5l>()"],
    ["_Z1fILPFvvE0EEvv", "void f<(void (*)())0>()"],
    [
      "_ZN4node10StreamBase8JSMethodIXadL_ZNS0_11WriteStringILNS_8encodingE4EEEiRKN2v820FunctionCallbackInfoINS4_5ValueEEEEEEEvS9_",
      "void node::StreamBase::JSMethod<&(int node::StreamBase::WriteString<(node::encoding)4>(v8::FunctionCallbackInfo<v8::Value> const&))>(v8::FunctionCallbackInfo<v8::Value> const&)",
    ],
    ["_Z1fIXadL_ZN1A3barEivEEEvv", "void f<&A::bar>()"],
    ["_Z1fPFviE", "f(void (*)(int))"],
    ["_Z1fPFPFivEcE", "f(int (*(*)(char))())"],
    ["_Z1fM1AFvvE", "f(void (A::*)())"],
    ["_Z1fM1AKFvvE", "f(void (A::*)() const)"],
    ["_Z1fM1Ai", "f(int A::*)"],
    ["_Z1fPM1Ai", "f(int A::**)"],
    ["_Z1fRA3_i", "f(int (&) [3])"],
    ["_Z1fPA3_A4_Ki", "f(int const (*) [3][4])"],
    ["_Z1fM1AA3_i", "f(int (A::*) [3])"],
    ["_Z1fPKPKc", "f(char const* const*)"],
    ["_Z1fPVKi", "f(int const volatile*)"],
    ["_Z1fPrKi", "f(int const restrict*)"],
    ["_Z1fCd", "f(double _Complex)"],
    ["_Z1fDv4_f", "f(float __vector(4))"],
    ["_Z1fDn", "f(decltype(nullptr))"],
    ["_Z1fDi", "f(char32_t)"],
    ["_Z1fDF16_", "f(_Float16)"],
    ["_Z1fz", "f(...)"],
    ["_Z1fPDoFvvE", "f(void (*)() noexcept)"],
    ["_Z1fIiEPFivEv", "int (*f<int>())()"],
    ["_Z1fIiERA3_T_v", "int (&f<int>()) [3]"],
    ["_Z1fIRiEvOT_", "void f<int&>(int&)"],
    ["_Z1fIKiEvPKT_", "void f<int const>(int const*)"],
    [
      "_ZNSt6vectorIPFvPN2v87IsolateEESaIS4_EE17_M_realloc_insertIJRKS4_EEEvN9__gnu_cxx17__normal_iteratorIPS4_S6_EEDpOT_",
      "void std::vector<void (*)(v8::Isolate*), std::allocator<void (*)(v8::Isolate*)> >::_M_realloc_insert<void (* const&)(v8::Isolate*)>(__gnu_cxx::__normal_iterator<void (**)(v8::Isolate*), std::vector<void (*)(v8::Isolate*), std::allocator<void (*)(v8::Isolate*)> > >, void (* const&)(v8::Isolate*))",
    ],
    ["_ZN1AcviEv", "A::operator int()"],
    ["_ZN1AcvT_IiEEv", "A::operator int<int>()"],
    ["_ZN1AcvPT_IiEEv", "A::operator int*<int>()"],
    ["_ZN1AplERKS_", "A::operator+(A const&)"],
    ["_ZN1AnwEm", "A::operator new(unsigned long)"],
    ["_ZN1AdaEPv", "A::operator delete[](void*)"],
    ["_ZN1AclEv", "A::operator()()"],
    ["_ZN1AixEi", "A::operator[](int)"],
    ["_ZN1AssERKS_", "A::operator<=>(A const&)"],
    ["_Zli2_xy", 'operator"" _x(unsigned long long)'],
    ["_ZZ1fvE1x", "f()::x"],
    ["_ZZ1fvE1x_0", "f()::x"],
    ["_ZZ1fvEs", "f()::string literal"],
    ["_ZZ1fiEd_NKUlvE_clEv", "f(int)::{default arg#1}::{lambda()#1}::operator()() const"],
    ["_ZZ1fvENKUlvE_clEv", "f()::{lambda()#1}::operator()() const"],
    ["_ZZ1fvENKUlT_E0_clIiEEDaS_", "auto f()::{lambda(auto:1)#2}::operator()<int>(int) const"],
    ["_ZZN4node6MallocIcEEPT_mE20error_and_abort_args", "node::Malloc<char>(unsigned long)::error_and_abort_args"],
    [
      "_ZZZN4node9AsyncWrap11EmitDestroyEPNS_11EnvironmentEdENKUlS2_E_clES2_ENUlPvE_4_FUNES4_",
      "node::AsyncWrap::EmitDestroy(node::Environment*, double)::{lambda(node::Environment*)#1}::operator()(node::Environment*) const::{lambda(void*)#1}::_FUN(void*)",
    ],
    ["_ZN3fooUt_3barEv", "foo::{unnamed type#1}::bar()"],
    ["_ZN3foo3barB5cxx11Ev", "foo::bar[abi:cxx11]()"],
    ["_ZDC1a1bE", "[a, b]"],
    ["_ZTV3Foo", "vtable for Foo"],
    ["_ZTT3Foo", "VTT for Foo"],
    ["_ZTI3Foo", "typeinfo for Foo"],
    ["_ZTS3Foo", "typeinfo name for Foo"],
    ["_ZTVSo", "vtable for std::ostream"],
    ["_ZTC1A8_1B", "construction vtable for B-in-A"],
    ["_ZThn8_N1A1fEv", "non-virtual thunk to A::f()"],
    ["_ZTv0_n24_N1A1fEv", "virtual thunk to A::f()"],
    ["_ZTch0_h16_N1A1fEv", "covariant return thunk to A::f()"],
    ["_ZGVZ1fvE1x", "guard variable for f()::x"],
    ["_ZTH1x", "TLS init function for x"],
    ["_ZTW1x", "TLS wrapper function for x"],
    ["_ZTAXtl1ALi1EEE", "template parameter object for A{1}"],
    ["_ZGTtN1A3fooIiEEvT_", "transaction clone for void A::foo<int>(int)"],
    ["_Z3foov.part.0", "foo() [clone .part.0]"],
    ["_Z3foov.part.0.isra.1.cold", "foo() [clone .part.0] [clone .isra.1] [clone .cold]"],
    ["_Z3fooIJiiEEvDp1AIT_E", "void foo<int, int>(A<int>, A<int>)"],
    ["_Z1fIcEv1AIXngLi1EEE", "void f<char>(A<-(1)>)"],
    ["_Z1fIiEDTplfp_Li1EET_", "decltype ({parm#1}+(1)) f<int>(int)"],
    ["_Z1fIJiEEDTcl1gspfp_EEDpT_", "decltype (g({parm#1}...)) f<int>(int)"],
    ["_Z1fIJicEEv1AIXsZT_EE", "void f<int, char>(A<2>)"],
    ["_ZN1fIXgtLi1ELi2EEE1gEv", "f<((1)>(2))>::g()"],
    ["_Z1fIJiEEDTflplfp_EDpT_", "decltype ((...+{parm#1})) f<int>(int)"],
    ["_Z1fIJiEEDTfLplLi0Efp_EDpT_", "decltype (((0)+...+{parm#1})) f<int>(int)"],
    ["_Z1fIJiEEDTfrplfp_EDpT_", "decltype (({parm#1}+...)) f<int>(int)"],
    ["_Z1fIiEDTquLb1ELi1ELi2EEv", "decltype ((true)?(1) : (2)) f<int>()"],
    ["_Z1fIiEDTtlT_Li1EEEv", "decltype (int{1}) f<int>()"],
    ["_Z1fIiEDTstT_Ev", "decltype (sizeof (int)) f<int>()"],
    ["_Z1fIiEDTszfp_ET_", "decltype (sizeof {parm#1}) f<int>(int)"],
    ["_Z1fIiEDTdtfp_3fooET_", "decltype ({parm#1}.foo) f<int>(int)"],
    ["_Z1fIiEDTptfp_3fooIiEET_", "decltype ({parm#1}->(foo<int>)) f<int>(int)"],
    ["_Z1fIiEDTixfp_Li0EET_", "decltype ({parm#1}[0]) f<int>(int)"],
    ["_Z1fIiEDTppfp_ET_", "decltype ({parm#1}++) f<int>(int)"],
    ["_Z1fIiEDTpp_fp_ET_", "decltype (++{parm#1}) f<int>(int)"],
    ["_Z1fIiEDTsc1Afp_ET_", "decltype (static_cast<A>({parm#1})) f<int>(int)"],
    ["_Z1fIiEDTgs3fooEv", "decltype (::foo) f<int>()"],
    ["_Z1fIiEDTclsrT_3fooIiEEEv", "decltype ((int::foo<int>)()) f<int>()"],
    [
      "_ZN4llvm10checkedAddIlEENSt9enable_ifIXsr3std9is_signedIT_EE5valueENS_8OptionalIS2_EEE4typeES2_S2_",
      "std::enable_if<std::is_signed<long>::value, llvm::Optional<long> >::type llvm::checkedAdd<long>(long, long)",
    ],
    [
      "_ZN4llvm11PassManagerINS_6ModuleENS_15AnalysisManagerIS1_JEEEJEE3runEv",
      "llvm::PassManager<llvm::Module, llvm::AnalysisManager<llvm::Module>>::run()",
    ],
    ["_GLOBAL__I__Z3foov", "global constructors keyed to foo()"],
  ])("%s", (mangled, plain) => {
    expect(demangle(mangled)).toBe(plain);
  });

  it("leaves the places of empty packs out", () => {
    expect(demangle("_Z3fooIJEcEvv")).toBe("void foo<char>()");
  });
});

describe("Rust", () => {
  it.each([
    ["_ZN3std2io5stdio6_print17h0123456789abcdefE", "std::io::stdio::_print"],
    [
      "_ZN4core3ptr42drop_in_place$LT$alloc..string..String$GT$17h0123456789abcdefE",
      "core::ptr::drop_in_place<alloc::string::String>",
    ],
    [
      "_ZN71_$LT$Test$u20$$u2b$$u20$$u27$static$u20$as$u20$foo..Bar$LT$Test$GT$$GT$3bar17h930b740aa94f1d3aE",
      "<Test + 'static as foo::Bar<Test>>::bar",
    ],
    ["_RNvC6_123foo3bar", "123foo::bar"],
    ["_RNvNtCsgEmfK2I1SDS_4core3fmt5write", "core::fmt::write"],
    ["_RNvMs2_NtCsjrHSEGnQ3l9_3std9backtraceNtB5_9Backtrace7enabled", "<std::backtrace::Backtrace>::enabled"],
    ["_RNCNvC3foo3bar0", "foo::bar::{closure#0}"],
    ["_RNCNvC3foo3bars_0", "foo::bar::{closure#1}"],
    ["_RINvC3foo3barlE", "foo::bar::<i32>"],
    ["_RINvC3foo3barReE", "foo::bar::<&str>"],
    ["_RINvC3foo3barQDNtC3foo5TraitEL_E", "foo::bar::<&mut dyn foo::Trait>"],
    ["_RINvC3foo3barTElE", "foo::bar::<(), i32>"],
    ["_RINvC3foo3barTlEE", "foo::bar::<(i32,)>"],
    ["_RINvC3foo3barFUKCPhOlEuE", 'foo::bar::<unsafe extern "C" fn(*const u8, *mut i32)>'],
    ["_RINvC3foo3barKb1_Kc61_Kln5_E", "foo::bar::<true, 'a', -5>"],
    ["_RNvXC3fooNtB2_3BarNtB2_5Trait1f", "<foo::Bar as foo::Trait>::f"],
    ["_RNvYNtC3foo3BarNtB4_5Trait1f", "<foo::Bar as foo::Trait>::f"],
    ["_RNvNtC3foou8gdel_5qa3bar", "foo::gödel::bar"],
  ])("%s", (mangled, plain) => {
    expect(demangle(mangled)).toBe(plain);
  });

  it("keeps what tells clones apart, and drops the numbers of LLVM's modules", () => {
    expect(demangle("_RNvC3foo3bar.cold")).toBe("foo::bar.cold");
    expect(demangle("_RNvC3foo3bar.llvm.123")).toBe("foo::bar");
    expect(demangle("_ZN3foo3bar17h0123456789abcdefE.llvm.123")).toBe("foo::bar");
  });

  it("names lifetimes from the outermost binder in", () => {
    expect(demangle("_RINvC3foo3barFG_RL0_hEuE")).toBe("foo::bar::<for<'a> fn(&'a u8)>");
  });

  it("writes constants of 128 bits in full", () => {
    expect(demangle("_RINvC3foo3barKo7fffffffffffffffffffffffffffffff_E")).toBe(
      "foo::bar::<170141183460469231731687303715884105727>",
    );
  });
});

describe("names that are not mangled", () => {
  it.each([
    "",
    "main",
    "_Z",
    "_ZN",
    "_Zfoo",
    "_Z3fo",
    "_ZN3fooE3",
    "_Z1fS_",
    "_Z1fT_",
    "_Z3foov.",
    "_Z3foovE",
    "_ZN3foo",
    "_R",
    "_RNvC3foo",
    "_RB_",
    "_GLOBAL__sub_I_a.cc",
  ])("%j come back as they are", (name) => {
    expect(demangle(name)).toBe(name);
  });

  it("and so do those that would take for ever", () => {
    // Each parameter is a template of the one before, twice: the text doubles with each.
    const doubling = Array.from(
      { length: 30 },
      (_, n) => `1AIS${n.toString(36).toUpperCase()}_S${n.toString(36).toUpperCase()}_E`,
    );
    const names = [
      `_Z1f1B${doubling.join("")}`,
      `_Z1f${"P".repeat(20_000)}i`,
      `_Z1f${"R".repeat(20_000)}i`,
      `_ZN${"1a".repeat(20_000)}E`,
      `_Z1fI${"J".repeat(5000)}`,
      `_ZN1A${"cvT_I".repeat(100)}`,
      `_RINvC1a1b${"T".repeat(150)}l${"E".repeat(151)}`,
    ];
    for (const name of names) expect(demangle(name).length).toBeLessThan(200_000);
    expect(demangle(names[1])).toBe(names[1]);
  });
});
