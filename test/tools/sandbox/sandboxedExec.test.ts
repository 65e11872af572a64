import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import type { CommandPolicy } from "../../../src/core/ports/commandPolicy.ts";
import { decide } from "../../../src/core/permission/decide.ts";
import type { Consent } from "../../../src/core/ports/tool.ts";
import { protectState } from "../../../src/rules/protectedState.ts";
import { exec } from "../../../src/tools/execTool.ts";
import { sandboxFor } from "../../../src/tools/sandbox/commandBounds.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { tempFolder, toolContext } from "../toolContext.ts";

const { sandbox } = await findSandbox();
const server = createServer((socket) => socket.end("hello from outside\n"));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));
const greet = () => `exec 5<>/dev/tcp/127.0.0.1/${(server.address() as { port: number }).port}; cat <&5`;

const isRunning = (words: string) => execFileSync("ps", ["-A", "-o", "args="], { encoding: "utf8" }).includes(words);

const workspace = () =>
  tempFolder({ "a.txt": "a\n", ".env": "KEY=secret\n", ".vscode/settings.json": "{}", "AGENTS.md": "be good" });

/** What a command is asked about under a policy, and what it says when it is let run so. */
async function run(
  folder: string,
  input: { command: string; access?: string; timeoutSeconds?: number },
  { consent, ...own }: Partial<CommandPolicy> & { consent?: Consent },
) {
  const policy: CommandPolicy = { approvals: "ask", sandbox: "auto", rules: [], grants: [], allowances: [], ...own };
  const prepared = await exec.prepare(exec.input.parse(input), toolContext(folder, { commands: policy }));
  return { ask: prepared.ask!, touches: prepared.touches, ...(await prepared.run(consent)) };
}

test.runIf(sandbox)("under auto-safe any command may read, and can do no more", async () => {
  const folder = workspace();
  const policy = { approvals: "auto-safe", consent: "harmless" } as const;
  const read = await run(folder, { command: "for f in *.txt; do cat $f; done" }, policy);
  expect(read).toMatchObject({ text: "a", ask: { safe: true, protected: false }, touches: [] });

  const write = await run(folder, { command: "for f in x; do echo $f > $f; done" }, policy);
  expect(write.text).toMatch(/Read-only file system[^]*call again with access "write" or "network"/);
  const secret = await run(folder, { command: "for f in e; do cat .${f}nv; done" }, policy);
  expect(secret.text).toMatch(/Permission denied/);
  expect((await run(folder, { command: `if true; then ${greet()}; fi` }, policy)).isError).toBe(true);
  expect(readdirSync(folder).sort()).toEqual([".env", ".vscode", "AGENTS.md", "a.txt"]);

  expect((await run(folder, { command: "cat .env" }, policy)).ask).toMatchObject({ safe: false, protected: true });
  expect((await run(folder, { command: "if a; then b; fi", access: "write" }, policy)).ask.safe).toBe(false);
});

test.runIf(sandbox?.endsTree)("a home folder of odd things keeps no command from running", async () => {
  const home = tempFolder({ ".bun": "a file", ".local": "a file" });
  vi.stubEnv("HOME", home);
  onTestFinished(() => void vi.unstubAllEnvs());
  const policy = { approvals: "auto-safe", consent: "harmless" } as const;
  expect(await run(workspace(), { command: "if true; then cat a.txt; fi" }, policy)).toMatchObject({ text: "a" });
});

test.runIf(sandbox?.endsTree)(
  "what is thrown away afterwards is bounded: no command fills the memory with it",
  async () => {
    const policy = { approvals: "auto-safe", consent: "harmless" } as const;
    const command = `if true; then
for place in $(grep tmpfs /proc/mounts | grep -v '[ ,]ro[ ,]' | cut -d' ' -f2 | sort -u) /dev; do
  touch $place/x 2>/dev/null && df --output=size,target -BK $place | tail -n 1; done; fi`;
    const rows = (await run(workspace(), { command }, policy)).text.trim().split("\n");
    const sizes = rows.map((row) => Number(/\d+/.exec(row)?.[0]));
    expect(rows.some((row) => row.endsWith(" /tmp"))).toBe(true);
    expect(rows.join("\n")).not.toMatch(/ \/dev$/);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(1.6 * 1024 * 1024);
  },
);

