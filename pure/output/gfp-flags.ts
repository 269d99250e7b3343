import type { Int } from "@beetrace/std";

// Bits of gfp_t as include/linux/gfp_types.h numbers them since Linux 6.10 (with CONFIG_KASAN_HW_TAGS).
const bit = (number: number): number => 2 ** number;
const DMA = bit(0);
const HIGHMEM = bit(1);
const DMA32 = bit(2);
const MOVABLE = bit(3);
const RECLAIMABLE = bit(4);
const HIGH = bit(5);
const IO = bit(6);
const FS = bit(7);
const DIRECT_RECLAIM = bit(10);
const KSWAPD_RECLAIM = bit(11);
const NOWARN = bit(13);
const COMP = bit(18);
const NOMEMALLOC = bit(19);
const HARDWALL = bit(20);
const ACCOUNT = bit(22);
const SKIP_KASAN = bit(25);

const RECLAIM = DIRECT_RECLAIM + KSWAPD_RECLAIM;
const KERNEL = RECLAIM + IO + FS;
const USER = KERNEL + HARDWALL;
const HIGHUSER_MOVABLE = USER + HIGHMEM + MOVABLE;
const TRANSHUGE_LIGHT = HIGHUSER_MOVABLE + COMP + NOMEMALLOC + NOWARN - RECLAIM;

/** Compound masks first, so that they are seen before their parts: the order of include/trace/events/mmflags.h. */
const NAMES: readonly (readonly [mask: number, name: string])[] = [
  [TRANSHUGE_LIGHT + SKIP_KASAN + DIRECT_RECLAIM, "GFP_TRANSHUGE"],
  [TRANSHUGE_LIGHT + DIRECT_RECLAIM, "GFP_TRANSHUGE"],
  [TRANSHUGE_LIGHT + SKIP_KASAN, "GFP_TRANSHUGE_LIGHT"],
  [TRANSHUGE_LIGHT, "GFP_TRANSHUGE_LIGHT"],
  [HIGHUSER_MOVABLE + SKIP_KASAN, "GFP_HIGHUSER_MOVABLE"],
  [HIGHUSER_MOVABLE, "GFP_HIGHUSER_MOVABLE"],
  [USER + HIGHMEM, "GFP_HIGHUSER"],
  [USER, "GFP_USER"],
  [KERNEL + ACCOUNT, "GFP_KERNEL_ACCOUNT"],
  [KERNEL, "GFP_KERNEL"],
  [RECLAIM + IO, "GFP_NOFS"],
  [HIGH + KSWAPD_RECLAIM, "GFP_ATOMIC"],
  [RECLAIM, "GFP_NOIO"],
  [KSWAPD_RECLAIM + NOWARN, "GFP_NOWAIT"],
  [DMA, "GFP_DMA"],
  [HIGHMEM, "__GFP_HIGHMEM"],
  [DMA32, "GFP_DMA32"],
  [HIGH, "__GFP_HIGH"],
  [IO, "__GFP_IO"],
  [FS, "__GFP_FS"],
  [bit(8), "__GFP_ZERO"],
  [DIRECT_RECLAIM, "__GFP_DIRECT_RECLAIM"],
  [KSWAPD_RECLAIM, "__GFP_KSWAPD_RECLAIM"],
  [bit(12), "__GFP_WRITE"],
  [NOWARN, "__GFP_NOWARN"],
  [bit(14), "__GFP_RETRY_MAYFAIL"],
  [bit(15), "__GFP_NOFAIL"],
  [bit(16), "__GFP_NORETRY"],
  [bit(17), "__GFP_MEMALLOC"],
  [COMP, "__GFP_COMP"],
  [NOMEMALLOC, "__GFP_NOMEMALLOC"],
  [HARDWALL, "__GFP_HARDWALL"],
  [bit(21), "__GFP_THISNODE"],
  [ACCOUNT, "__GFP_ACCOUNT"],
  [MOVABLE, "__GFP_MOVABLE"],
  [RECLAIMABLE, "__GFP_RECLAIMABLE"],
  [bit(23), "__GFP_ZEROTAGS"],
  [bit(24), "__GFP_SKIP_ZERO"],
  [SKIP_KASAN, "__GFP_SKIP_KASAN"],
  [bit(26), "__GFP_NO_OBJ_EXT"],
];

/** The flags of a memory allocation as names joined with `|`; bits without a name follow in hex; `0` for none. */
export function gfpFlagsText(flags: Int): string {
  let remaining = BigInt.asUintN(64, BigInt(flags));
  if (remaining === 0n) return "0";
  const names: string[] = [];
  for (const [mask, name] of NAMES) {
    const wanted = BigInt(mask);
    if ((remaining & wanted) !== wanted) continue;
    names.push(name);
    remaining &= ~wanted;
  }
  if (remaining !== 0n) names.push(`0x${remaining.toString(16)}`);
  return names.join("|");
}
