import { release } from "node:os";
import { basename } from "node:path";
import { forwarderWords, START_FORWARDER } from "./gateForwarder.ts";
import { MAX_PROCESSES } from "./processWatch.ts";
import type { Program } from "./sandbox.ts";

// The watch ends what has too many; this keeps it from having many more before it is seen. Root is never held to it.
const MOST = MAX_PROCESSES * 2;

// Since 5.14 the kernel counts a user's processes in each user namespace by themselves; before, those of the desktop counted too.
const countsApart = (([major = 0, minor = 0]) => major > 5 || (major === 5 && minor >= 14))(
  release().split(".").map(Number),
);

// What this process was started with may be open still, a folder of the machine among it, through which all of it is reached.
// Only bash can close a number of two digits.
const CLOSING = {
  bash: 'for n in /proc/self/fd/*; do n=${n##*/}; [ "$n" -le 2 ] || eval "exec $n>&-"; done;',
  sh: "exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-;",
};

// When memory runs out the kernel takes the command, and not its gateway.
const LIMITS = [
  // The one is bash's word for it, the other that of dash and busybox.
  countsApart ? `ulimit -u ${MOST} 2>/dev/null || ulimit -p ${MOST} 2>/dev/null;` : "",
  "echo 500 2>/dev/null >/proc/self/oom_score_adj;",
].join(" ");

/** What runs first in the sandbox: it closes what is open, sets the limits, opens the way to the gate where there is one, and becomes the program. */
export function innerProgram({ file, args }: Program, hasGate: boolean): Program {
  const [start, words] = hasGate ? [START_FORWARDER, forwarderWords()] : ["", []];
  const isBash = basename(file) === "bash";
  const first = `${isBash ? CLOSING.bash : CLOSING.sh} ${LIMITS} ${start} exec "$@"`;
  return { file: isBash ? file : "/bin/sh", args: ["-c", first, "sh", ...words, file, ...args] };
}