test.runIf(sandbox?.endsTree)(
  "a bomb of forks is ended, and said; what runs out of memory is the command",
  async () => {
    for (const policy of [
      { approvals: "auto-safe", consent: "harmless" },
      { approvals: "auto", consent: "mode" },
    ] as const) {
      // One that ends by itself, so that the machine stands a watch that fails: later than a busy one takes to make them all.
      const bomb = `bomb() { sleep 30 & [ $1 = 0 ] || { bomb $(($1-1)) & bomb $(($1-1)) & }; wait; }; bomb 10; : ${process.pid}`;
      const { text } = await run(workspace(), { command: bomb }, policy);
      expect(text).toContain("[stopped: it had more than 1000 processes at once]");
      // A thousand processes take a moment to go.
      await expect.poll(() => isRunning(`bomb 10; : ${process.pid}`)).toBe(false);
    }
    const limits = "if true; then cat /proc/self/oom_score_adj; ulimit -u; fi";
    const { text } = await run(workspace(), { command: limits }, { approvals: "auto-safe", consent: "harmless" });
    expect(text.split("\n")).toEqual(["500", "2000"]);
  },
);

test.runIf(sandbox)("many processes that are no bomb are let be", async () => {
  const command = "for n in $(seq 300); do sleep 1 & done; wait; echo done";
  expect((await run(workspace(), { command }, { approvals: "auto", consent: "mode" })).text).toBe("done");
});

test.runIf(sandbox)("what a command leaves running ends with it, and is named", async () => {
  const policy = { approvals: "auto", consent: "mode" } as const;
  const text = async (command: string) => (await run(workspace(), { command }, policy)).text;
  // Until a program runs it is named as the shell that starts it, which may take a busy machine long.
  const asleep = (count: number) =>
    `until [ "$(grep -lsz '^sleep' /proc/[0-9]*/cmdline | wc -l)" = ${count} ]; do sleep 0.05; done`;
  expect(await text(`sleep 61 & sleep 62 & ${asleep(2)}; echo started`)).toBe(
    "started\n\n[still running when the command ended, so stopped too: sleep 61, sleep 62; use background for what is to go on]",
  );
  // The shell's own words are nobody's program.
  const subshell = await text(`set -eu; (sleep 61; echo never) & ${asleep(1)}; echo started`);
  expect(subshell).toContain("[still running when the command ended, so stopped too: a subshell of it, sleep 61; use");
  expect(await text(`for n in 1 2 3 4 5; do sleep 6$n & done; ${asleep(5)}; exit 3`)).toMatch(
    /sleep 61, sleep 62, sleep 63 and 2 more; use background[^]*\[exit code 3\]$/,
  );
  // What is about to become a program has no words for a moment; this one takes its own away.
  const bare = `perl -e '$0 = ""; mkdir "bare"; sleep 61' & until [ -e bare ]; do :; done; echo started`;
  expect(await text(bare)).toContain("[still running when the command ended, so stopped too: a program; use");
  // What still runs has a tenth of a second to end, within which a busy machine does not always end it.
  for (const quiet of ["echo done", "yes | head -n 1", "cat <(echo x)", "sleep 0.02 & echo x", "set -eu; echo x"])
    await expect.poll(() => text(quiet)).not.toContain("still running");
  expect(await text("false || exit 7")).toBe("(no output)\n[exit code 7]");
  expect(await text("nonsense-word")).toContain("line 1: nonsense-word: command not found");
});

