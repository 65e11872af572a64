import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { startTelegramServer } from "../fakes/telegramServer.ts";
import { posixTest } from "../posix.ts";

const KILLS = Number(process.env["PINCER_KILLS"] ?? 1);
const PEOPLE = Array.from({ length: 4 * (KILLS + 1) }, (_, at) => 1000 + at);

posixTest(
  "over kill -9 of the gateway each message of Telegram is answered once, and each file sent once, or said to be in doubt; its token is told nowhere",
  { timeout: 120_000 + KILLS * 10_000 },
  async () => {
    const telegram = await startTelegramServer();
    onTestFinished(() => telegram.close());
    const state = mkdtempSync(join(tmpdir(), "pincer-telegram-"));
    onTestFinished(() => rmSync(state, { recursive: true, maxRetries: 5 }));
    const config = {
      model: "offline/demo",
      channels: { telegram: { token: telegram.token, allow: PEOPLE, apiRoot: telegram.url } },
    };
    writeFileSync(join(state, "openclaw.yml"), JSON.stringify(config), { mode: 0o600 });
    const start = () => {
      const gateway = startGateway(["--state", state, "--port", "0"]);
      onTestFinished(() => void gateway.child.kill("SIGKILL"));
      return gateway;
    };
    const path = join(state, "picture.bin");
    const data = randomBytes(3_000_000);
    writeFileSync(path, data);
    const taken = new Set<number>();
    const sendFile = async (url: string, to: number) => {
      const { ok } = await fetch(`${url}/api/channels/send`, {
        method: "POST",
        headers: { Authorization: `Bearer ${readGatewayFile(state)!.token}`, "content-type": "application/json" },
        body: JSON.stringify({ channel: "telegram", to: String(to), files: [path] }),
      });
      if (ok) taken.add(to);
    };
    for (let kill = 0; kill < KILLS; kill += 1) {
      const gateway = start();
      const url = await gateway.serving;
      // Who is killed meanwhile answers nobody.
      for (const person of PEOPLE.slice(4 * kill, 4 * kill + 4)) void sendFile(url, person).catch(() => {});
      for (const person of PEOPLE.slice(4 * kill, 4 * kill + 4)) telegram.say(person, `Message of ${person}`);
      // From the first look at messages to the answers: somewhere in between.
      await telegram.untilCall("getMe", kill + 1);
      await setTimeout(Math.random() * 1500);
      gateway.child.kill("SIGKILL");
      await gateway.ended;
    }
    const last = start();
    const url = await last.serving;
    for (const person of PEOPLE.slice(4 * KILLS)) telegram.say(person, `Message of ${person}`);
    const texts = (person: number) => telegram.texts(person).filter((text) => text !== "");
    const answers = (person: number) => texts(person).filter((text) => !text.startsWith("The connection broke"));
    const isDoubtful = (person: number) => texts(person).length > answers(person).length;
    const filesOf = (person: number) =>
      telegram.sent.flatMap(({ chat, file }) => (chat === person && file ? file : []));
    await expect
      .poll(() => PEOPLE.filter((person) => answers(person).length === 0 && !isDoubtful(person)), { timeout: 60_000 })
      .toEqual([]);
    await expect
      .poll(() => [...taken].filter((person) => filesOf(person).length === 0 && !isDoubtful(person)), {
        timeout: 60_000,
      })
      .toEqual([]);
    expect(PEOPLE.flatMap(filesOf).every((file) => file.data.equals(data))).toBe(true);
    expect(PEOPLE.filter((person) => filesOf(person).length > 1)).toEqual([]);
    const { token } = readGatewayFile(state)!;
    const ask = async (path: string) =>
      (await fetch(`${url}${path}`, { headers: { Authorization: `Bearer ${token}` } })).text();
    const runs = JSON.parse(await ask("/api/runs/list?limit=500")) as { runs: { sessionKey: string }[] };
    const ran = runs.runs.map(({ sessionKey }) => sessionKey).filter((key) => key.startsWith("telegram-"));
    expect(ran.toSorted()).toEqual(PEOPLE.map((person) => `telegram-${person}`).toSorted());
    expect(PEOPLE.filter((person) => answers(person).length > 1)).toEqual([]);
    const begun = telegram.calls.filter(({ method }) => method === "getMe").length;
    telegram.webhook = "https://elsewhere.example/hook";
    const anew = await fetch(`${url}/api/channels/restart`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ channel: "telegram", deleteWebhook: true }),
    });
    expect(anew.status).toBe(200);
    await telegram.untilCall("deleteWebhook");
    await telegram.untilCall("getMe", begun + 1);
    const told = [await ask("/api/channels/list"), await ask("/api/config/get"), await ask("/api/logs/tail?lines=500")];
    expect(told.join("\n")).not.toContain(telegram.token);
    expect(readFileSync(join(state, "pincer.db"), "latin1")).not.toContain(telegram.token);
    if (KILLS > 10) console.log(`${KILLS} kills: ${PEOPLE.filter(isDoubtful).length} of ${PEOPLE.length} in doubt`);
  },
);
