import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openSecrets } from "../../src/config/secrets.ts";
import {
  findStateDir,
  makeStateFolder,
  readGatewayFile,
  readOrMakeToken,
  removeGatewayFile,
  rotateToken,
  writeGatewayFile,
} from "../../src/config/stateFolder.ts";
import { expectMode, posixTest } from "../posix.ts";

let parent: string;
let stateDir: string;
beforeEach(() => {
  parent = mkdtempSync(join(tmpdir(), "pincer-state-"));
  stateDir = join(parent, "home");
  makeStateFolder(stateDir);
});
afterEach(() => rmSync(parent, { recursive: true }));

describe("the state folder", () => {
  test("is PINCER_HOME, else ~/.pincer, and nobody else's", async () => {
    expect(findStateDir({ PINCER_HOME: resolve("/srv/pincer") })).toBe(resolve("/srv/pincer"));
    for (const blank of ["", "  "]) expect(findStateDir({ PINCER_HOME: blank })).toMatch(/[/\\]\.pincer$/);
    expectMode(stateDir, 0o700);
  });

  test.each(["~/pincer", "pincer", "./pincer"])("is one, wherever processes start: %j is refused", (wanted) => {
    expect(() => findStateDir({ PINCER_HOME: wanted })).toThrow(`PINCER_HOME is "${wanted}", which is no whole path`);
    expect(() => makeStateFolder(wanted)).toThrow(`The state folder "${wanted}" is no whole path`);
    expect(existsSync(wanted)).toBe(false);
  });

  test("keeps how to reach the gateway", async () => {
    const gateway = {
      url: "http://127.0.0.1:3000",
      pid: 7,
      started: "2026-11-22T00:00:00.000Z",
      token: "secret",
      version: "1.0.0",
      nonce: "one",
    };
    expect(readGatewayFile(stateDir)).toBeUndefined();
    await writeGatewayFile(stateDir, gateway);
    expect(readGatewayFile(stateDir)).toEqual(gateway);
    expectMode(join(stateDir, "gateway.json"), 0o600);
    await removeGatewayFile(stateDir, "another");
    expect(readGatewayFile(stateDir)).toEqual(gateway);
    await removeGatewayFile(stateDir, "one");
    expect(readdirSync(stateDir)).toEqual([]);
  });

  test.each(["", "{", "null", '{"url": 1}'])("makes nothing of a gateway.json that says %j", (text) => {
    writeFileSync(join(stateDir, "gateway.json"), text, { mode: 0o600 });
    expect(readGatewayFile(stateDir)).toBeUndefined();
  });

  test("makes a token of 32 random bytes once, and another when asked", async () => {
    const token = await readOrMakeToken(stateDir);
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(await readOrMakeToken(stateDir)).toBe(token);
    expectMode(join(stateDir, "token"), 0o600);
    expect(await rotateToken(stateDir)).not.toBe(token);
    expect(await readOrMakeToken(stateDir)).not.toBe(token);
  });

  posixTest("names what lies in the place of a file or folder, and waits for no pipe", async () => {
    const gateway = join(stateDir, "gateway.json");
    mkdirSync(gateway);
    expect(() => readGatewayFile(stateDir)).toThrow("gateway.json could not be read: there is a folder of that name");
    rmSync(gateway, { recursive: true });
    execFileSync("mkfifo", ["-m", "600", gateway]);
    expect(() => readGatewayFile(stateDir)).toThrow("gateway.json could not be read: it is no regular file");
    const logs = join(stateDir, "logs");
    writeFileSync(logs, "");
    expect(() => makeStateFolder(logs)).toThrow("logs could not be written: there is a file of that name");
    expect(() => makeStateFolder(join(logs, "x"))).toThrow("x could not be written: a part of it is a file");
  });

  test("reads what editors of Windows save: a byte order mark, UTF-16, ends of lines", async () => {
    const token = "0123456789abcdefghijklmnopqrstuvwxyz";
    const forms = [`\uFEFF${token}`, `${token}\r\n`].map((text) => Buffer.from(text));
    for (const bytes of [...forms, Buffer.from(`\uFEFF${token}\r\n`, "utf16le")]) {
      writeFileSync(join(stateDir, "token"), bytes, { mode: 0o600 });
      expect(await readOrMakeToken(stateDir)).toBe(token);
    }
    writeFileSync(join(stateDir, "secrets.json"), Buffer.from('\uFEFF{"a": "ä"}', "utf16le"), { mode: 0o600 });
    expect(openSecrets(stateDir).get("a")).toBe("ä");
  });

  posixTest("leaves links what they are, and says where one leads that leads nowhere", async () => {
    const dotfiles = join(parent, "dotfiles");
    mkdirSync(dotfiles);
    writeFileSync(join(dotfiles, "secrets.json"), '{"a": "1"}', { mode: 0o600 });
    symlinkSync(join(dotfiles, "secrets.json"), join(stateDir, "secrets.json"));
    await openSecrets(stateDir).set("b", "2");
    expect(JSON.parse(readFileSync(join(dotfiles, "secrets.json"), "utf8"))).toEqual({ a: "1", b: "2" });
    expect(readlinkSync(join(stateDir, "secrets.json"))).toBe(join(dotfiles, "secrets.json"));

    rmSync(dotfiles, { recursive: true });
    const away = `secrets.json is a link to ${join(dotfiles, "secrets.json")}, which is not there`;
    expect(() => openSecrets(stateDir).get("a")).toThrow(away);
    await expect(openSecrets(stateDir).set("c", "3")).rejects.toThrow(away);
    symlinkSync("away", join(parent, "link"));
    expect(() => makeStateFolder(join(parent, "link"))).toThrow("link is a link to away, which is not there");
  });

  posixTest("refuses a token that others can read", async () => {
    await readOrMakeToken(stateDir);
    chmodSync(join(stateDir, "token"), 0o644);
    await expect(readOrMakeToken(stateDir)).rejects.toThrow(/others can read it \(mode 644\); run: chmod 600/);
  });
});

describe("secrets", () => {
  test("are kept, changed and removed", async () => {
    const secrets = openSecrets(stateDir);
    expect(secrets.get("anthropic.apiKey")).toBeUndefined();
    await secrets.set("anthropic.apiKey", "one");
    await secrets.set("openai.apiKey", "two");
    await secrets.set("__proto__", "three");
    expect(openSecrets(stateDir).get("anthropic.apiKey")).toBe("one");
    await secrets.delete("anthropic.apiKey");
    expect(secrets.names()).toEqual(["openai.apiKey", "__proto__"]);
    expectMode(join(stateDir, "secrets.json"), 0o600);
    expect(readdirSync(stateDir)).toEqual(["secrets.json"]);
  });

  posixTest("that others can read are refused, and so is what is no object of texts", async () => {
    const path = join(stateDir, "secrets.json");
    writeFileSync(path, '{"a": 1}', { mode: 0o600 });
    expect(() => openSecrets(stateDir).get("a")).toThrow(/must hold a JSON object of texts/);
    openSecrets(stateDir);
    chmodSync(path, 0o640);
    await expect(openSecrets(stateDir).set("a", "b")).rejects.toThrow(/mode 640/);
    expect(readFileSync(path, "utf8")).toBe('{"a": 1}');
  });
});
