import { connect } from "node:net";
import { createDice, type Dice, toRequestBytes } from "./malformed.ts";

export interface FuzzOptions {
  port: number;
  token: string;
  paths: string[];
  count: number;
  seed: number;
  /** Requests under way at once. */
  parallel?: number;
}

export interface FuzzReport {
  sent: number;
  byStatus: Record<string, number>;
  /** Requests that were answered as none may be, or not at all in time. */
  findings: { request: string; answer: string }[];
}

const PATIENCE_MS = 15_000;
const MOST_FINDINGS = 20;

/** Sends malformed requests on sockets of their own and notes every answer that must not be. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const { port, token, paths, count, seed, parallel = 32 } = options;
  const dice = createDice(seed);
  const report: FuzzReport = { sent: 0, byStatus: {}, findings: [] };
  const worker = async (): Promise<void> => {
    while (report.sent < count) {
      report.sent += 1;
      await sendOne(dice, { port, token, paths }, report);
    }
  };
  await Promise.all(Array.from({ length: parallel }, worker));
  return report;
}

async function sendOne(dice: Dice, options: Pick<FuzzOptions, "port" | "token" | "paths">, report: FuzzReport) {
  const { port, token, paths } = options;
  const bytes = toRequestBytes(dice, paths, { host: `127.0.0.1:${port}`, token });
  const answer = await exchange(port, bytes);
  // A 100 only invites the body: what counts comes after it.
  const status = /^(?:HTTP\/1\.1 100 Continue\r\n\r\n)?HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? answer.slice(0, 20);
  report.byStatus[status] = (report.byStatus[status] ?? 0) + 1;
  if (isFinding(answer, status, token) && report.findings.length < MOST_FINDINGS)
    report.findings.push({ request: bytes.toString("latin1").slice(0, 1000), answer: answer.slice(0, 1000) });
}

function isFinding(answer: string, status: string, token: string): boolean {
  if (status === "silence") return true;
  if (answer.includes(token) || /\n\s+at .+:\d+:\d+|node_modules|\/src\/gateway/.test(answer)) return true;
  // OpenClaw's own answer to a session that is not there.
  if (status === "500") return !answer.includes('"message":"tool execution failed"');
  return status.startsWith("5") && status !== "503";
}

/** What came back until the other side closed; "closed" for nothing, "silence" when it never did. */
function exchange(port: number, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    let text = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(bytes));
    const done = (answer: string) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => done("silence"), PATIENCE_MS);
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      // An event stream goes on until somebody leaves.
      if (text.includes("text/event-stream")) done(text);
    });
    socket.on("error", () => done(text || "closed"));
    socket.on("close", () => done(text || "closed"));
  });
}
