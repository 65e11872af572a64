import type { ChildProcess } from "node:child_process";

/**
 * Cuts a process's own connections to a port, from within: it listens for a debugger at SIGUSR1. To be called once for a
 * child whose standard error is piped and that was given --inspect-port=0.
 */
export function createSever({ pid, stderr }: ChildProcess): (port: number) => Promise<void> {
  const debuggable = Promise.withResolvers<string>();
  let told = "";
  stderr!.setEncoding("utf8").on("data", (text: string) => {
    told = (told + text).slice(-10_000);
    const url = /Debugger listening on (ws:\S+)/.exec(told)?.[1];
    if (url) debuggable.resolve(url);
  });
  return async (port) => {
    process.kill(pid!, "SIGUSR1");
    const socket = new WebSocket(await debuggable.promise);
    const answered = Promise.withResolvers<void>();
    for (const end of ["error", "close", "message"]) socket.addEventListener(end, () => answered.resolve());
    socket.addEventListener("open", () => {
      // In a turn of its own: the debugger breaks into whatever the process is at, a read of that socket too.
      const cut = `process._getActiveHandles().filter((one) => one.remotePort === ${port} && one.destroy).forEach((one) => one.destroy())`;
      const expression = `setImmediate(() => ${cut})`;
      socket.send(JSON.stringify({ id: 1, method: "Runtime.evaluate", params: { expression } }));
    });
    await answered.promise;
    socket.close();
  };
}
