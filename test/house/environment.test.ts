import { realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
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
  };
  const own = { PATH: "/bin", HOME: "/home/me", TZ: "Asia/Kolkata", LANG: "C.UTF-8", NODE_OPTIONS: "--inspect" };
  const ours = { PINCER_SEED: "2", PINCER_SLOW_BROWSER: "6", PINCER_VSCODE_CACHE: "x", GIT_SSL_CAINFO: "x" };
  const env: NodeJS.ProcessEnv = { ...others, ...own, ...ours };
  leaveOthersOut(env);
  expect(env).toMatchObject({ ...own, ...ours });
  expect(Object.keys(others).filter((name) => name in env)).toEqual([]);
});

test("this very run goes by none of it", () => {
  const left = { ...process.env };
  leaveOthersOut(left);
  expect(Object.keys(process.env).filter((name) => !(name in left))).toEqual([]);
});

posixTest("the folder for temporary files is no link", () => {
  expect(process.env["TMPDIR"]).toBe(realpathSync(tmpdir()));
});
