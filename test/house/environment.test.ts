import { spawnSync } from "node:child_process";
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { realPath } from "../../src/base/files/realPath.ts";
import { childEnv } from "../../src/processes/childEnv.ts";
import { leaveOthersOut } from "../environment.ts";
import { posixTest } from "../posix.ts";

test("tests go by nothing that somebody has set for the programs of their own", () => {
  const others = {
    ANTHROPIC_API_KEY: "x",
    ANTHROPIC_AUTH_TOKEN: "x",
    ANTHROPIC_BASE_URL: "x",
    OPENAI_API_KEY: "x",
    GOOGLE_API_KEY: "x",
    TELEGRAM_BOT_TOKEN: "x",
    PINCER_HOME: "/home/me/.pincer",
    PINCER_URL: "x",
    PINCER_TOKEN: "x",
    OPENCLAW_GATEWAY_TOKEN: "x",
    http_proxy: "x",
    HTTPS_PROXY: "x",
    no_proxy: "x",
    NODE_USE_ENV_PROXY: "1",
    GIT_DIR: "/home/me/project/.git",
    GIT_INDEX_FILE: ".git/index.lock",
    GIT_CONFIG_COUNT: "1",
    VSCODE_IPC_HOOK_CLI: "x",
    ELECTRON_RUN_AS_NODE: "1",
    LC_ALL: "tr_TR.UTF-8",
    XDG_CONFIG_HOME: "/home/me/.config",
  };
  const own = { PATH: "/bin", TZ: "Asia/Kolkata", LANG: "C.UTF-8", NODE_OPTIONS: "--inspect" };
  const ours = { PINCER_SEED: "2", PINCER_SLOW_BROWSER: "6", PINCER_VSCODE_CACHE: "x", GIT_SSL_CAINFO: "x" };
  const env: NodeJS.ProcessEnv = { ...others, ...own, ...ours, HOME: "/home/me" };
  leaveOthersOut(env);
  expect(env).toMatchObject({ ...own, ...ours });
  expect(Object.keys(others).filter((name) => name in env)).toEqual([]);
});

test("what is set for git in a home is none of the tests': theirs is of their own, for what Pincer starts as well", () => {
  const show = (env: NodeJS.ProcessEnv) => {
    const options = { env, encoding: "utf8" as const, stdio: "pipe" as const };
    return spawnSync("git", ["config", "--global", "--list"], options).stdout;
  };
  const home = realPath(mkdtempSync(join(tmpdir(), "pincer-home-")));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  writeFileSync(join(home, ".gitconfig"), "[commit]\n\tgpgSign = true\n");
  const env = { ...process.env, HOME: home };
  expect(show(childEnv(home, env))).toContain("commit.gpgsign=true");
  leaveOthersOut(env);
  for (const one of [env, childEnv(home, env), childEnv(home)]) expect(show(one)).toBe("");
});

test("this very run goes by none of it", () => {
  const left = { ...process.env };
  leaveOthersOut(left);
  expect(Object.keys(process.env).filter((name) => !(name in left))).toEqual([]);
});

posixTest("what tests make has the rights that it mostly has, whatever the umask of whoever runs them", () => {
  expect(process.umask()).toBe(0o022);
});

posixTest("the folder for temporary files is no link", () => {
  expect(process.env["TMPDIR"]).toBe(realpathSync(tmpdir()));
});
