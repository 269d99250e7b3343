/* Made of the folders beside it by scripts/embed-tools.mjs (npm run docs). */
import { tool as argdist } from "./argdist/tool.ts";
import { tool as bashreadline } from "./bashreadline/tool.ts";
import { tool as bindsnoop } from "./bindsnoop/tool.ts";
import { tool as biolatency } from "./biolatency/tool.ts";
import { tool as biolatpcts } from "./biolatpcts/tool.ts";
import { tool as biopattern } from "./biopattern/tool.ts";
import { tool as biosnoop } from "./biosnoop/tool.ts";
import { tool as biostacks } from "./biostacks/tool.ts";
import { tool as biotop } from "./biotop/tool.ts";
import { tool as bitesize } from "./bitesize/tool.ts";
import { tool as bpflist } from "./bpflist/tool.ts";
import { tool as btrfsdist } from "./btrfsdist/tool.ts";
import { tool as btrfsslower } from "./btrfsslower/tool.ts";
import { tool as cachestat } from "./cachestat/tool.ts";
import { tool as cachetop } from "./cachetop/tool.ts";
import { tool as capable } from "./capable/tool.ts";
import { tool as compactsnoop } from "./compactsnoop/tool.ts";
import { tool as cpudist } from "./cpudist/tool.ts";
import { tool as cpufreq } from "./cpufreq/tool.ts";
import { tool as cpuunclaimed } from "./cpuunclaimed/tool.ts";
import { tool as criticalstat } from "./criticalstat/tool.ts";
import { tool as dbslower } from "./dbslower/tool.ts";
import { tool as dbstat } from "./dbstat/tool.ts";
import { tool as dcsnoop } from "./dcsnoop/tool.ts";
import { tool as dcstat } from "./dcstat/tool.ts";
import { tool as deadlock } from "./deadlock/tool.ts";
import { tool as dirtop } from "./dirtop/tool.ts";
import { tool as drsnoop } from "./drsnoop/tool.ts";
import { tool as execsnoop } from "./execsnoop/tool.ts";
import { tool as exitsnoop } from "./exitsnoop/tool.ts";
import { tool as ext4dist } from "./ext4dist/tool.ts";
import { tool as ext4slower } from "./ext4slower/tool.ts";
import { tool as f2fsdist } from "./f2fsdist/tool.ts";
import { tool as f2fsslower } from "./f2fsslower/tool.ts";
import { tool as filegone } from "./filegone/tool.ts";
import { tool as filelife } from "./filelife/tool.ts";
import { tool as fileslower } from "./fileslower/tool.ts";
import { tool as filetop } from "./filetop/tool.ts";
import { tool as fsdist } from "./fsdist/tool.ts";
import { tool as fsslower } from "./fsslower/tool.ts";
import { tool as funccount } from "./funccount/tool.ts";
import { tool as funcinterval } from "./funcinterval/tool.ts";
import { tool as funclatency } from "./funclatency/tool.ts";
import { tool as funcslower } from "./funcslower/tool.ts";
import { tool as futexctn } from "./futexctn/tool.ts";
import { tool as gethostlatency } from "./gethostlatency/tool.ts";
import { tool as hardirqs } from "./hardirqs/tool.ts";
import { tool as inject } from "./inject/tool.ts";
import { tool as killsnoop } from "./killsnoop/tool.ts";
import { tool as klockstat } from "./klockstat/tool.ts";
import { tool as ksnoop } from "./ksnoop/tool.ts";
import { tool as kvmexit } from "./kvmexit/tool.ts";
import { tool as llcstat } from "./llcstat/tool.ts";
import { tool as mdflush } from "./mdflush/tool.ts";
import { tool as memleak } from "./memleak/tool.ts";
import { tool as mountsnoop } from "./mountsnoop/tool.ts";
import { tool as mptcpify } from "./mptcpify/tool.ts";
import { tool as mysqldQslower } from "./mysqld_qslower/tool.ts";
import { tool as netqtop } from "./netqtop/tool.ts";
import { tool as nfsdist } from "./nfsdist/tool.ts";
import { tool as nfsslower } from "./nfsslower/tool.ts";
import { tool as numamove } from "./numamove/tool.ts";
import { tool as numasched } from "./numasched/tool.ts";
import { tool as offcputime } from "./offcputime/tool.ts";
import { tool as offwaketime } from "./offwaketime/tool.ts";
import { tool as oomkill } from "./oomkill/tool.ts";
import { tool as opensnoop } from "./opensnoop/tool.ts";
import { tool as pidpersec } from "./pidpersec/tool.ts";
import { tool as profile } from "./profile/tool.ts";
import { tool as rdmaucma } from "./rdmaucma/tool.ts";
import { tool as readahead } from "./readahead/tool.ts";
import { tool as runqlat } from "./runqlat/tool.ts";
import { tool as runqlen } from "./runqlen/tool.ts";
import { tool as runqslower } from "./runqslower/tool.ts";
import { tool as shmsnoop } from "./shmsnoop/tool.ts";
import { tool as sigsnoop } from "./sigsnoop/tool.ts";
import { tool as slabratetop } from "./slabratetop/tool.ts";
import { tool as sofdsnoop } from "./sofdsnoop/tool.ts";
import { tool as softirqs } from "./softirqs/tool.ts";
import { tool as softirqslower } from "./softirqslower/tool.ts";
import { tool as solisten } from "./solisten/tool.ts";
import { tool as sslsniff } from "./sslsniff/tool.ts";
import { tool as stackcount } from "./stackcount/tool.ts";
import { tool as statsnoop } from "./statsnoop/tool.ts";
import { tool as swapin } from "./swapin/tool.ts";
import { tool as syncsnoop } from "./syncsnoop/tool.ts";
import { tool as syscount } from "./syscount/tool.ts";
import { tool as tcpaccept } from "./tcpaccept/tool.ts";
import { tool as tcpcong } from "./tcpcong/tool.ts";
import { tool as tcpconnect } from "./tcpconnect/tool.ts";
import { tool as tcpconnlat } from "./tcpconnlat/tool.ts";
import { tool as tcpdrop } from "./tcpdrop/tool.ts";
import { tool as tcplife } from "./tcplife/tool.ts";
import { tool as tcppktlat } from "./tcppktlat/tool.ts";
import { tool as tcpretrans } from "./tcpretrans/tool.ts";
import { tool as tcprtt } from "./tcprtt/tool.ts";
import { tool as tcpstates } from "./tcpstates/tool.ts";
import { tool as tcpsubnet } from "./tcpsubnet/tool.ts";
import { tool as tcpsynbl } from "./tcpsynbl/tool.ts";
import { tool as tcptop } from "./tcptop/tool.ts";
import { tool as tcptracer } from "./tcptracer/tool.ts";
import { tool as threadsnoop } from "./threadsnoop/tool.ts";
import { tool as tplist } from "./tplist/tool.ts";
import { tool as trace } from "./trace/tool.ts";
import { tool as ttysnoop } from "./ttysnoop/tool.ts";
import { tool as ucalls } from "./ucalls/tool.ts";
import { tool as uflow } from "./uflow/tool.ts";
import { tool as ugc } from "./ugc/tool.ts";
import { tool as uobjnew } from "./uobjnew/tool.ts";
import { tool as ustat } from "./ustat/tool.ts";
import { tool as uthreads } from "./uthreads/tool.ts";
import { tool as vfscount } from "./vfscount/tool.ts";
import { tool as vfsstat } from "./vfsstat/tool.ts";
import { tool as virtiostat } from "./virtiostat/tool.ts";
import { tool as wakeuptime } from "./wakeuptime/tool.ts";
import { tool as wqlat } from "./wqlat/tool.ts";
import { tool as xfsdist } from "./xfsdist/tool.ts";
import { tool as xfsslower } from "./xfsslower/tool.ts";
import { tool as zfsdist } from "./zfsdist/tool.ts";
import { tool as zfsslower } from "./zfsslower/tool.ts";
import type { Tool } from "./tool.ts";

