import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { readUploads } from "../../src/browser/session/uploads.ts";
import { tempFolder } from "../tools/toolContext.ts";
import { posixTest } from "../posix.ts";

posixTest("a page gets no file that may hold secrets unless somebody said yes to it", async () => {
  const folder = tempFolder({ "a.txt": "a", "..cache/b.txt": "b", ".env": "KEY=1", "certs/id_rsa": "key" });
  symlinkSync(".env", join(folder, "plain"));
  const upload = (path: string, maySecrets: boolean) => readUploads(folder, [path], { maySecrets });
  expect((await upload("a.txt", false)).map((file) => file.name)).toEqual(["a.txt"]);
  expect((await upload("..cache/b.txt", false)).map((file) => file.name)).toEqual(["b.txt"]);
  for (const path of [".env", "plain", "certs/id_rsa", "./.env"]) {
    await expect(upload(path, false), path).rejects.toMatchObject({ code: "forbidden" });
    expect(await upload(path, true)).toHaveLength(1);
  }
});
