import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pincer } from "./pincer.ts";
import { posixTest } from "../posix.ts";

posixTest("bash completes verbs, their parts and their options", async () => {
  const folder = mkdtempSync(join(tmpdir(), "pincer-completion-"));
  const { stdout } = await pincer(["completion", "bash"], {});
  const script = join(folder, "pincer.bash");
  writeFileSync(script, stdout);
  const complete = (...words: string[]) => {
    const line = `source '${script}'; COMP_WORDS=(${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length - 1}; _pincer; echo "\${COMPREPLY[@]}"`;
    return execFileSync("bash", ["-c", line], { encoding: "utf8" }).trim();
  };
  expect(complete("pincer", "se")).toBe("send service sessions");
  expect(complete("pincer", "cron", "r")).toBe("remove run rehearse runs");
  expect(complete("pincer", "cron", "add", "--na")).toBe("--name");
  expect(complete("pincer", "send", "hello", "--sess")).toBe("--session");
  rmSync(folder, { recursive: true });
});

const zsh = ["/bin/zsh", "/usr/bin/zsh"].find((file) => existsSync(file));

test.skipIf(!zsh)("zsh completes the same, and says nothing else", async () => {
  const { stdout } = await pincer(["completion", "zsh"], {});
  const complete = (...words: string[]) => {
    const quoted = words.map((word) => `'${word}'`).join(" ");
    const set = `compadd() { print -l -- $next }; words=(${quoted}); CURRENT=${words.length}; _pincer`;
    // What it starts with in a shell without completion is left to that shell.
    const script = `compdef() { :; }\n${stdout}\n${set}`;
    return execFileSync(zsh!, ["-f", "-c", `${script} 2>&1`], { encoding: "utf8" })
      .trim()
      .split("\n");
  };
  expect(complete("pincer", "")).toContain("sessions");
  expect(complete("pincer", "cron", "r")).toEqual(expect.arrayContaining(["remove", "run", "update", "--help"]));
  expect(complete("pincer", "send", "hello there", "")).toContain("--session");
});

test("zsh, fish and PowerShell get scripts of their own", async () => {
  expect((await pincer(["completion", "zsh"], {})).stdout).toContain("compdef _pincer pincer");
  expect((await pincer(["completion", "powershell"], {})).stdout).toContain("  'cron add' = @('--name', ");
  const { stdout } = await pincer(["completion", "fish"], {});
  expect(stdout).toContain("complete -c pincer -f -n '__fish_use_subcommand' -a cron\n");
  expect(stdout).toContain(
    "complete -c pincer -f -n '__fish_seen_subcommand_from cron; and __fish_seen_subcommand_from add' -l every\n",
  );
  expect(await pincer(["completion", "tcsh"], {})).toMatchObject({ code: 2 });
});
