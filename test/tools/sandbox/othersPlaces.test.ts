import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { expect, test } from "vitest";
import { protectState } from "../../../src/rules/protectedState.ts";
import { childEnv } from "../../../src/processes/childEnv.ts";
import { bubblewrap, trial } from "../../../src/tools/sandbox/bubblewrap.ts";
import { findSandbox } from "../../../src/tools/sandbox/findSandbox.ts";
import { tempFolder } from "../toolContext.ts";

const { sandbox } = await findSandbox();

/** Whether bubblewrap does its work on this machine, asked of it and not of ours. */
function bubblewrapWorks(): boolean {
  try {
    const { file, args } = trial("/usr/bin/bwrap", {});
    execFileSync(file, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

// Without this, all tests of the sandbox would be left out and nobody would notice.
test.runIf(bubblewrapWorks())("a bubblewrap that works is found", () => {
  expect(sandbox?.kind).toBe("bubblewrap");
});

const isReadable = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

test.runIf(sandbox?.kind === "bubblewrap")(
  "nothing of a home folder but tools' programs is seen, nor the passwords of the system, nor has root its rights",
  async () => {
    const folder = tempFolder({ "a.txt": "a\n" });
    const env = childEnv(folder);
    const line = `cat /etc/shadow /etc/gshadow; grep ^CapEff: /proc/self/status; for d in /*/; do ls -A1 $d 2>/dev/null | sed "s,^,$d,"; done; ls -A1 ${homedir()} | sed s,^,home:,`;
    const program = { file: "/bin/sh", args: ["-c", line] };
    const base = { workspace: folder, network: "none", hidden: [], fixed: [], pinned: [] } as const;
    for (const strength of ["reading", "working"] as const) {
      const confined = await sandbox!.confine(program, { ...base, hidden: [], fixed: [], pinned: [], strength }, env);
      let text: string;
      try {
        text = execFileSync(confined.file, confined.args, {
          env,
          encoding: "utf8",
          stdio: ["ignore", "pipe", "ignore"],
        });
      } catch (error) {
        text = String((error as { stdout: string }).stdout);
      }
      if (isReadable("/etc/shadow")) expect(text).not.toMatch(/^root:/m);
      expect(text).toContain("CapEff:\t0000000000000000");
      const files = readdirSync(homedir(), { withFileTypes: true }).filter((entry) => entry.isFile());
      const seen = text.split("\n");
      expect(files.filter(({ name }) => seen.includes(`home:${name}`)).map(({ name }) => name)).toEqual([]);
    }
  },
);

test.each(["reading", "working"] as const)(
  "the passwords of the system are hidden, whoever may read them (%s)",
  async (strength) => {
    const there = ["/etc/shadow", "/etc/gshadow"].filter((file) => existsSync(file));
    const confinement = { network: "none", hidden: [], fixed: [], pinned: [], strength } as const;
    const { args } = await bubblewrap("/usr/bin/bwrap").confine(
      { file: "/bin/true", args: [] },
      { ...confinement, hidden: [], fixed: [], pinned: [], workspace: tempFolder({ "a.txt": "" }) },
      { HOME: "/nowhere", PATH: `/usr/bin:/${strength}` },
    );
    const covered = there.map((file) => args.slice(args.indexOf(file) - 2, args.indexOf(file)));
    expect(covered).toEqual(there.map(() => ["--ro-bind", "/dev/null"]));
  },
);

test("a state folder is hidden, wherever it lies", async () => {
  const [workspace, state] = [tempFolder({ "a.txt": "" }), tempFolder({ token: "secret" })];
  protectState(state, () => []);
  const base = { workspace, network: "none", hidden: [], fixed: [], pinned: [] } as const;
  for (const strength of ["reading", "working"] as const) {
    const { args } = await bubblewrap("/usr/bin/bwrap").confine(
      { file: "/bin/true", args: [] },
      { ...base, hidden: [], fixed: [], pinned: [], strength },
      { HOME: "/nowhere", PATH: `/usr/bin:/${strength}` },
    );
    expect(args[args.indexOf(state) - 1], strength).toBe("--tmpfs");
  }
});
