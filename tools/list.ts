/* Made of the folders beside it by scripts/embed-tools.mjs (npm run docs). */
import { tool as argdist } from "./argdist/tool.ts";
import { tool as bashreadline } from "./bashreadline/tool.ts";
import { tool as biolatency } from "./biolatency/tool.ts";
import { tool as biolatpcts } from "./biolatpcts/tool.ts";
import { tool as biopattern } from "./biopattern/tool.ts";
import { tool as biosnoop } from "./biosnoop/tool.ts";
import { tool as biotop } from "./biotop/tool.ts";
import { tool as bitesize } from "./bitesize/tool.ts";
import { tool as btrfsdist } from "./btrfsdist/tool.ts";
import { tool as btrfsslower } from "./btrfsslower/tool.ts";
import { tool as cpudist } from "./cpudist/tool.ts";
import { tool as dbslower } from "./dbslower/tool.ts";
import { tool as dbstat } from "./dbstat/tool.ts";
import { tool as execsnoop } from "./execsnoop/tool.ts";
import { tool as exitsnoop } from "./exitsnoop/tool.ts";
import { tool as ext4dist } from "./ext4dist/tool.ts";
import { tool as ext4slower } from "./ext4slower/tool.ts";
import { tool as f2fsdist } from "./f2fsdist/tool.ts";
import { tool as f2fsslower } from "./f2fsslower/tool.ts";
import { tool as fsdist } from "./fsdist/tool.ts";
import { tool as fsslower } from "./fsslower/tool.ts";
import { tool as funccount } from "./funccount/tool.ts";
import { tool as funclatency } from "./funclatency/tool.ts";
import { tool as gethostlatency } from "./gethostlatency/tool.ts";
import { tool as hardirqs } from "./hardirqs/tool.ts";
import { tool as killsnoop } from "./killsnoop/tool.ts";
import { tool as memleak } from "./memleak/tool.ts";
import { tool as mysqldQslower } from "./mysqld_qslower/tool.ts";
import { tool as nfsdist } from "./nfsdist/tool.ts";
import { tool as nfsslower } from "./nfsslower/tool.ts";
import { tool as opensnoop } from "./opensnoop/tool.ts";
import { tool as profile } from "./profile/tool.ts";
import { tool as runqlat } from "./runqlat/tool.ts";
import { tool as runqlen } from "./runqlen/tool.ts";
import { tool as runqslower } from "./runqslower/tool.ts";
import { tool as shmsnoop } from "./shmsnoop/tool.ts";
import { tool as slabratetop } from "./slabratetop/tool.ts";
import { tool as softirqs } from "./softirqs/tool.ts";
import { tool as syscount } from "./syscount/tool.ts";
import { tool as tcpaccept } from "./tcpaccept/tool.ts";
import { tool as tcpconnect } from "./tcpconnect/tool.ts";
import { tool as tcpconnlat } from "./tcpconnlat/tool.ts";
import { tool as tcplife } from "./tcplife/tool.ts";
import { tool as tcpretrans } from "./tcpretrans/tool.ts";
import { tool as tcpstates } from "./tcpstates/tool.ts";
import { tool as tcptop } from "./tcptop/tool.ts";
import { tool as threadsnoop } from "./threadsnoop/tool.ts";
import { tool as trace } from "./trace/tool.ts";
import { tool as ttysnoop } from "./ttysnoop/tool.ts";
import { tool as xfsdist } from "./xfsdist/tool.ts";
import { tool as xfsslower } from "./xfsslower/tool.ts";
import { tool as zfsdist } from "./zfsdist/tool.ts";
import { tool as zfsslower } from "./zfsslower/tool.ts";
import type { Tool } from "./tool.ts";

/** All tools, in the order of their names. */
export const TOOLS: readonly Tool[] = [
  argdist,
  bashreadline,
  biolatency,
  biolatpcts,
  biopattern,
  biosnoop,
  biotop,
  bitesize,
  btrfsdist,
  btrfsslower,
  cpudist,
  dbslower,
  dbstat,
  execsnoop,
  exitsnoop,
  ext4dist,
  ext4slower,
  f2fsdist,
  f2fsslower,
  fsdist,
  fsslower,
  funccount,
  funclatency,
  gethostlatency,
  hardirqs,
  killsnoop,
  memleak,
  mysqldQslower,
  nfsdist,
  nfsslower,
  opensnoop,
  profile,
  runqlat,
  runqlen,
  runqslower,
  shmsnoop,
  slabratetop,
  softirqs,
  syscount,
  tcpaccept,
  tcpconnect,
  tcpconnlat,
  tcplife,
  tcpretrans,
  tcpstates,
  tcptop,
  threadsnoop,
  trace,
  ttysnoop,
  xfsdist,
  xfsslower,
  zfsdist,
  zfsslower,
];