test.runIf(sandbox)("git is told to leave protected files out, and sees its repository", async () => {
  const folder = workspace();
  execFileSync("git", ["init", "-q"], { cwd: folder });
  execFileSync("git", ["add", "-A"], { cwd: folder });
  const policy = { approvals: "auto-safe", consent: "harmless" } as const;
  const { text } = await run(folder, { command: "git diff --cached" }, policy);
  expect(text).toContain("+be good");
  expect(text).not.toContain("KEY=");
  const hidden = await run(folder, { command: "for f in e; do git show :.${f}nv; done" }, policy);
  expect(hidden).toMatchObject({ isError: true });
  expect(hidden.text).not.toContain("KEY=");
});

test.runIf(sandbox)("under auto a command writes in the workspace only, protected paths left out", async () => {
  const folder = workspace();
  const policy = { approvals: "auto", consent: "mode" } as const;
  expect(await run(folder, { command: "echo b > b.txt; echo c >> a.txt; cat a.txt" }, policy)).toMatchObject({
    text: "a\nc",
    touches: [folder],
  });
  expect(readFileSync(join(folder, "b.txt"), "utf8")).toBe("b\n");
  const outside = join(tempFolder(), "x");
  expect((await run(folder, { command: `echo x > ${outside}` }, policy)).isError).toBe(true);
  expect(existsSync(outside)).toBe(false);
  for (const command of ["cat .e''nv", "echo x > .e''nv", "echo '{}' > .vsc''ode/tasks.json", "echo x > AGENTS.m''d"]) {
    expect((await run(folder, { command: command.replace("''", "$(echo)") }, policy)).isError, command).toBe(true);
  }
  expect((await run(folder, { command: greet() }, policy)).text).toMatch(/access "network"/);
  expect(readFileSync(join(folder, "AGENTS.md"), "utf8")).toBe("be good");
});

test.runIf(sandbox)("what decides what code runs is set aside when a command makes it", async () => {
  const folder = tempFolder({ "a.txt": "a" });
  const made = await run(
    folder,
    { command: "mkdir .vsco$(echo)de CLAUD$(echo)E.md" },
    { approvals: "auto", consent: "mode" },
  );
  expect(made.text).toMatch(/It made (\.vscode, CLAUDE\.md|CLAUDE\.md, \.vscode), which decides what code runs/);
  expect(readdirSync(folder).filter((name) => !name.includes(".set-aside-"))).toEqual(["a.txt"]);
});

test.runIf(sandbox)(
  "in a rehearsal what a person allows reaches what the job would, and no more unless it says so",
  async () => {
    const folder = workspace();
    const rehearsed = { consent: "person", rehearsed: true } as const;
    const asked = await run(folder, { command: greet() }, rehearsed);
    expect(asked.ask.reason).toMatch(
      /in the sandbox: it may write in the workspace, and reach what the job was granted$/,
    );
    expect(asked.isError).toBe(true);
    expect(asked.text).toMatch(/access "network"/);
    const named = await run(folder, { command: greet(), access: "network" }, rehearsed);
    expect(named.ask.effects!.map(({ kind }) => kind)).toEqual(["run", "connect"]);
    expect(named.text).toBe("hello from outside");
  },
);

test.runIf(sandbox)("who is asked is told where a command would run, and what they allow goes that far", async () => {
  const folder = workspace();
  const person = { consent: "person" } as const;
  const asked = await run(folder, { command: greet() }, person);
  expect(asked.ask.reason).toMatch(/; in the sandbox: it may write in the workspace and use the network$/);
  expect(asked.text).toBe("hello from outside");
  expect((await run(folder, { command: "cat .env" }, person)).text).toBe("KEY=secret");
  expect((await run(folder, { command: "cat .e$(echo)nv" }, person)).isError).toBe(true);
  const outside = join(tempFolder(), "x");
  const refused = await run(folder, { command: `echo x > ${outside}` }, person);
  expect(refused.text).toMatch(/call again with access "machine"/);
  const machine = await run(folder, { command: `echo x > ${outside}`, access: "machine" }, person);
  expect(machine.ask.reason).toMatch(/; outside of the sandbox$/);
  expect(readFileSync(outside, "utf8")).toBe("x\n");
});

