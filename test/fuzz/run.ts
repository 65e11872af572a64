import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readGatewayFile } from "../../src/config/stateFolder.ts";
import { pathsOf } from "../../src/gateway/http/apiEndpoints.ts";
import { routeTable } from "../../src/gateway/routes/routeTable.ts";
import { startGateway } from "../cli/gatewayProcess.ts";
import { fuzz } from "./fuzz.ts";

// npm run fuzz [-- COUNT [SEED]]: malformed requests against a gateway process; ends with 1 when anything is found.
const RSS_LIMIT_MB = 300;
const count = Number(process.argv[2] ?? 100_000);
const seed = Number(process.argv[3] ?? (Date.now() % 1_000_000) + 1);

const state = mkdtempSync(join(tmpdir(), "pincer-fuzz-"));
const gateway = startGateway(["--state", state, "--port", "0"]);
try {
  const url = await gateway.serving;
  const { token } = readGatewayFile(state)!;
  const paths = [
    ...routeTable.filter(({ name }) => name !== "gateway.token.rotate").flatMap((route) => pathsOf(route)),
    ...[
      "/health",
      "/openapi.json",
      "/ws",
      "/v1/models",
      "/v1/chat/completions",
      "/v1/responses",
      "/tools/invoke",
      "/mcp",
    ],
    "/nothing",
  ];
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, rssOf(gateway.child.pid!))), 500);
  const startedAt = Date.now();
  const report = await fuzz({ port: Number(new URL(url).port), token, paths, count, seed });
  clearInterval(watch);
  const alive = gateway.child.exitCode === null && (await fetch(`${url}/health`)).ok;
  const seconds = (Date.now() - startedAt) / 1000;
  console.log(
    JSON.stringify({ seed, sent: report.sent, seconds, byStatus: report.byStatus, alive, peakRssMb: peak }, null, 2),
  );
  for (const { request, answer } of report.findings) console.log(`--- request\n${request}\n--- answer\n${answer}\n`);
  if (report.findings.length > 0 || !alive || peak > RSS_LIMIT_MB) process.exitCode = 1;
  console.log(process.exitCode === 1 ? "Something was found." : "Nothing was found.");
} finally {
  gateway.child.kill("SIGKILL");
  await gateway.ended;
  rmSync(state, { recursive: true, force: true });
}

/** Resident memory of a process in MB; 0 where the system does not tell. */
function rssOf(pid: number): number {
  try {
    return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}
