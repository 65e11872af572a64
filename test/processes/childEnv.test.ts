import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { childEnv } from "../../src/processes/childEnv.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { posixTest } from "../posix.ts";

test("only names that are known to be harmless pass", () => {
  const refused = {
    NODE_OPTIONS: "--require=x",
    LD_PRELOAD: "x",
    LD_LIBRARY_PATH: "x",
    DYLD_INSERT_LIBRARIES: "x",
    BASH_ENV: "x",
    ENV: "x",
    GIT_DIR: "x",
    GIT_EXTERNAL_DIFF: "x",
    GIT_SSH_COMMAND: "x",
    ANTHROPIC_API_KEY: "x",
    OPENAI_API_KEY: "x",
    GITHUB_TOKEN: "x",
    AWS_SECRET_ACCESS_KEY: "x",
    NPM_TOKEN: "x",
    PINCER_TOKEN: "x",
    PINCER_URL: "x",
    PYTHONPATH: "x",
    PYTHONSTARTUP: "x",
    PERL5OPT: "x",
    RUBYOPT: "x",
    RIPGREP_CONFIG_PATH: "x",
    PROMPT_COMMAND: "x",
    SHELLOPTS: "x",
    IFS: "x",
    ELECTRON_RUN_AS_NODE: "1",
    VSCODE_IPC_HOOK: "x",
    HTTPS_PROXY: "http://user:pass@proxy:8080",
  };
  const passed = {
    HOME: "/home/me",
    LC_ALL: "C.UTF-8",
    Path: "/usr/bin",
    HTTP_PROXY: "http://proxy:8080",
    GOPATH: "/go",
  };
  const env = childEnv("/ws", { ...refused, ...passed });
  expect(Object.keys(refused).filter((name) => env[name] === "x" || env[name]?.includes("pass"))).toEqual([]);
  expect(env).toMatchObject(passed);
});

posixTest("the path leads to nothing in the workspace", () => {
  const env = childEnv("/ws", { PATH: "/usr/bin:/ws/node_modules/.bin:.:bin::/ws:/wsx/bin:/usr/../ws/x" });
  expect(env.PATH).toBe("/usr/bin:/wsx/bin");
});

posixTest("git runs no monitor and no hook of the repository", () => {
  const folder = tempFolder({ "a.txt": "a", "run.sh": "#!/bin/sh\ntouch ran\n" });
  const git = (...args: string[]) =>
    execFileSync("git", args, { cwd: folder, env: childEnv(folder), stdio: "pipe" }).toString();
  git("init", "-q");
  execFileSync("sh", ["-c", "chmod +x run.sh; cp run.sh .git/hooks/pre-commit; cp run.sh .git/hooks/post-checkout"], {
    cwd: folder,
  });
  git("config", "--local", "core.fsmonitor", join(folder, "run.sh"));
  git("config", "--local", "core.hooksPath", ".git/hooks");
  git("add", "a.txt");
  git("-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "x");
  expect(git("status", "--short")).toBe("?? run.sh\n");
  expect(existsSync(join(folder, "ran"))).toBe(false);
});