/** All tools, in the order of their names. */
export const TOOLS: readonly Tool[] = [
  argdist,
  bashreadline,
  bindsnoop,
  biolatency,
  biolatpcts,
  biopattern,
  biosnoop,
  biostacks,
  biotop,
  bitesize,
  bpflist,
  btrfsdist,
  btrfsslower,
  cachestat,
  cachetop,
  capable,
  compactsnoop,
  cpudist,
  cpufreq,
  cpuunclaimed,
  criticalstat,
  dbslower,
  dbstat,
  dcsnoop,
  dcstat,
  deadlock,
  dirtop,
  drsnoop,
  execsnoop,
  exitsnoop,
  ext4dist,
  ext4slower,
  f2fsdist,
  f2fsslower,
  filegone,
  filelife,
  fileslower,
  filetop,
  fsdist,
  fsslower,
  funccount,
  funcinterval,
  funclatency,
  funcslower,
  futexctn,
  gethostlatency,
  hardirqs,
  inject,
  killsnoop,
  klockstat,
  ksnoop,
  kvmexit,
  llcstat,
  mdflush,
  memleak,
  mountsnoop,
  mptcpify,
  mysqldQslower,
  netqtop,
  nfsdist,
  nfsslower,
  numamove,
  numasched,
  offcputime,
  offwaketime,
  oomkill,
  opensnoop,
  pidpersec,
  profile,
  rdmaucma,
  readahead,
  runqlat,
  runqlen,
  runqslower,
  shmsnoop,
  sigsnoop,
  slabratetop,
  sofdsnoop,
  softirqs,
  softirqslower,
  solisten,
  sslsniff,
  stackcount,
  statsnoop,
  swapin,
  syncsnoop,
  syscount,
  tcpaccept,
  tcpcong,
  tcpconnect,
  tcpconnlat,
  tcpdrop,
  tcplife,
  tcppktlat,
  tcpretrans,
  tcprtt,
  tcpstates,
  tcpsubnet,
  tcpsynbl,
  tcptop,
  tcptracer,
  threadsnoop,
  tplist,
  trace,
  ttysnoop,
  ucalls,
  uflow,
  ugc,
  uobjnew,
  ustat,
  uthreads,
  vfscount,
  vfsstat,
  virtiostat,
  wakeuptime,
  wqlat,
  xfsdist,
  xfsslower,
  zfsdist,
  zfsslower,
];
