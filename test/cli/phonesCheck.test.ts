import { writeFileSync } from "node:fs";
import { join } from "node:path";
import selfsigned from "selfsigned";
import { expect, test } from "vitest";
import { phones } from "../../src/cli/doctor/phonesCheck.ts";
import type { Checkup } from "../../src/cli/doctor/check.ts";
import { tempFolder } from "../tools/toolContext.ts";

const DAY_MS = 86_400_000;

const look = async (gateway: object) => {
  const [finding] = await phones.run({ config: { gateway: { remote: "on", host: "0.0.0.0", ...gateway } } } as Checkup);
  return finding!;
};

test("the doctor says of a page for phones whether they trust its certificate, and why not", async () => {
  const folder = tempFolder();
  const make = async (name: string, options: { from?: number; to?: number; ca?: { key: string; cert: string } }) => {
    const pair = await selfsigned.generate([{ name: "commonName", value: name }], {
      keyType: "ec",
      notBeforeDate: new Date(Date.now() + (options.from ?? -1) * DAY_MS),
      notAfterDate: new Date(Date.now() + (options.to ?? 30) * DAY_MS),
      ...(options.ca ? { ca: options.ca } : {}),
    });
    const file = join(folder, `${name}.pem`);
    writeFileSync(file, pair.cert);
    return { file, key: pair.private, cert: pair.cert };
  };
  const own = await make("own", {});
  const of = async (cert: string) => look({ tls: { cert, key: "k.pem" } });
  expect((await of((await make("signed", { ca: own })).file)).level).toBe("ok");
  expect(await of(own.file)).toMatchObject({ level: "warning", text: expect.stringContaining("nobody else signed") });
  expect(await of((await make("old", { ca: own, from: -9, to: -2 })).file)).toMatchObject({
    level: "broken",
    text: expect.stringContaining("was good until"),
  });
  expect(await of((await make("early", { ca: own, from: 5 })).file)).toMatchObject({
    level: "broken",
    text: expect.stringContaining("is good from"),
  });
  const nowhere = join(folder, "nowhere.pem");
  expect(await of(nowhere)).toMatchObject({
    level: "broken",
    text: expect.stringContaining(`${nowhere} cannot be read (ENOENT)`),
  });
  writeFileSync(nowhere, "no certificate");
  expect(await of(nowhere)).toMatchObject({ level: "broken" });
  expect(await look({ tls: "selfSigned" })).toMatchObject({
    level: "warning",
    text: expect.stringMatching(/^a page is served at \/phone\/ while the gateway runs\. Phones do not trust/),
  });
  expect((await look({ remote: "off" })).level).toBe("ok");
  for (const wrong of [{}, { tls: "selfSigned", host: "127.0.0.1" }]) expect((await look(wrong)).level).toBe("broken");
});
