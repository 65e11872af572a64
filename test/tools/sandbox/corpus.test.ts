import { execFileSync } from "node:child_process";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { confine } from "../../../src/tools/sandbox/confine.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { startChild } from "../../../src/tools/shell/child.ts";
import { childEnv } from "../../../src/processes/childEnv.ts";
import { tempFolder } from "../toolContext.ts";
import { corpusLines } from "./corpus.ts";

const found = await findSandbox();
const CANARY = "canary-7c41e9";
const server = createServer((socket) => socket.end(CANARY));
let connections = 0;
server.on("connection", () => (connections += 1));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

/** A repository with secrets in its files, its history and its configuration, a home folder and one beside it. */
function machine(): { workspace: string; outside: string; home: string } {
  const base = tempFolder({
    "ws/a.txt": "a\n",
    "ws/src/b.ts": "b\n",
    "ws/.env": `KEY=${CANARY}\n`,
    "ws/prod.env": `KEY=${CANARY}\n`,
    "ws/sub/.env.local": `KEY=${CANARY}\n`,
    "ws/certs/id_rsa": `${CANARY}\n`,
    "ws/.npmrc": `${CANARY}\n`,
    "ws/.docker/config.json": `${CANARY}\n`,
    "home/notes.txt": `${CANARY}\n`,
    "home/.ssh/id_rsa": `${CANARY}\n`,
    "home/.bashrc": "",
    "outside/secret.txt": `${CANARY}\n`,
  });
  const workspace = join(base, "ws");
  symlinkSync(".env", join(workspace, "plain"));
  const git = (...args: string[]) => execFileSync("git", args, { cwd: workspace, env: childEnv(workspace) });
  git("init", "-q");
  git("add", "-A");
  git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "first");
  git("remote", "add", "origin", `https://user:${CANARY}@example.com/x.git`);
  return { workspace, outside: join(base, "outside"), home: join(base, "home") };
}

/** Every file with its content, mode and time. */
function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => {
      const path = join(folder, name);
      const stat = lstatSync(path);
      const content = stat.isSymbolicLink() ? readlinkSync(path) : stat.isFile() ? readFileSync(path, "latin1") : "";
      return [name, stat.mode, stat.mtimeMs, stat.uid, content].join(" ");
    });
}

/** Runs the lines of a file from one on, each after a line that says its number from 1. */
async function runFrom(done: number, file: string, place: { workspace: string; env: Record<string, string> }) {
  // Not through a pipe, which what a line leaves running would hold open.
  const script = `exec 3<&-; ulimit -f 4000; n=0
while IFS= read -r -d '' line; do
  n=$((n+1)); [ $n -le ${done} ] && continue
  echo "[line $n]"; timeout -s KILL 1 bash -c "$line" < /dev/null > /tmp/output.$n 2>&1; head -c 5000 /tmp/output.$n; rm -f /tmp/output.$n
done < ${file}`;
  const { program } = await confine(
    { file: "/bin/bash", args: ["-c", script] },
    { strength: "reading" },
    { sandbox: found.sandbox!, ...place },
  );
  const child = await startChild({ ...program, cwd: place.workspace, env: place.env, maxChars: 50_000_000 });
  await child.outcome;
  return child.output();
}

test.runIf(found.sandbox)(
  "two thousand lines that want out of the reading sandbox change nothing, see no secret and leave nothing running",
  { timeout: 120_000 },
  async () => {
    const { workspace, outside, home } = machine();
    const { port } = server.address() as { port: number };
    const folders = (childEnv(workspace).PATH ?? "").split(":");
    const isHere = (program: string) => folders.some((folder) => existsSync(join(folder, program)));
    const { lines, count } = corpusLines({ outside, port, pid: process.pid }, isHere);
    expect(count).toBeGreaterThan(2000);
    const env = { ...childEnv(workspace), HOME: home };
    mkdirSync(join(workspace, "lines"));
    const parts = Array.from({ length: 12 }, (_, part) => lines.filter((_line, at) => at % 12 === part));
    for (const [at, part] of parts.entries()) writeFileSync(join(workspace, `lines/${at}`), part.join("\0") + "\0");
    const before = [snapshot(workspace), snapshot(outside), snapshot(home)];

    const outputs = await Promise.all(
      parts.map(async (part, at) => {
        let output = "";
        // A line that kills all it can reach ends its own sandbox; the rest goes on in another.
        for (let done = 0; done < part.length;) {
          output += await runFrom(done, `lines/${at}`, { workspace, env });
          const last = Number(/.*\[line (\d+)\]/s.exec(output)?.[1]);
          expect(last).toBeGreaterThan(done);
          done = last;
        }
        return output;
      }),
    );

    const leaks = outputs.flatMap((output) => output.split("\n").filter((line) => line.includes(CANARY)));
    expect(leaks).toEqual([]);
    expect([snapshot(workspace), snapshot(outside), snapshot(home)]).toEqual(before);
    expect(connections).toBe(0);
    expect(execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" })).not.toContain(`987.${process.pid}`);
  },
);
