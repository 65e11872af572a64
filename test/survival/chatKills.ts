import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { createRandom } from "../random.ts";

/** The far end of a chat network, whose people write to a gateway that is killed. */
export interface KilledNetwork {
  /** As in openclaw.yml. */
  id: "telegram" | "discord";
  token: string;
  url: string;
  fileBytes: number;
  /** The port that the gateway is at; any by default. */
  port?: number;
  /** What else openclaw.yml says of it while the n-th process runs. */
  settings?(run: number): object;
  /** A person's number as openclaw.yml has it. */
  toId(person: number): string | number;
  say(person: number, text: string): void;
  /** Resolves when so many processes have asked who the bot is. */
  untilAsked(times: number): Promise<void>;
  /** What stands in a person's private chat, of what was sent with a sound. */
  texts(person: number): string[];
  files(person: number): Buffer[];
}

/** A gateway that runs, and asks it by REST; resolves with the text of its answer. */
export interface AfterKills {
  ask(path: string, body?: object): Promise<string>;
}

export const KILLS = Number(process.env["PINCER_KILLS"] ?? 1);
export const KILLS_MS = 120_000 + KILLS * 10_000;

const PEOPLE = Array.from({ length: 4 * (KILLS + 1) }, (_, at) => 1000 + at);
const IN_DOUBT = "The connection broke";

/**
 * Kills a gateway at moments between its first look at messages and its answers, and sees that over all of it each message has one run and
 * one answer, and each file is there once, or is said to be in doubt; and that the token is told nowhere.
 */
export async function killThrough(network: KilledNetwork): Promise<AfterKills> {
  const { id, token, url: apiRoot, toId, fileBytes, port = 0, settings } = network;
  const random = createRandom(KILLS);
  const state = mkdtempSync(join(tmpdir(), `pincer-${id}-`));
  onTestFinished(() => rmSync(state, { recursive: true, maxRetries: 5 }));
  const allow = PEOPLE.map(toId);
  const start = (run: number) => {
    const config = { model: "offline/demo", channels: { [id]: { token, allow, apiRoot, ...settings?.(run) } } };
    writeFileSync(join(state, "openclaw.yml"), JSON.stringify(config), { mode: 0o600 });
    const gateway = startGateway(["--state", state, "--port", String(port)]);
    onTestFinished(() => void gateway.child.kill("SIGKILL"));
    return gateway;
  };
  const path = join(state, "picture.bin");
  const data = randomBytes(fileBytes);
  writeFileSync(path, data);
  const call = (url: string, route: string, body?: object) =>
    fetch(`${url}${route}`, {
      headers: {
        Authorization: `Bearer ${readGatewayFile(state)!.token}`,
        ...(body ? { "content-type": "application/json" } : {}),
      },
      ...(body ? { method: "POST", body: JSON.stringify(body) } : {}),
    });
  const taken = new Set<number>();
  const sendFile = async (url: string, to: number) => {
    const { ok } = await call(url, "/api/channels/send", { channel: id, to: String(toId(to)), files: [path] });
    if (ok) taken.add(to);
  };
  for (let kill = 0; kill < KILLS; kill += 1) {
    const gateway = start(kill);
    const url = await gateway.serving;
    const people = PEOPLE.slice(4 * kill, 4 * kill + 4);
    // Who is killed meanwhile answers nobody.
    for (const person of people) void sendFile(url, person).catch(() => {});
    for (const person of people) network.say(person, `Message of ${person}`);
    // From the first look at messages to the answers: somewhere in between.
    await network.untilAsked(kill + 1);
    await setTimeout(random() * 1500);
    gateway.child.kill("SIGKILL");
    await gateway.ended;
  }
  const last = await start(KILLS).serving;
  for (const person of PEOPLE.slice(4 * KILLS)) network.say(person, `Message of ${person}`);
  const texts = (person: number) => network.texts(person).filter((text) => text !== "");
  const answers = (person: number) => texts(person).filter((text) => !text.startsWith(IN_DOUBT));
  const isDoubtful = (person: number) => texts(person).length > answers(person).length;
  const unanswered = () => PEOPLE.filter((person) => answers(person).length === 0 && !isDoubtful(person));
  const unsent = () => [...taken].filter((person) => network.files(person).length === 0 && !isDoubtful(person));
  await expect.poll(unanswered, { timeout: 60_000 }).toEqual([]);
  await expect.poll(unsent, { timeout: 60_000 }).toEqual([]);
  expect(PEOPLE.flatMap((person) => network.files(person)).every((file) => file.equals(data))).toBe(true);
  expect(PEOPLE.filter((person) => network.files(person).length > 1)).toEqual([]);
  const ask = async (route: string, body?: object) => {
    const answer = await call(last, route, body);
    if (!answer.ok) throw new Error(`${route}: ${answer.status}`);
    return answer.text();
  };
  const { runs } = JSON.parse(await ask("/api/runs/list?limit=500")) as { runs: { sessionKey: string }[] };
  const ran = runs.map(({ sessionKey }) => sessionKey).filter((key) => key.startsWith(`${id}-`));
  expect(ran.toSorted()).toEqual(PEOPLE.map((person) => `${id}-${toId(person)}`).toSorted());
  expect(PEOPLE.filter((person) => answers(person).length > 1)).toEqual([]);
  const told = [await ask("/api/channels/list"), await ask("/api/config/get"), await ask("/api/logs/tail?lines=500")];
  expect(told.join("\n")).not.toContain(token);
  expect(readFileSync(join(state, "pincer.db"), "latin1")).not.toContain(token);
  if (KILLS > 10) console.log(`${KILLS} kills: ${PEOPLE.filter(isDoubtful).length} of ${PEOPLE.length} in doubt`);
  return { ask };
}
