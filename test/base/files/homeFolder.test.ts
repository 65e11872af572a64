import { homedir } from "node:os";
import { parse, resolve } from "node:path";
import { expect, test } from "vitest";
import { accountHome, homeFolder } from "../../../src/base/files/homeFolder.ts";
import { findStateDir } from "../../../src/config/stateFolder.ts";
import { posixTest } from "../../posix.ts";

const root = parse(process.cwd()).root;
const account = resolve("/srv/account");

test("the home folder is what the environment names, as Node.js has it", () => {
  expect(homeFolder()).toBe(homedir());
  expect(homeFolder({ HOME: resolve("/srv/me"), USERPROFILE: resolve("/srv/me") })).toBe(resolve("/srv/me"));
});

test.each<[string, NodeJS.ProcessEnv]>([
  ["no HOME", {}],
  ["an empty one", { HOME: "", USERPROFILE: "" }],
  ["one of whatever folder is the current one", { HOME: ".", USERPROFILE: "." }],
])("%s: it is what the system knows of the account, and the root for one that it does not know", (_, env) => {
  expect(homeFolder(env, () => account)).toBe(account);
  expect(homeFolder(env, () => "")).toBe(root);
});

posixTest("whoever has an empty HOME has the state folder in the account's home all the same", () => {
  const before = process.env["HOME"];
  try {
    for (const home of ["", "."]) {
      process.env["HOME"] = home;
      expect(findStateDir({})).toBe(resolve(accountHome(), ".pincer"));
      expect(findStateDir({ PINCER_HOME: "/srv/pincer" })).toBe("/srv/pincer");
    }
  } finally {
    if (before === undefined) delete process.env["HOME"];
    else process.env["HOME"] = before;
  }
});
