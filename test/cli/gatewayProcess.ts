import { fileURLToPath } from "node:url";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** `pincer gateway` as a process of its own. */
export interface GatewayProcess {
  child: ChildProcess;
  /** Resolves with the address when it serves; rejects with what it said when it ends before. */
  serving: Promise<string>;
  /** Resolves with its exit code, or the signal that killed it. */
  ended: Promise<number | string | null>;
  stderr(): string;
  /** Resolves when it has said this on stderr. */
  said(words: string): Promise<void>;
}

const CLI = fileURLToPath(new URL("../../src/cli.ts", import.meta.url));

export function startGateway(args: string[], env: Record<string, string> = {}): GatewayProcess {
  const { PATH = "", HOME = "" } = process.env;
  const child = spawn(process.execPath, [CLI, "gateway", ...args], {
    env: { PATH, HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const said = async (words: string) => {
    while (!stderr.includes(words)) await once(child.stderr, "data");
  };
  const ended = new Promise<number | string | null>((resolve) =>
    child.on("close", (code, signal) => resolve(code ?? signal)),
  );
  const serving = new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).on("line", (line) => {
      const url = /^pincer listening on (http:\/\/\S+)$/.exec(line)?.[1];
      if (url) resolve(url);
    });
    void ended.then((code) => reject(new Error(`ended with ${code}:\n${stderr}`)));
  });
  // Some tests want it to end.
  serving.catch(() => {});
  return { child, serving, ended, stderr: () => stderr, said };
}
