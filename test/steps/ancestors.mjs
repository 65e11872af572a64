import { execFileSync } from "node:child_process";
import { fstatSync, readFileSync } from "node:fs";
import { isatty } from "node:tty";

// Elsewhere than on Linux each look starts a process.
const checkMs = process.platform === "linux" ? 300 : 2_000;

/**
 * Calls `gone` once when npm, which started this process, has ended, or what started npm has: a script, a terminal.
 * Who starts npm in the background (its input is then /dev/null) wants it to stay when the shell goes.
 */
export function whenOrphaned(gone) {
  const links = linksToWatch();
  const timer = setInterval(() => {
    if (links.every(({ child, parent }) => parentOf(child) === parent && isAlive(parent))) return;
    clearInterval(timer);
    gone();
  }, checkMs);
  timer.unref();
}

/** Who is whose child, from this process up to npm and what started it. */
function linksToWatch() {
  const links = [{ child: process.pid, parent: process.ppid }];
  // On Windows a process does not learn its parent's parent, nor whether that one is another by now.
  if (process.platform === "win32") return links;
  // npm runs scripts in a shell, which may or may not stay between.
  while (links.length < 3 && !isNpm(links.at(-1).parent)) {
    const child = links.at(-1).parent;
    links.push({ child, parent: parentOf(child) });
  }
  const last = links.at(-1).parent;
  if (!isNpm(last)) return isInBackground() ? [] : links.slice(0, 1);
  return isInBackground() ? links : [...links, { child: last, parent: parentOf(last) }];
}

function isInBackground() {
  try {
    return fstatSync(0).isCharacterDevice() && !isatty(0);
  } catch {
    return true;
  }
}

function isNpm(pid) {
  return /(^|\/)npm\b/.test(tell(pid, "command"));
}

function parentOf(pid) {
  return pid === process.pid ? process.ppid : Number(tell(pid, "ppid"));
}

function tell(pid, what) {
  try {
    if (process.platform !== "linux")
      return execFileSync("/bin/ps", ["-o", `${what}=`, "-p", String(pid)], { encoding: "utf8" }).trim();
    if (what === "command") return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
    // The name in parentheses may hold anything; the parent is the second field after it.
    return readFileSync(`/proc/${pid}/stat`, "utf8").split(")").at(-1).trim().split(" ")[1];
  } catch {
    return "";
  }
}

/** Whether there is such a process, of whatever user. */
export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}
