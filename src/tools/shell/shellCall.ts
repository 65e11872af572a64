/** The program and arguments that run a line in the system's plain shell. */
export function shellCall(line: string): { file: string; args: string[] } {
  if (process.platform === "win32") {
    return { file: "powershell.exe", args: ["-NoLogo", "-NoProfile", "-NonInteractive", "-Command", line] };
  }
  return { file: "/bin/sh", args: ["-c", LEASHED, "sh", line] };
}

// The watcher waits on descriptor 3 and ends the group when the other end of it is gone, which is when our process has
// died in whatever way. Then the shell becomes the one that runs the line, under the same pid, without the descriptor.
const LEASHED = '{ read -r _ <&3; kill -KILL -$$; } >/dev/null 2>&1 & exec /bin/sh -c "$1" 3<&-';
