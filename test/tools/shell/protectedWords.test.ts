import { expect, test } from "vitest";
import { protectedWord } from "../../../src/tools/shell/commandAsk.ts";
import { tempFolder } from "../toolContext.ts";

const said = (line: string, files: Record<string, string> = {}) =>
  protectedWord(line, tempFolder({ "src/a.ts": "", ...files }), { dialect: "posix" });

test.each([
  "cat vault.y*",
  "cat .bash_h*",
  "cat .my.c*",
  "cat *.tfv*",
  "cat .kub*/config",
  "rm .gitlab-c*",
  "cp x .circ*/config.yml",
  "cat .dock*/config.json",
  "cat .docker/*",
  "cat .config/g*/hosts.yml",
  "cat appsettings*.json",
  "rm jenkinsf*",
])("a pattern that stands for a kind of secret or setting is one: %s", async (line) => {
  expect(await said(line)).toContain("may stand for");
});

test.each([
  "cat /srv* /*/x",
  "npm test -- -t credentials",
  "git commit -m 'check kubeconfig'",
  "cat src/*.ts",
  "wc -l *.csv",
  "ls *",
  "cat *.toml",
  "rm dist/*",
  "cat a/b*/*.js R*",
  "ls *config* app* build* dev* service*",
  "cat *.config.* *config.js",
  "ls /tmp/* /* a//* src/*/ .d*/",
  "sed -e '/^#.*/d' -e '/[0-9]/p' a",
  "awk '/foo.*bar/ {print}' a",
])("what is only a word, or a pattern for much else, is none: %s", async (line) => {
  expect(await said(line)).toBeUndefined();
});

test("a word is a file's name where there is one, or where nobody knows", async () => {
  expect(await said("cat credentials", { credentials: "" })).toBe("credentials may hold secrets");
  expect(await said("cd sub && cat credentials", { "sub/credentials": "" })).toBe("credentials may hold secrets");
  for (const line of [
    "cd .. && cat credentials",
    "cd ~; cat credentials",
    "cd $X && cat credentials",
    "cd /x; cat credentials",
  ])
    expect([line, await said(line)]).toEqual([line, "credentials may hold secrets"]);
  for (const line of [
    "git show HEAD:credentials",
    "tar xOf a.tar credentials",
    "docker exec x cat kubeconfig",
    "sudo cat id_rsa",
    "npm exec -- docker exec x cat kubeconfig",
  ])
    expect([line, await said(line)]).toEqual([line, expect.stringContaining("may hold secrets")]);
  expect(await said("cp x jenkinsfile")).toContain("jenkinsfile");
});

test("a command of very many patterns is asked about", async () => {
  const line = `ls ${Array.from({ length: 2100 }, (_, at) => `src${at}*`).join(" ")}`;
  expect(await said(line)).toContain("2100 patterns");
});