test.runIf(sandbox)("under auto more than the sandbox gives is asked about", async () => {
  const folder = workspace();
  const policy = { approvals: "auto", consent: "mode" } as const;
  const verdict = async (access: string, ...hosts: string[]) => {
    const rules = hosts.map((host) => ({ allow: "network" as const, host }));
    const { ask } = await run(folder, { command: "true", access }, { ...policy, rules });
    const settings = { approvals: policy.approvals, rules };
    return decide(ask, { tool: "exec", workspace: folder, settings, grants: [], allowances: [], attended: true })
      .verdict;
  };
  expect(await verdict("machine", "*")).toBe("asked");
  expect(await verdict("network")).toBe("asked");
  expect(await verdict("network", "example.org")).toBe("asked");
  expect(await verdict("network", "*")).toBe("allowed");
  expect(await verdict("write")).toBe("allowed");
});

test.runIf(sandbox?.endsTree)("nothing outlives a command, in whatever session it hides", async () => {
  const folder = workspace();
  const policy = { approvals: "auto", consent: "mode" } as const;
  // What nobody else on this machine sleeps for.
  const sleep = `sleep 653.${process.pid}`;
  await run(folder, { command: `setsid ${sleep} > /dev/null 2>&1 < /dev/null & sleep 0.2` }, policy);
  expect(isRunning(sleep)).toBe(false);
  const slow = `setsid ${sleep} & ${sleep}`;
  expect((await run(folder, { command: slow, timeoutSeconds: 0.5 }, policy)).text).toMatch(/time limit/);
  expect(isRunning(sleep)).toBe(false);
});

test("a sandbox that is required and not there keeps commands from running", () => {
  const policy: CommandPolicy = { approvals: "auto", sandbox: "required", rules: [], grants: [], allowances: [] };
  expect(() => sandboxFor(policy, { reason: "none is known" })).toThrow(
    /"required", and there is no sandbox: none is known/,
  );
  expect(sandboxFor({ ...policy, sandbox: "auto" }, { reason: "none is known" })).toBeUndefined();
});

test.runIf(sandbox)("without the sandbox a command runs as ever", async () => {
  const folder = workspace();
  const off = await run(folder, { command: "cat .e$(echo)nv" }, { sandbox: "off", approvals: "auto", consent: "mode" });
  expect(off).toMatchObject({ text: "KEY=secret", ask: { reason: "runs echo, cat" } });
});

test.runIf(sandbox)("the state folder is hidden wherever it lies, and so is another project on the PATH", async () => {
  const folder = workspace();
  const away = tempFolder({
    "tools/state/token": "TOKEN",
    "tools/state/bin/helper": "#!/bin/sh\n",
    "tools/x.txt": "x",
  });
  const project = tempFolder({ "src/site/.git/HEAD": "", "src/site/notes.txt": "PRIVATE", "src/site/bin/tool": "" });
  const kit = tempFolder({ "kits/one/bin/tool": "", "kits/one/lib/part.txt": "PART" });
  mkdirSync(join(folder, "kept"));
  writeFileSync(join(folder, "kept", "token"), "TOKEN");
  for (const state of [join(away, "tools/state"), join(folder, "kept")]) protectState(state, () => [folder]);
  const path = process.env.PATH;
  const bins = [join(away, "tools/state/bin"), join(project, "src/site/bin"), join(kit, "kits/one/bin")];
  process.env.PATH = [...bins, path].join(delimiter);
  try {
    const policy = { approvals: "auto-safe", consent: "harmless" } as const;
    const seen = await run(
      folder,
      { command: `grep -r . kept; grep -r . ${away} ${project} ${kit}; ls ${bins.join(" ")}` },
      policy,
    );
    expect(seen.text).not.toMatch(/TOKEN|PRIVATE/);
    // What a program needs beside it is there.
    expect(seen.text).toContain("PART");
    expect(seen.text).toContain("helper");
    const named = await run(folder, { command: `cat ${join(away, "tools/state/token")}` }, policy);
    expect(named.ask).toMatchObject({ safe: false, protected: true });
  } finally {
    process.env.PATH = path;
  }
});
